// Each way to forge, alter or misuse a token.
import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type TokenKind, tokenKinds } from "../../src/tokens/jwt.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import { Issuer, newIssuerKey } from "../accounts/issuer.ts";
import { issuer, refusal, refusalCode } from "../sessions/setup.ts";
import {
  base64url,
  claims,
  content,
  ecRing,
  forge,
  fresh,
  player,
  rsaHeader,
  rsaRing,
  signer,
  signerOf,
  ticket,
} from "./setup.ts";

describe("S01 a token whose algorithm its key does not have is refused", () => {
  it("none, in every spelling", async () => {
    for (const alg of ["none", "None", "NONE", ""]) {
      const unsigned = `${base64url({ ...rsaHeader, alg })}.${base64url(claims())}.`;
      expect(await refusalCode(fresh().verify(player, unsigned))).toBe("TOKEN_INVALID");
      expect(await refusalCode(fresh().verify(player, forge({ ...rsaHeader, alg }, claims())))).toBe("TOKEN_INVALID");
    }
  });

  it("HS256 with the public key as secret", async () => {
    const { publicKey } = rsaRing.current;
    const secrets = [
      publicKey.export({ format: "pem", type: "spki" }),
      publicKey.export({ format: "der", type: "spki" }),
      JSON.stringify(rsaRing.jwks().keys[0]),
    ];
    for (const secret of secrets) {
      const input = `${base64url({ ...rsaHeader, alg: "HS256" })}.${base64url(claims())}`;
      const token = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
      expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
    }
  });

  it("a stronger algorithm of the same key", async () => {
    const input = `${base64url({ ...rsaHeader, alg: "RS512" })}.${base64url(claims())}`;
    const token = `${input}.${signBytes("sha512", Buffer.from(input), rsaRing.current.privateKey).toString("base64url")}`;
    expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
  });

  it("and the same token with the right one is good", async () => {
    expect((await fresh().verify(player, forge(rsaHeader, claims()))).subject).toBe("user-1");
  });
});

describe("S02 a key verifies only under its own kid", () => {
  const both = createKeyRing({
    keys: {
      current: rsaRing.current.privateKey.export({ format: "jwk" }),
      previous: [ecRing.current.privateKey.export({ format: "jwk" })],
    },
    algorithm: "RS256",
  });

  it("unknown, missing or malformed kid", async () => {
    for (const kid of ["unknown", "", undefined, null, 7, [rsaRing.current.kid], { kid: rsaRing.current.kid }]) {
      expect(await refusalCode(fresh().verify(player, forge({ ...rsaHeader, kid }, claims())))).toBe("TOKEN_INVALID");
    }
  });

  it("the kid of another key of the ring", async () => {
    const swapped = { ...rsaHeader, kid: ecRing.current.kid };
    expect(await refusalCode(signerOf(both).verify(player, forge(swapped, claims())))).toBe("TOKEN_INVALID");
    const rightKid = { ...rsaHeader, alg: "ES256", kid: ecRing.current.kid };
    expect(await refusalCode(signerOf(both).verify(player, forge(rightKid, claims())))).toBe("TOKEN_INVALID");
    expect(await signerOf(both).verify(player, forge(rightKid, claims(), ecRing.current.privateKey))).toBeDefined();
  });

  it("a stranger's key under a kid of ours", async () => {
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    expect(await refusalCode(fresh().verify(player, forge(rsaHeader, claims(), stranger)))).toBe("TOKEN_INVALID");
  });
});

describe("S03 a token cannot bring its own key or rules", () => {
  const jwk = rsaRing.jwks().keys[0];
  it.each([
    ["jku", "https://evil.example/jwks.json"],
    ["jwk", jwk],
    ["x5u", "https://evil.example/cert.pem"],
    ["x5c", ["MIIB"]],
    ["crit", ["exp"]],
    ["crit", ["b64"]],
    ["crit", []],
  ])("%s", async (name, value) => {
    const token = forge({ ...rsaHeader, [name]: value, b64: true, exp: 1 }, claims());
    expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
  });

  it("nor have it fetched", async () => {
    const theirs = new Issuer();
    await theirs.start();
    const stranger = newIssuerKey("theirs", "rsa");
    theirs.keys = [stranger];
    for (const kid of ["theirs", rsaRing.current.kid]) {
      for (const name of ["jku", "x5u"]) {
        const token = forge({ ...rsaHeader, kid, [name]: theirs.jwks }, claims(), stranger.privateKey);
        expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
      }
    }
    expect(theirs.fetches).toBe(0);
    await theirs.stop();
  });
});

describe("S04 each kind is refused as every other", () => {
  const kinds: readonly [string, TokenKind][] = Object.entries(tokenKinds);
  const pairs = kinds.flatMap(([made, kind]) => kinds.map(([shown, door]) => ({ made, kind, shown, door })));

  it.each(pairs)("a $made token at the door of $shown tokens", async ({ kind, door }) => {
    for (const audience of kind.audiences) {
      const token = await signer.sign(kind, audience, content());
      for (const verifier of [signer, fresh()]) {
        if (kind === door) expect((await verifier.verify(door, token)).audience).toBe(audience);
        else expect(await refusalCode(verifier.verify(door, token))).toBe("TOKEN_INVALID");
        // Right typ with the wrong audience, and the other way round, are as bad.
        for (const doorAudience of kind === door ? [] : door.audiences) {
          const disguised = forge({ ...rsaHeader, typ: kind.typ }, claims({ aud: doorAudience }));
          expect(await refusalCode(verifier.verify(door, disguised))).toBe("TOKEN_INVALID");
          expect(await refusalCode(verifier.verify(kind, disguised))).toBe("TOKEN_INVALID");
        }
      }
    }
  });

  it("a kind stays that kind once it is known", async () => {
    const verifier = fresh();
    const token = await signer.sign(player, "game", content());
    for (let i = 0; i < 2; i += 1) {
      await verifier.verify(player, token);
      expect(await refusalCode(verifier.verify(ticket, token))).toBe("TOKEN_INVALID");
      // Not even a kind that shares the audience.
      expect(await refusalCode(verifier.verify({ ...player, typ: "other+jwt" }, token))).toBe("TOKEN_INVALID");
    }
  });

  it("typ is compared exactly, and must be there", async () => {
    for (const typ of [undefined, "JWT", "jwt", "AT+JWT", "application/at+jwt", 1]) {
      expect(await refusalCode(fresh().verify(player, forge({ ...rsaHeader, typ }, claims())))).toBe("TOKEN_INVALID");
    }
  });

  it("a door may want one audience alone, from memory too", async () => {
    const social = await signer.sign(player, "social", content());
    for (const verifier of [signer, fresh()]) {
      expect(await refusalCode(verifier.verify(player, social, { audiences: ["game"] }))).toBe("TOKEN_INVALID");
      expect((await verifier.verify(player, social, { audiences: ["social"] })).audience).toBe("social");
      expect(await refusalCode(verifier.verify(player, social, { audiences: ["game"] }))).toBe("TOKEN_INVALID");
    }
  });
});

describe("S05 the registered claims are there and of their type", () => {
  it.each([
    ["iss", "https://game.example/"],
    ["iss", "https://evil.example"],
    ["iss", [issuer]],
    ["aud", "ticket"],
    ["aud", ["game"]],
    ["aud", ["game", "social"]],
    ["aud", 1],
    ["sub", 1],
    ["sub", null],
    ["sub", ["user-1"]],
    ["jti", 1],
    ["jti", null],
    ["iat", "1893456000"],
    ["iat", 1893456000.5],
    ["iat", null],
    ["exp", "1893456060"],
    ["exp", 1e300],
    ["exp", null],
    ["exp", true],
  ])("%s is not %j", async (claim, value) => {
    expect(await refusalCode(fresh().verify(player, forge(rsaHeader, claims({ [claim]: value }))))).toBe(
      "TOKEN_INVALID",
    );
  });

  it.each(["iss", "aud", "jti", "iat", "exp"])("%s is not missing", async (claim) => {
    const token = forge(rsaHeader, claims({ [claim]: undefined }));
    expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
  });

  it("a payload that is no object", async () => {
    for (const payload of [null, [], "text", 7, [claims()]]) {
      expect(await refusalCode(fresh().verify(player, forge(rsaHeader, payload)))).toBe("TOKEN_INVALID");
    }
  });
});

it("S37 garbage is refused as TOKEN_INVALID and nothing else", async () => {
  const good = await fresh().sign(player, "game", content());
  const [header, payload, signature] = good.split(".");
  const garbage: unknown[] = [
    "",
    ".",
    "..",
    "...",
    "a.b.c",
    "null",
    "[object Object]",
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `.${payload}.${signature}`,
    `${header}..${signature}`,
    `${good}.`,
    `${good}.${signature}`,
    ` ${good}`,
    `${good}\n`,
    `${good}=`,
    `${base64url(null)}.${payload}.${signature}`,
    `${base64url([])}.${payload}.${signature}`,
    `${base64url("x")}.${payload}.${signature}`,
    `${base64url({ ...rsaHeader, __proto__: null })}x.${payload}.${signature}`,
    `{"alg":"RS256"}.${payload}.${signature}`,
    "\u0000",
    "😀.😀.😀",
    "=".repeat(4096),
    ".".repeat(4096),
    undefined,
    null,
    7,
    {},
    [good],
  ];
  for (const token of garbage) {
    const error = await refusal(fresh().verify(player, token as string));
    expect(error.code, String(token)).toBe("TOKEN_INVALID");
    if (typeof token === "string" && token.length > 5) expect(error.message).not.toContain(token);
  }
});
