// S49, S50 and S51 of a whole login whose accounts, sessions and counters are in Redis.
import { describe, expect, it } from "vitest";
import { randomId } from "../../src/random.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { ada, newPassword, openWithEmail, registered } from "../login/email-house.ts";
import { newKey, refreshSecrets } from "../login/keys.ts";
import { loginServer } from "../login/server.ts";
import { RedisServer, useRedisServer } from "../support/redis-server.ts";

// Its dumps are not compressed: they show what is in them.
const redis = useRedisServer(new RedisServer(null, ["--rdbcompression", "no"]));
const server = loginServer();

function open() {
  const prefix = randomId(6);
  const kept = { store: redisStore(redis.url, { prefix }), accounts: redisAccounts(redis.url, { prefix }) };
  return { prefix, ...openWithEmail(server, { ...kept, tokens: { keys: { current: newKey() }, refreshSecrets } }) };
}

const wrong = { ...ada, password: "not the horse" };

describe("e-mail accounts in Redis", () => {
  it("S49 are kept with a salted hash and its parameters, and no password or token lies anywhere", async () => {
    const { prefix, house, outbox } = open();
    const player = await registered(house);
    await player.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    expect((await player.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
    const dumps = await Promise.all(
      (await redis.client.keys(`{${prefix}}:*`)).map(async (key) => `${key} ${await redis.client.dumpBuffer(key)}`),
    );
    const kept = dumps.join("\n");
    expect(kept).toMatch(/\$scrypt\$ln=\d+,r=8,p=\d+\$/);
    for (const secret of [ada.password, newPassword, token]) expect(kept).not.toContain(secret);
  });

  it("outlive the login that made them", async () => {
    const { house } = open();
    const player = await registered(house, { username: "Ada" });
    await house.restart();
    expect((await player.post("/auth/login", ada)).body).toMatchObject({ user: player.login.user, created: false });
  });

  it("S50 are not told from unknown addresses", async () => {
    const { house } = open();
    const player = await registered(house);
    const answer = await player.post("/auth/login", wrong);
    expect(answer).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    const unknown = await player.post("/auth/login", { ...wrong, email: "eve@example.org" });
    expect([unknown.status, unknown.body]).toEqual([answer.status, answer.body]);
  });

  it("S51 are held back after wrong passwords, by the process that comes after as well", async () => {
    const { house } = open();
    const player = house.player("Ada");
    for (let index = 0; index < 6; index += 1) expect((await player.post("/auth/login", wrong)).status).toBe(401);
    await house.restart();
    // The delay doubles with each that comes through, so hardly one of these does, however slow the machine is.
    const answers = [];
    for (let index = 0; index < 10; index += 1) answers.push(await player.post("/auth/login", wrong));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(5);
    for (const { body } of refused) {
      expect(body).toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfterSeconds: expect.any(Number) });
    }
  });
});
