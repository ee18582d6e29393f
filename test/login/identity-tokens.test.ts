// Identity tokens of an issuer as a way to log in: the account behind them, their refusals, and an issuer that is away.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jwtProvider } from "../../src/accounts/jwt.ts";
import { Issuer } from "../accounts/issuer.ts";
import { untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();
let issuer: Issuer;
beforeEach(async () => {
  issuer = new Issuer();
  await issuer.start();
});
afterEach(() => issuer.stop());

/** The provider goes by the machine's clock, and so does the issuer. */
function token(changes: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  return issuer.sign({ iss: issuer.url, aud: "our-game", sub: "person-1", iat, exp: iat + 600, ...changes });
}

function open(options: Parameters<typeof server.open>[0] = {}): House {
  const google = jwtProvider({
    issuer: issuer.url,
    audience: "our-game",
    jwks: issuer.jwks,
    jwksCacheSeconds: 0,
    mapClaims: ({ groups }) => (Array.isArray(groups) ? { groups: groups.map(String) } : {}),
  });
  return server.open({ providers: { google }, ...options });
}

const authenticate = (house: House, body: Record<string, unknown>) =>
  house.player("anybody").post("/auth/authenticate/google", body);

describe("S57 an identity token", () => {
  it("leads to one account, whose groups are the issuer's to say", async () => {
    const house = open();
    const first = await authenticate(house, { token: token({ groups: ["vip"] }), username: "Ada" });
    expect(first).toMatchObject({ status: 200, body: { created: true, user: { username: "Ada" } } });
    const again = await authenticate(house, { token: token() });
    expect(again).toMatchObject({ status: 200, body: { created: false, user: first.body["user"] } });
    const player = house.player("Ada");
    player.take(again);
    await player.play();
    expect(house.auths[0]?.groups).toEqual(["vip"]);
    const other = await authenticate(house, { token: token({ sub: "person-2" }) });
    expect(other.body["user"]).not.toEqual(first.body["user"]);
  });

  it("makes no account where none is wanted, and opens nothing where it is not right", async () => {
    const house = open();
    expect(await authenticate(house, { token: token(), create: false })).toMatchObject({ status: 404 });
    const wrong = [{ token: token({ aud: "their-game" }) }, { token: token(), nonce: "n" }];
    for (const body of wrong)
      expect(await authenticate(house, body)).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    for (const body of [{}, { token: 7 }, { token: null }, { token: token(), nonce: 7 }])
      expect(await authenticate(house, body)).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
  });
});

it("S51 wrong identity tokens keep nobody out who sends a right one from the same address", async () => {
  const house = open({ loginLimits: { failuresPerAddress: 2 } });
  for (let i = 0; i < 8; i += 1)
    expect(await authenticate(house, { token: token({ aud: "their-game" }) })).toMatchObject({ status: 401 });
  expect(await authenticate(house, { token: token() })).toMatchObject({ status: 200 });
});

it("an issuer that is away refuses with 503, which neither spends a pass nor counts against it", async () => {
  const house = open({ queue: { mode: "always" } });
  const room = await house.player("Ada").queue();
  await house.clock.advance(200);
  const { pass } = await untilAdmitted(room);
  issuer.failure = (request) => void request.socket.destroy();
  for (let i = 0; i < 6; i += 1) {
    const answer = await authenticate(house, { token: token(), queuePass: pass });
    expect(answer).toMatchObject({ status: 503, body: { code: "PROVIDER_UNAVAILABLE" } });
  }
  issuer.failure = null;
  expect(await authenticate(house, { token: token(), queuePass: pass })).toMatchObject({ status: 200 });
});
