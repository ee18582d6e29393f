// The signer of all tokens: what it signs, for how long it is good, and what it remembers.
import { generateKeyPairSync } from "node:crypto";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { JwtSigner, maxTokenBytes, type TokenContent } from "../../src/tokens/jwt.ts";
import { createKeyRing, type SigningAlgorithm } from "../../src/tokens/keys.ts";
import { issuer, minute, refusalCode } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";
import {
  claims,
  clock,
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

describe("a signed token", () => {
  it.each<SigningAlgorithm>(["RS256", "ES256", "EdDSA"])(
    "%s is verified by anyone who has the JWKS",
    async (algorithm) => {
      const keys = createKeyRing({ algorithm });
      const token = await signerOf(keys).sign(player, "game", content());
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys.jwks()), {
        issuer,
        audience: "game",
        currentDate: new Date(clock.now()),
      });
      expect(protectedHeader).toEqual({ alg: algorithm, typ: "at+jwt", kid: keys.current.kid });
      expect(payload).toEqual({ ...claims(), sid: "session-1" });
      expect(token.length).toBe(signerOf(keys).encodedLength(player, "game", content()));
    },
  );

  it("tells another process what it says", async () => {
    const verified = await fresh().verify(player, await signer.sign(player, "social", content()));
    expect(verified).toMatchObject({ audience: "social", subject: "user-1", id: "token-1", issuedAt: clock.now() });
    expect(verified.expiresAt).toBe(clock.now() + minute);
    expect(verified.claims["sid"]).toBe("session-1");
    expect(await signer.verify(player, await signer.sign(player, "social", content()))).toEqual(verified);
  });

  it("rounds its times to whole seconds, outwards", async () => {
    const times = { issuedAt: clock.now() + 999, expiresAt: clock.now() + 1_001 };
    const { iat, exp } = decodeJwt(await signer.sign(player, "game", content(times)));
    expect([iat, exp]).toEqual([clock.now() / 1000, clock.now() / 1000 + 2]);
  });

  it("cannot be given other registered claims by its content", async () => {
    const wild = { iss: "https://evil.example", aud: "social", sub: "admin", jti: "x", exp: 1, iat: 1 };
    expect(decodeJwt(await signer.sign(player, "game", content({ claims: wild })))).toEqual(claims());
  });

  it("may lack a subject", async () => {
    const { id, issuedAt, expiresAt } = content();
    const token = await signer.sign(ticket, "ticket", { id, issuedAt, expiresAt, claims: {} });
    expect((await fresh().verify(ticket, token)).subject).toBeNull();
  });
});

describe("S06 time", () => {
  it("an expired token is refused at its second, whether known or not", async () => {
    const time = new ManualClock();
    const issuerProcess = new JwtSigner({ keys: rsaRing, issuer, clock: time });
    const known = new JwtSigner({ keys: rsaRing, issuer, clock: time });
    const token = await issuerProcess.sign(
      player,
      "game",
      content({ issuedAt: time.now(), expiresAt: time.now() + minute }),
    );
    await time.advance(minute - 1);
    for (const verifier of [issuerProcess, known]) expect(await verifier.verify(player, token)).toBeDefined();
    await time.advance(1);
    for (const verifier of [issuerProcess, known, new JwtSigner({ keys: rsaRing, issuer, clock: time })]) {
      expect(await refusalCode(verifier.verify(player, token))).toBe("TOKEN_EXPIRED");
    }
    await time.advance(5 * minute);
    expect(await refusalCode(new JwtSigner({ keys: rsaRing, issuer, clock: time }).verify(player, token))).toBe(
      "TOKEN_EXPIRED",
    );
  });

  it("only a token that is good in all else is told that it is expired", async () => {
    const seconds = Math.floor(clock.now() / 1000);
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (const exp of [seconds, seconds - 3600]) {
      expect(await refusalCode(fresh().verify(player, forge(rsaHeader, claims({ exp }))))).toBe("TOKEN_EXPIRED");
      const refused = [
        forge(rsaHeader, claims({ exp }), stranger),
        forge({ ...rsaHeader, typ: "ticket+jwt" }, claims({ exp })),
        ...["iss", "aud", "jti", "iat"].map((claim) => forge(rsaHeader, claims({ exp, [claim]: undefined }))),
        forge(rsaHeader, claims({ exp, aud: "ticket" })),
      ];
      for (const token of refused) expect(await refusalCode(fresh().verify(player, token))).toBe("TOKEN_INVALID");
    }
  });

  it.each(["iat", "nbf"])("%s may lie 60 s ahead and no more", async (claim) => {
    const seconds = Math.floor(clock.now() / 1000);
    const token = (ahead: number) => forge(rsaHeader, claims({ [claim]: seconds + ahead, exp: seconds + 3600 }));
    expect(await fresh().verify(player, token(60))).toBeDefined();
    expect(await refusalCode(fresh().verify(player, token(61)))).toBe("TOKEN_INVALID");
  });
});

describe("S07 length", () => {
  /** Content whose token has exactly this length, or one less where base64url has no such length. */
  function ofLength(bytes: number): TokenContent {
    const padded = (characters: number) => content({ claims: { pad: "x".repeat(characters) } });
    let characters = 0;
    while (signer.encodedLength(player, "game", padded(characters + 1)) <= bytes) characters += 1;
    return padded(characters);
  }

  it("a token of 4 096 bytes is issued and read, a longer one is neither", async () => {
    const token = await signer.sign(player, "game", ofLength(maxTokenBytes));
    expect(token.length).toBeGreaterThan(maxTokenBytes - 2);
    expect(token.length).toBeLessThanOrEqual(maxTokenBytes);
    expect(await fresh().verify(player, token)).toBeDefined();

    const longer = ofLength(maxTokenBytes + 2);
    expect(signer.encodedLength(player, "game", longer)).toBeGreaterThan(maxTokenBytes);
    expect(await refusalCode(signer.sign(player, "game", longer))).toBe("INVALID_REQUEST");
    const { pad } = longer.claims;
    expect(await refusalCode(fresh().verify(player, forge(rsaHeader, claims({ pad }))))).toBe("TOKEN_INVALID");
  });

  it("counts bytes, not characters", async () => {
    const wide = content({ claims: { pad: "界".repeat(800) } });
    expect(signer.encodedLength(player, "game", wide)).toBeLessThan(maxTokenBytes);
    expect(await signer.sign(player, "game", wide)).toHaveLength(signer.encodedLength(player, "game", wide));
    const wider = content({ claims: { pad: "界".repeat(1_100) } });
    expect(await refusalCode(signer.sign(player, "game", wider))).toBe("INVALID_REQUEST");
  });

  it("a bearer of 100 KB is refused before a key is looked for", async () => {
    let lookups = 0;
    const find = (kid: string) => {
      lookups += 1;
      return rsaRing.find(kid);
    };
    const huge = forge(rsaHeader, claims({ pad: "x".repeat(100_000) }));
    expect(await refusalCode(signerOf({ ...rsaRing, find }).verify(player, huge))).toBe("TOKEN_INVALID");
    expect(lookups).toBe(0);
  });
});

describe("S09 rotation of keys", () => {
  const old = rsaRing.current.privateKey.export({ format: "jwk" });
  const young = ecRing.current.privateKey.export({ format: "jwk" });
  const step = (keys: Parameters<typeof createKeyRing>[0]["keys"]) =>
    signerOf(createKeyRing({ ...(keys === undefined ? {} : { keys }), algorithm: "RS256" }));

  it("next → current → previous refuses nobody; a key that is gone ends its own tokens alone", async () => {
    const before = step({ current: old });
    const announced = step({ current: old, next: young });
    const moved = step({ current: young, previous: [old] });
    const removed = step({ current: young });
    const oldToken = await before.sign(player, "game", content());
    const youngToken = await moved.sign(player, "game", content());
    expect(decodeProtectedHeader(youngToken).kid).toBe(ecRing.current.kid);
    for (const verifier of [announced, moved]) {
      expect(await verifier.verify(player, oldToken)).toBeDefined();
      expect(await verifier.verify(player, youngToken)).toBeDefined();
    }
    expect(await refusalCode(removed.verify(player, oldToken))).toBe("TOKEN_INVALID");
    expect(await removed.verify(player, youngToken)).toBeDefined();
  });
});

describe("what a process remembers", () => {
  function counting() {
    const counter = { signaturesChecked: 0 };
    const find = (kid: string) => {
      counter.signaturesChecked += 1;
      return rsaRing.find(kid);
    };
    return { counter, jwt: signerOf({ ...rsaRing, find }) };
  }

  it("a session token it issued is not verified again", async () => {
    const { counter, jwt } = counting();
    const token = await jwt.sign(player, "game", content());
    for (let i = 0; i < 3; i += 1) await jwt.verify(player, token);
    expect(counter.signaturesChecked).toBe(0);
  });

  it("a token it verified is verified once", async () => {
    const { counter, jwt } = counting();
    const token = await fresh().sign(player, "game", content());
    for (let i = 0; i < 3; i += 1) await jwt.verify(player, token);
    expect(counter.signaturesChecked).toBe(1);
  });

  it("tickets are not kept at their issue: a process signs one for each who waits", async () => {
    const { counter, jwt } = counting();
    const token = await jwt.sign(ticket, "ticket", content());
    await jwt.verify(ticket, token);
    expect(counter.signaturesChecked).toBe(1);
  });

  it("a refused token is not kept as a good one", async () => {
    const { jwt } = counting();
    const bad = forge(rsaHeader, claims(), generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
    for (let i = 0; i < 3; i += 1) expect(await refusalCode(jwt.verify(player, bad))).toBe("TOKEN_INVALID");
  });

  it("a known token with one character changed is unknown", async () => {
    const token = await signer.sign(player, "game", content());
    for (const at of [5, token.indexOf(".") + 5, token.length - 10]) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(await refusalCode(signer.verify(player, changed))).toBe("TOKEN_INVALID");
    }
  });

  it("what one caller gets cannot be changed for the next", async () => {
    const token = await signer.sign(player, "game", content());
    const verified = await signer.verify(player, token);
    expect(Object.isFrozen(verified) && Object.isFrozen(verified.claims)).toBe(true);
  });
});
