// Tokens for mails: one purpose, one account, one version of its credential.
import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import type { EmailTokenRequest } from "../../src/tokens/email-tokens.ts";
import { refusalCode } from "../sessions/setup.ts";
import { lifetimesMs, type TokenHouse, tokenHouse } from "./other-kinds.ts";
import { ecRing, forge } from "./setup.ts";

let house: TokenHouse;
beforeEach(() => {
  house = tokenHouse();
});

const request: EmailTokenRequest = { userId: "user-1", purpose: "reset-password", credentialVersion: "v1" };
const issue = (changes: Partial<EmailTokenRequest> = {}) => house.tokens.issueEmailToken({ ...request, ...changes });

describe("a token for a mail", () => {
  it("S10 carries the account, the purpose and the version of the credential, and no address", async () => {
    const now = house.clock.now();
    expect(decodeJwt(await issue())).toEqual({
      iss: expect.any(String),
      aud: "reset-password",
      sub: "user-1",
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: now / 1000,
      exp: (now + lifetimesMs.email) / 1000,
      ver: "v1",
    });
  });

  it("S52 proves these for its purpose alone, and reading it uses nothing up", async () => {
    const token = await issue();
    const expected = { userId: "user-1", credentialVersion: "v1" };
    for (let i = 0; i < 3; i += 1) expect(await house.emails.verify("reset-password", token)).toEqual(expected);
    expect(await refusalCode(house.emails.verify("verify-email", token))).toBe("TOKEN_INVALID");
  });

  it("S52 may be revoked before it is used", async () => {
    const token = await issue();
    expect(await house.peer().tokens.revoke(token)).toBe(true);
    expect(await refusalCode(house.emails.verify("reset-password", token))).toBe("TOKEN_INVALID");
  });

  it("ends at its end", async () => {
    const token = await issue();
    await house.clock.advance(lifetimesMs.email);
    expect(await refusalCode(house.emails.verify("reset-password", token))).toBe("TOKEN_EXPIRED");
  });

  it("is refused where its claims are not what we write", async () => {
    const good = decodeJwt(await issue());
    const header = { alg: "ES256", typ: "email+jwt", kid: ecRing.current.kid };
    const made = (changes: object) => forge(header, { ...good, ...changes }, ecRing.current.privateKey);
    expect(await house.emails.verify("reset-password", made({}))).toBeDefined();
    for (const changes of [{ sub: undefined }, { sub: "" }, { ver: undefined }, { ver: 1 }, { ver: "" }])
      expect(await refusalCode(house.emails.verify("reset-password", made(changes)))).toBe("TOKEN_INVALID");
  });

  it.each([
    { userId: "" },
    { userId: 7 },
    { purpose: "login" },
    { purpose: "email" },
    { purpose: undefined },
    { credentialVersion: 1 },
    { credentialVersion: "" },
    { credentialVersion: "x".repeat(65) },
  ])("is not made of %j: a TypeError", async (changes) => {
    await expect(issue(changes as Partial<EmailTokenRequest>)).rejects.toThrow(/^issueEmailToken: /);
  });
});
