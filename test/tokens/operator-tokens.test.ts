// Tokens of operators and partners: what they carry, what they are good for, and how they end.
import { decodeJwt, decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { type OperatorScope, operatorScopes } from "../../src/tokens/scopes.ts";
import { minute, refusal, refusalCode } from "../sessions/setup.ts";
import { lifetimesMs, type TokenHouse, tokenHouse } from "./other-kinds.ts";
import { ecRing, forge } from "./setup.ts";

let house: TokenHouse;
beforeEach(() => {
  house = tokenHouse();
});

const issue = (kind: "operator" | "partner", scopes?: readonly OperatorScope[]) => {
  const request = { name: "Ada", ...(scopes === undefined ? {} : { scopes }) };
  return kind === "operator" ? house.tokens.issueOperatorToken(request) : house.tokens.issuePartnerToken(request);
};
const verify = (token: string, scope: OperatorScope = "status:read") => house.tokens.verifyOperatorToken(token, scope);

describe.each(["operator", "partner"] as const)("a token for %s", (kind) => {
  it("carries its holder's name and scopes, and nothing else", async () => {
    const token = await issue(kind, ["bans:write", "status:read", "bans:write"]);
    const now = house.clock.now();
    expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", typ: `${kind}+jwt`, kid: ecRing.current.kid });
    expect(decodeJwt(token)).toEqual({
      iss: expect.any(String),
      aud: kind,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: now / 1000,
      exp: (now + lifetimesMs[kind]) / 1000,
      name: "Ada",
      scopes: ["status:read", "bans:write"],
    });
    expect(await verify(token)).toEqual({
      kind,
      name: "Ada",
      scopes: ["status:read", "bans:write"],
      tokenId: decodeJwt(token).jti,
      expiresAt: now + lifetimesMs[kind],
    });
  });

  it("S58 is good for its scopes and no other", async () => {
    for (const given of operatorScopes) {
      const token = await issue(kind, [given]);
      for (const asked of operatorScopes) {
        if (asked === given) expect((await verify(token, asked)).scopes).toEqual([given]);
        else expect(await refusal(verify(token, asked))).toMatchObject({ code: "FORBIDDEN", status: 403 });
      }
    }
  });

  it("has all scopes where none is named", async () => {
    const token = await issue(kind);
    for (const scope of operatorScopes) expect((await verify(token, scope)).scopes).toEqual(operatorScopes);
  });

  it("S58 ends at its end", async () => {
    const token = await issue(kind);
    await house.clock.advance(Math.min(lifetimesMs[kind], 2_880 * minute) - 1);
    expect(await verify(token)).toBeDefined();
    const { exp = 0 } = decodeJwt(token);
    const late = { ...house.clock, now: () => exp * 1000 };
    const verifier = tokenHouse(Object.assign(Object.create(house.clock), late), house.store);
    expect(await refusal(verifier.tokens.verifyOperatorToken(token, "status:read"))).toMatchObject({
      code: "TOKEN_EXPIRED",
      status: 401,
    });
  });

  it("S58 is dead on every process once it is revoked, by itself or by its id", async () => {
    const [one, two, other] = [await issue(kind), await issue(kind), await issue(kind)];
    const peer = house.peer();
    for (const token of [one, two]) expect(await peer.tokens.verifyOperatorToken(token, "status:read")).toBeDefined();
    expect(await house.tokens.revoke(one)).toBe(true);
    expect(await house.tokens.revoke(decodeJwt(two).jti ?? "")).toBe(true);
    for (const token of [one, two]) {
      for (const { tokens } of [house, peer]) {
        const error = await refusal(tokens.verifyOperatorToken(token, "status:read"));
        expect(error).toMatchObject({ code: "TOKEN_INVALID", status: 401 });
      }
      expect(await house.tokens.revoke(token)).toBe(false);
    }
    expect(await verify(other)).toBeDefined();
  });

  it("is refused where its claims are not what we write", async () => {
    const good = decodeJwt(await issue(kind));
    const header = { alg: "ES256", typ: `${kind}+jwt`, kid: ecRing.current.kid };
    const made = (changes: object) => forge(header, { ...good, ...changes }, ecRing.current.privateKey);
    expect(await verify(made({}))).toBeDefined();
    for (const changes of [
      { scopes: undefined },
      { scopes: "status:read" },
      { scopes: [7] },
      { scopes: null },
      { name: undefined },
      { name: "" },
      { name: 7 },
    ])
      expect(await refusalCode(verify(made(changes)))).toBe("TOKEN_INVALID");
    // A scope that a later version knows is none here, and does no harm.
    const later = await verify(made({ scopes: ["status:read", "worlds:end", "__proto__"] }));
    expect(later.scopes).toEqual(["status:read"]);
    expect(await refusalCode(verify(made({ scopes: ["*"] })))).toBe("FORBIDDEN");
  });

  it.each([undefined, null, 7, "", " ", "x".repeat(65), "a\nb", "a\u202eb", {}])(
    "is for somebody with a name, not %j",
    async (name) => {
      const request = { name } as { name: string };
      const call =
        kind === "operator" ? house.tokens.issueOperatorToken(request) : house.tokens.issuePartnerToken(request);
      await expect(call).rejects.toThrow(/^name: expected 1 to 64 characters/);
    },
  );

  it.each([[], ["*"], ["status:write"], "status:read", null, 7, [undefined]])(
    "is for scopes that there are, not %j",
    async (scopes) => {
      const request = { name: "Ada", scopes: scopes as OperatorScope[] };
      await expect(house.tokens.issueOperatorToken(request)).rejects.toThrow(/^scopes: expected one or more of status/);
    },
  );
});

describe("revoking", () => {
  it("refuses what is no token of these, and says so", async () => {
    const player = await house.jwt.sign({ typ: "at+jwt", audiences: ["game"], rememberIssued: true }, "game", {
      id: "t",
      issuedAt: house.clock.now(),
      expiresAt: house.clock.now() + minute,
      claims: {},
    });
    for (const token of [player, "a.b.c", `${await issue("operator")}x`])
      expect(await refusalCode(house.tokens.revoke(token))).toBe("TOKEN_INVALID");
    for (const wrong of ["", "a b", "x".repeat(129), undefined, 7, null])
      await expect(house.tokens.revoke(wrong as string)).rejects.toThrow(TypeError);
  });

  it("has nothing to do for a token that has ended", async () => {
    const token = await issue("operator");
    await house.clock.advance(lifetimesMs.operator);
    expect(await house.tokens.revoke(token)).toBe(false);
  });

  it("and checking fail loudly while the store is out of reach", async () => {
    const token = await issue("operator");
    const outage = async () => {
      throw new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
    };
    const { access } = house.store;
    const store = {
      ...house.store,
      access: Object.assign(Object.create(access), { revokeToken: outage, isTokenRevoked: outage }),
    };
    const { tokens } = tokenHouse(house.clock, store);
    expect(await refusalCode(tokens.revoke(token))).toBe("STORE_UNAVAILABLE");
    expect(await refusalCode(tokens.verifyOperatorToken(token, "status:read"))).toBe("STORE_UNAVAILABLE");
  });
});
