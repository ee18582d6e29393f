// Identity tokens of an issuer on this machine: which are good, whose they are, and what happens while the issuer changes or fails.
import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createJwtProvider, jwtProvider } from "../../src/accounts/jwt.ts";
import type { JwtProviderOptions } from "../../src/accounts/jwt-options.ts";
import { LoginError } from "../../src/errors.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { refusal, refusalCode } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { base64url, Issuer, type IssuerKey, newIssuerKey } from "./issuer.ts";

const context = { provider: "any", headers: new Headers(), address: null };
const clock = new ManualClock();
const seconds = clock.now() / 1000;
const rsa = newIssuerKey("rsa", "rsa");
let issuer: Issuer;

beforeEach(async () => {
  issuer = new Issuer();
  await issuer.start();
});
afterEach(() => issuer.stop());

function provider(changes: Partial<JwtProviderOptions> = {}) {
  const options = { issuer: issuer.url, audience: "our-game", jwks: issuer.jwks, ...changes };
  const made = createJwtProvider(options, clock);
  return (token: unknown, more: object = {}) => made.authenticate({ token, ...more }, context);
}

const claims = (changes: object = {}) => ({
  iss: issuer.url,
  aud: "our-game",
  sub: "person-1",
  iat: seconds,
  exp: seconds + 600,
  ...changes,
});
const token = (changes: object = {}, header: Record<string, unknown> = {}, key?: IssuerKey) =>
  issuer.sign(claims(changes), header, key);

describe("a good identity token", () => {
  it("names the same player each time", async () => {
    const check = provider();
    expect(await check(token())).toEqual({ externalId: "person-1" });
    expect(await check(token({ iat: seconds - 5, jti: "another" }))).toEqual({ externalId: "person-1" });
    expect(await check(token({ sub: "person-2" }))).toEqual({ externalId: "person-2" });
  });

  it.each(["rsa", "ec", "ed25519"] as const)("may be signed by a key of type %s", async (type) => {
    issuer.keys = [newIssuerKey("k", type)];
    expect(await provider()(token())).toEqual({ externalId: "person-1" });
  });

  it("is also known by a set of keys that is given as such", async () => {
    const check = provider({ jwks: { keys: issuer.keys.map(({ jwk }) => jwk) } });
    expect(await check(token())).toEqual({ externalId: "person-1" });
    expect(await refusalCode(check(token({}, { kid: "other" })))).toBe("INVALID_CREDENTIALS");
    expect(issuer.fetches).toBe(0);
  });

  it("may be of any spelling of the issuer and any audience that the options name", async () => {
    const check = provider({ issuer: [issuer.url, "id.example"], audience: ["our-game", "our-phone-game"] });
    for (const changes of [{ iss: "id.example" }, { aud: "our-phone-game" }, { aud: ["our-phone-game"] }])
      expect(await check(token(changes))).toEqual({ externalId: "person-1" });
  });

  it("needs no kid where the issuer has one key, and one where it has several", async () => {
    expect(await provider()(token({}, { kid: undefined }))).toEqual({ externalId: "person-1" });
    issuer.keys = [newIssuerKey("a"), newIssuerKey("b")];
    expect(await refusalCode(provider()(token({}, { kid: undefined })))).toBe("INVALID_CREDENTIALS");
  });

  it("gives the account what mapClaims finds in it", async () => {
    const check = provider({
      mapClaims: async ({ name, roles }) => ({ username: String(name), groups: roles as string[] }),
    });
    expect(await check(token({ name: " Ada ", roles: ["vip", "vip"] }))).toEqual({
      externalId: "person-1",
      username: "Ada",
      groups: ["vip"],
    });
    await expect(check(token({ name: "Ada", roles: "vip" }))).rejects.toThrow(/^jwtProvider: groups: /);
  });

  it("may be refused by mapClaims, which cannot make another player of it", async () => {
    const refused = new LoginError("FORBIDDEN", "Not from this school.");
    const refusing = provider({
      mapClaims: () => {
        throw refused;
      },
    });
    expect(await refusal(refusing(token()))).toBe(refused);
    const other: object = { externalId: "somebody-else" };
    expect(await provider({ mapClaims: () => other })(token())).toEqual({ externalId: "person-1" });
  });
});

describe("S57 a token is refused", () => {
  const refused: [string, object, Record<string, unknown>?][] = [
    ["of another issuer", { iss: "https://evil.example" }],
    ["of the issuer spelt otherwise", { iss: "https://id.example/" }],
    ["of a list of issuers", { iss: ["https://id.example"] }],
    ["without an issuer", { iss: undefined }],
    ["for another client", { aud: "their-game" }],
    ["without an audience", { aud: undefined }],
    ["with an empty audience", { aud: [] }],
    ["that has ended longer ago than clocks differ", { exp: seconds - 60 }],
    ["without an end", { exp: undefined }],
    ["whose end is no number", { exp: "2100-01-01" }],
    ["issued further ahead than clocks differ", { iat: seconds + 61 }],
    ["that does not say when it was issued", { iat: undefined }],
    ["that is not to be used yet", { nbf: seconds + 61 }],
    ["without a subject", { sub: undefined }],
    ["with an empty subject", { sub: "" }],
    ["whose subject is a number", { sub: 7 }],
    ["whose subject is endless", { sub: "x".repeat(1025) }],
    ["whose subject is half a character", { sub: "\ud800" }],
    ["that is an access token", {}, { typ: "at+jwt" }],
    ["that is for logging out", {}, { typ: "logout+jwt" }],
    ["whose type is no text", {}, { typ: 7 }],
    ["with a rule that we do not know", {}, { crit: ["x"], x: 1 }],
    ["that another client asked for", { azp: "their-game" }],
    ["that several may use and nobody asked for", { aud: ["our-game", "theirs"] }],
    ["whose asker is no text", { azp: ["our-game"] }],
  ];
  it.each(refused)("%s", async (_what, changes, header) => {
    const error = await refusal(provider()(token(changes, header)));
    expect(error.code).toBe("INVALID_CREDENTIALS");
    expect(error.message).not.toContain("evil");
  });

  it("by a key that is not the issuer's, under a kid that is", async () => {
    const stranger = newIssuerKey("first");
    expect(await refusalCode(provider()(token({}, {}, stranger)))).toBe("INVALID_CREDENTIALS");
  });

  it("that brings its key along, or the address of one", async () => {
    const stranger = newIssuerKey("theirs");
    const headers = [
      { jwk: stranger.jwk },
      { jku: issuer.jwks, kid: "theirs" },
      { x5u: issuer.jwks },
      { jwk: stranger.jwk, kid: "first" },
    ];
    for (const header of headers)
      expect(await refusalCode(provider()(token({}, header, stranger)))).toBe("INVALID_CREDENTIALS");
  });

  it("S01 without a signature, and by the public key as a secret", async () => {
    issuer.keys = [rsa];
    const unsigned = `${base64url({ alg: "none", typ: "JWT" })}.${base64url(claims())}.`;
    const input = `${base64url({ alg: "HS256", typ: "JWT", kid: "rsa" })}.${base64url(claims())}`;
    const hmac = createHmac("sha256", JSON.stringify(rsa.jwk)).update(input).digest("base64url");
    for (const forged of [unsigned, `${input}.${hmac}`])
      expect(await refusalCode(provider()(forged))).toBe("INVALID_CREDENTIALS");
  });

  it("S02 by an algorithm that its key does not have, or that the options do not name", async () => {
    const open: IssuerKey = { ...rsa, jwk: { ...rsa.jwk, alg: undefined } };
    issuer.keys = [rsa];
    const all = { algorithms: ["RS256", "RS512"] };
    expect(await refusalCode(provider(all)(token({}, { alg: "RS512" })))).toBe("INVALID_CREDENTIALS");
    issuer.keys = [open];
    expect(await provider(all)(token({}, { alg: "RS512" }))).toEqual({ externalId: "person-1" });
    expect(await refusalCode(provider()(token({}, { alg: "RS512" })))).toBe("INVALID_CREDENTIALS");
    expect(await refusalCode(provider({ algorithms: ["ES256"] })(token({}, { alg: "RS256" })))).toBe(
      "INVALID_CREDENTIALS",
    );
  });

  it.each(["", "x", "a.b.c", "..", "null", "x".repeat(100_000)])("that is none: %#", async (garbage) => {
    const code = await refusalCode(provider()(garbage));
    expect(code).toBe(garbage === "" ? "INVALID_REQUEST" : "INVALID_CREDENTIALS");
    expect(issuer.fetches).toBe(0);
  });

  it.each([undefined, null, 7, {}, ["x"]])("S35 where the credentials hold %j in its place", async (wrong) => {
    expect(await refusalCode(provider()(wrong))).toBe("INVALID_REQUEST");
  });
});

describe("S57 time", () => {
  it("the clocks may differ by 60 seconds, or by what the options say", async () => {
    const check = provider();
    for (const changes of [{ exp: seconds - 59 }, { iat: seconds + 60 }, { nbf: seconds + 60 }])
      expect(await check(token(changes))).toEqual({ externalId: "person-1" });
    const strict = provider({ clockSkewSeconds: 0 });
    for (const changes of [{ exp: seconds }, { iat: seconds + 1 }, { nbf: seconds + 1 }])
      expect(await refusalCode(strict(token(changes)))).toBe("INVALID_CREDENTIALS");
    expect(await strict(token({ exp: seconds + 1 }))).toEqual({ externalId: "person-1" });
  });

  it("a token may be asked to be fresh, whatever its end", async () => {
    const check = provider({ maxTokenAgeSeconds: 120, clockSkewSeconds: 0 });
    expect(await check(token({ iat: seconds - 120 }))).toEqual({ externalId: "person-1" });
    expect(await refusalCode(check(token({ iat: seconds - 121 })))).toBe("INVALID_CREDENTIALS");
  });

  it("one that has ended is told so, and no more than that it is no credential", async () => {
    expect(await refusal(provider()(token({ exp: seconds - 3600 })))).toMatchObject({
      code: "INVALID_CREDENTIALS",
      message: "The identity token has expired.",
    });
  });
});

describe("S57 the nonce", () => {
  it("is the token's where the request brings one", async () => {
    const check = provider();
    expect(await check(token({ nonce: "n-1" }), { nonce: "n-1" })).toEqual({ externalId: "person-1" });
    expect(await check(token({ nonce: "n-1" }))).toEqual({ externalId: "person-1" });
    expect(await refusalCode(check(token({ nonce: "n-1" }), { nonce: "n-2" }))).toBe("INVALID_CREDENTIALS");
    expect(await refusalCode(check(token(), { nonce: "n-1" }))).toBe("INVALID_CREDENTIALS");
    expect(await refusalCode(check(token({ nonce: ["n-1"] }), { nonce: "n-1" }))).toBe("INVALID_CREDENTIALS");
  });

  it.each(["", 7, null, ["n-1"], {}])("S35 is no %j", async (nonce) => {
    expect(await refusalCode(provider()(token({ nonce }), { nonce }))).toBe("INVALID_REQUEST");
  });

  it("may be required", async () => {
    const check = provider({ nonce: "required" });
    expect(await refusalCode(check(token({ nonce: "n-1" })))).toBe("INVALID_REQUEST");
    expect(await refusalCode(check(token(), { nonce: "n-1" }))).toBe("INVALID_CREDENTIALS");
    expect(await check(token({ nonce: "n-1" }), { nonce: "n-1" })).toEqual({ externalId: "person-1" });
  });

  it("may be hashed, so that the token alone does not tell it", async () => {
    const check = provider({ nonce: "hashed" });
    const digest = createHash("sha256").update("n-1").digest();
    for (const nonce of [digest.toString("hex"), digest.toString("hex").toUpperCase(), digest.toString("base64url")]) {
      expect(await check(token({ nonce }), { nonce: "n-1" })).toEqual({ externalId: "person-1" });
      expect(await refusalCode(check(token({ nonce }), { nonce }))).toBe("INVALID_CREDENTIALS");
      expect(await refusalCode(check(token({ nonce })))).toBe("INVALID_REQUEST");
    }
    expect(await refusalCode(check(token({ nonce: "n-1" }), { nonce: "n-1" }))).toBe("INVALID_CREDENTIALS");
  });
});

describe("S57 the client that asked for the token", () => {
  it("is one of ours by default, and whoever the options name otherwise", async () => {
    const several = { aud: ["our-game", "theirs"] };
    expect(await provider()(token({ azp: "our-game" }))).toEqual({ externalId: "person-1" });
    expect(await provider()(token({ ...several, azp: "our-game" }))).toEqual({ externalId: "person-1" });
    expect(await refusalCode(provider()(token({ ...several, azp: "theirs" })))).toBe("INVALID_CREDENTIALS");
    const phones = provider({ authorizedParties: ["our-android-app"] });
    expect(await phones(token({ azp: "our-android-app" }))).toEqual({ externalId: "person-1" });
    expect(await refusalCode(phones(token({ azp: "our-game" })))).toBe("INVALID_CREDENTIALS");
  });
});

describe("a type of one's own", () => {
  it("is asked for to the letter, but for its case and its media type", async () => {
    const check = provider({ typ: "at+jwt" });
    for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt"])
      expect(await check(token({}, { typ }))).toEqual({ externalId: "person-1" });
    for (const typ of ["JWT", undefined])
      expect(await refusalCode(check(token({}, { typ })))).toBe("INVALID_CREDENTIALS");
    for (const typ of ["jwt", "application/JWT", undefined])
      expect(await provider()(token({}, { typ }))).toEqual({ externalId: "person-1" });
  });
});

describe("the issuer's keys", () => {
  it("are fetched once, also for many logins at once", async () => {
    const check = provider();
    await Promise.all(Array.from({ length: 50 }, () => check(token())));
    await check(token());
    expect(issuer.fetches).toBe(1);
  });

  it("may change: a key that is new is found at its first token", async () => {
    const check = provider({ jwksCooldownSeconds: 0 });
    const old = token();
    await check(old);
    const [first] = issuer.keys;
    issuer.keys = [newIssuerKey("second"), first!];
    expect(await check(token())).toEqual({ externalId: "person-1" });
    expect(await check(old)).toEqual({ externalId: "person-1" });
    expect(issuer.fetches).toBe(2);
  });

  it("S09 a key that is gone is no good as soon as the keys are fetched again", async () => {
    const check = provider({ jwksCacheSeconds: 0 });
    const old = token();
    await check(old);
    issuer.keys = [newIssuerKey("second")];
    expect(await refusalCode(check(old))).toBe("INVALID_CREDENTIALS");
    expect(await check(token())).toEqual({ externalId: "person-1" });
  });

  it("are not fetched for each token that names a key of its invention", async () => {
    const check = provider();
    await check(token());
    for (let i = 0; i < 20; i += 1)
      expect(await refusalCode(check(token({}, { kid: `made-up-${i}` })))).toBe("INVALID_CREDENTIALS");
    expect(issuer.fetches).toBe(1);
  });
});

describe("an issuer that cannot be reached", () => {
  const failures: [string, NonNullable<Issuer["failure"]>][] = [
    ["hangs up", (request) => void request.socket.destroy()],
    ["answers with an error", (_request, response) => void response.writeHead(500).end()],
    ["answers with something else", (_request, response) => void response.end("<html>")],
    ["answers with no keys", (_request, response) => void response.end('{"keys":7}')],
    ["sends us elsewhere", (_request, response) => void response.writeHead(302, { location: "/other" }).end()],
    ["says nothing", () => {}],
  ];
  it.each(failures)("%s: the login is refused with 503, and good again when it is back", async (_what, failure) => {
    const check = provider({ jwksTimeoutSeconds: 0.2 });
    issuer.failure = failure;
    const error = await refusal(check(token()));
    expect([error.code, error.status]).toEqual(["PROVIDER_UNAVAILABLE", 503]);
    expect(error.message).not.toContain("127.0.0.1");
    issuer.failure = null;
    expect(await check(token())).toEqual({ externalId: "person-1" });
  });

  it("is not there at all", async () => {
    const gone = new Issuer();
    await gone.start();
    const { jwks } = gone;
    await gone.stop();
    expect(await refusalCode(provider({ jwks })(token()))).toBe("PROVIDER_UNAVAILABLE");
  });

  it("does not matter while its keys are known", async () => {
    const check = provider();
    await check(token());
    issuer.failure = (request) => void request.socket.destroy();
    expect(await check(token())).toEqual({ externalId: "person-1" });
  });
});

describe("an option that is wrong is refused at the start", () => {
  const good = { issuer: "https://id.example", audience: "our-game", jwks: "https://id.example/jwks" };
  const wrong: [string, unknown, RegExp][] = [
    ["no options", undefined, /^jwtProvider: expected an object of options/],
    ["a misspelt one", { ...good, audiences: "x" }, /there is no option audiences/],
    ["no issuer", { ...good, issuer: undefined }, /option issuer: expected a string/],
    ["no audience: any client's tokens would be good", { ...good, audience: [] }, /option audience: expected/],
    ["an empty audience", { ...good, audience: "" }, /option audience: expected/],
    ["no keys", { ...good, jwks: { keys: [] } }, /option jwks: expected an https address/],
    ["keys over http", { ...good, jwks: "http://id.example/jwks" }, /option jwks: expected an https address/],
    ["keys over http from a look-alike", { ...good, jwks: "http://127.0.0.1.example/jwks" }, /option jwks/],
    ["keys from a file", { ...good, jwks: "file:///jwks.json" }, /option jwks/],
    ["no address", { ...good, jwks: "jwks" }, /option jwks/],
    ["S01 a symmetric algorithm", { ...good, algorithms: ["RS256", "HS256"] }, /option algorithms.1: .*none symmetric/],
    ["S01 no algorithm", { ...good, algorithms: ["none"] }, /option algorithms/],
    ["no algorithms", { ...good, algorithms: [] }, /option algorithms/],
    [
      "clocks of another world",
      { ...good, clockSkewSeconds: 301 },
      /option clockSkewSeconds: expected a number from 0/,
    ],
    ["an unknown rule for nonces", { ...good, nonce: true }, /option nonce: expected "optional"/],
    ["a time that is none", { ...good, jwksTimeoutSeconds: 0 }, /option jwksTimeoutSeconds/],
    ["a mapping that is none", { ...good, mapClaims: "name" }, /option mapClaims: expected a function/],
  ];
  it.each(wrong)("%s", (_what, options, message) => {
    const make = () => jwtProvider(options as JwtProviderOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it("and http on the machine itself is none", () => {
    for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
      expect(() => jwtProvider({ ...good, jwks: `http://${host}:8080/jwks` })).not.toThrow();
  });

  it("S57 our own issuer is no identity", () => {
    const google = jwtProvider({ ...good, issuer: ["https://game.example", good.issuer] });
    const open = (issuer: string) => () => resolveOptions({ tokens: { issuer }, providers: { google } });
    expect(open("https://game.example")).toThrow(TypeError);
    expect(open("https://game.example")).toThrow(
      /option providers\.google: expected an identity provider of another issuer than tokens\.issuer/,
    );
    expect(open(good.issuer)).toThrow(/option providers\.google/);
    expect(open("https://other.example")).not.toThrow();
  });
});
