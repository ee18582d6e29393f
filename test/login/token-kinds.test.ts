// S04 as a table: every kind of token at every door of a whole server, each opened by its own kind and by no other.
import { CompactSign, decodeJwt, decodeProtectedHeader, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { jwtProvider } from "../../src/accounts/jwt.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import { keptAccounts, keptStore } from "./kept-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { Outbox } from "./outbox.ts";
import type { Player } from "./player.ts";
import { quickEmailProvider } from "./quick-email.ts";
import { type House, loginServer } from "./server.ts";
import {
  Bunch,
  bearerDoor,
  doors,
  heardByQueue,
  type Kind,
  kinds,
  noTokens,
  playersPassword,
  roomDoor,
  verifyDoor,
} from "./token-doors.ts";

const server = loginServer();
const key = newKey();

function open(): { house: House; outbox: Outbox } {
  const outbox = new Outbox();
  const ring = createKeyRing({ keys: { current: key }, algorithm: "EdDSA" });
  const oidc = { issuer: "https://id.example", audience: kinds, jwks: ring.jwks(), algorithms: ["EdDSA"] };
  const house = server.open({
    tokens: { keys: { current: key }, refreshSecrets },
    gameShardId: "eu-1",
    queue: { restoreSeconds: 0.001, targetLoginRatePerSecond: 10_000 },
    providers: {
      email: quickEmailProvider({ sendEmail: outbox.send }),
      device: deviceProvider(),
      anonymous: anonymousProvider(),
      oidc: jwtProvider(oidc),
    },
    hooks: {
      beforeQueue({ session }) {
        heardByQueue(session?.userId ?? null);
      },
    },
  });
  return { house, outbox };
}

/** What only `typ` or only the audience tells from the real one, under the server's own key. */
async function disguises(
  { tokens }: Bunch,
  kind: Kind,
  opens: readonly Kind[],
): Promise<[what: string, token: string][]> {
  const privateKey = await importJWK(key, "EdDSA");
  const header = decodeProtectedHeader(tokens[kind]);
  const claims = decodeJwt(tokens[kind]);
  const sign = (typ: string | undefined, aud: unknown) =>
    new CompactSign(Buffer.from(JSON.stringify({ ...claims, aud })))
      .setProtectedHeader({ alg: "EdDSA", kid: String(header.kid), ...(typ === undefined ? {} : { typ }) })
      .sign(privateKey);
  const made: [string, string][] = [[`${kind} without a typ`, await sign(undefined, claims.aud)]];
  for (const other of kinds.filter((name) => name !== "refresh" && !opens.includes(name))) {
    const { typ } = decodeProtectedHeader(tokens[other]);
    const { aud } = decodeJwt(tokens[other]);
    if (typ !== header.typ) made.push([`${kind} as ${typ}`, await sign(typ, claims.aud)]);
    made.push([`${kind} for ${aud}`, await sign(header.typ, aud)]);
  }
  return made;
}

describe("S04 each door opens to its own kind of token and to no other", () => {
  it.each(doors)("$name", async ({ opens, show }) => {
    const { house, outbox } = open();
    await house.clock.advance(1_000);
    for (const [index, kind] of kinds.entries()) {
      const bunch = await Bunch.gather(house, outbox, `Ada${index}`);
      const isOwn = opens.includes(kind) && kind !== "refresh";
      for (const [what, token] of isOwn ? await disguises(bunch, kind, opens) : [])
        expect(await show(token, bunch), what).not.toBe("opened");
      const outcome = await show(bunch.tokens[kind], bunch);
      if (opens.includes(kind)) expect(outcome, kind).toBe("opened");
      else expect(outcome, kind).not.toBe("opened");
      const status = Object(outcome).status;
      if (status !== undefined) expect([401, 403], kind).toContain(status);
      await bunch.leave();
    }
  });
});

it("S10 no token of any kind tells a password, an address, a device or a secret", async () => {
  const { house, outbox } = open();
  await house.clock.advance(1_000);
  const { tokens } = await Bunch.gather(house, outbox, "Ada");
  const jwts = kinds.filter((kind) => kind !== "refresh").map((kind) => JSON.stringify(decodeJwt(tokens[kind])));
  const all = [...jwts, Buffer.from(tokens.refresh.split(".")[0] ?? "", "base64url").toString()]
    .join("\n")
    .toLowerCase();
  const secrets = [playersPassword, "example.org", "127.0.0.1", "the device of", refreshSecrets.current, key.d, key.x];
  for (const secret of secrets) expect(all).not.toContain(String(secret).toLowerCase());
  const [, , mac] = tokens.refresh.split(".");
  expect(all).not.toContain(mac);
});

describe("S04 shards, pair by pair: a game token is for one shard, a social token for every server", () => {
  const shards = [null, "eu-1", "us-1", "EU-1", "eu-10"];

  it.each(shards)("a server with shard %s", async (serverShard) => {
    const house = server.open({
      tokens: { keys: { current: key }, refreshSecrets },
      store: keptStore(),
      accounts: keptAccounts(),
    });
    const players: Player[] = [];
    for (const shard of shards)
      players.push(await house.loggedIn(`Ann ${shard}`, shard === null ? {} : { gameShardId: shard }));
    if (serverShard !== null) await house.restart({ gameShardId: serverShard });

    for (const [index, player] of players.entries()) {
      const { token, socialToken } = player.login;
      const fits = serverShard === null || shards[index] === serverShard;
      const wanted = fits ? "opened" : { code: "TOKEN_INVALID" };
      const gameDoors = [
        verifyDoor,
        bearerDoor("GET", "/auth/session"),
        { ...bearerDoor("GET", "/me"), name: "middleware" },
      ];
      const bunch = new Bunch(house, player, noTokens, "");
      for (const { name, show } of gameDoors) {
        const outcome = await show(token, bunch);
        expect(outcome, `${name}, ${shards[index]}`).toEqual(fits ? wanted : expect.objectContaining(Object(wanted)));
        if (socialToken !== undefined) expect(await show(socialToken, bunch), name).toBe("opened");
      }
      for (const room of [roomDoor("game"), roomDoor("guarded")]) {
        expect(await room.show(token, bunch), `${room.name}, ${shards[index]}`).toEqual(
          fits ? "opened" : { code: 401 },
        );
        if (socialToken !== undefined) expect(await room.show(socialToken, bunch), room.name).toEqual({ code: 401 });
      }
    }
  });
});
