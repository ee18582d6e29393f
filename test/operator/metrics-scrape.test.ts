// The metrics as a scraper gets them, from a whole login on a real server.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { scrapeTokens } from "../../src/operator/scrape-tokens.ts";
import type { Operator } from "../../src/tokens/operator-tokens.ts";
import { FragileStore } from "../login/fragile-store.ts";
import { request } from "../login/player.ts";
import { type House, loginServer } from "../login/server.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type Exposition, readExposition, seriesOf, valueAt } from "./metrics-setup.ts";

const server = loginServer();

async function scraperOf(house: House): Promise<() => Promise<Exposition>> {
  const token = await house.login.tokens.issuePartnerToken({ name: "prometheus", scopes: ["metrics:read"] });
  return async () => {
    const answer = await request(`${house.url}/auth/operator/metrics`, { token });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    return readExposition(String(answer.body["text"]));
  };
}

describe("a scrape of a login", () => {
  it("tells what players did here, how the queue stands, and which calls of the store that took", async () => {
    const house = server.open({ queue: { targetCcuLimit: 10 } });
    const scrape = await scraperOf(house);
    await house.loggedIn("Ada");
    const ada = await house.loggedIn("Ada");
    await ada.play();
    await ada.refresh();
    expect((await house.player("Bob").post("/auth/authenticate/device", { id: "short" })).status).toBe(400);
    const metrics = await scrape();
    expect(valueAt(metrics, "logins_total", { provider: "device", outcome: "created" })).toBe(1);
    expect(valueAt(metrics, "logins_total", { provider: "device", outcome: "known" })).toBe(1);
    expect(valueAt(metrics, "logins_total", { provider: "device", outcome: "INVALID_REQUEST" })).toBe(1);
    expect(valueAt(metrics, "sessions_ended_total", { reason: "replaced" })).toBe(1);
    expect(valueAt(metrics, "refreshes_total", { outcome: "rotated" })).toBe(1);
    expect(valueAt(metrics, "connected_sessions")).toBe(1);
    expect(valueAt(metrics, "queue_limit")).toBe(10);
    expect(valueAt(metrics, "queue_slots")).toBeGreaterThanOrEqual(1);
    expect(valueAt(metrics, "store_call_duration_seconds_count", { call: "sessions.open" })).toBe(2);
    expect(valueAt(metrics, "store_up")).toBe(1);
  });

  it("S60 requests for made-up providers, paths and methods add no series but those of their codes", async () => {
    const house = server.open({ queue: {} });
    const scrape = await scraperOf(house);
    const attack = async (name: string) => {
      const post = (path: string) => house.player(name).post(path, { id: name, provider: name });
      await Promise.all([
        post(`/auth/authenticate/${name}`),
        post(`/auth/${name}`),
        post(`/auth/operator/${name}`),
        post(`/auth/operator/sessions/${name}/logout`),
        request(`${house.url}/auth/operator/bans/${name}`, { method: "PUT", token: name, body: { reason: name } }),
        request(`${house.url}/auth/session`, { token: name }),
        request(`${house.url}/auth/queue`, { token: name }),
        house
          .player(name)
          .client.joinOrCreate("game")
          .catch(() => {}),
      ]);
    };
    await attack("first");
    await scrape();
    const before = seriesOf(await scrape());
    for (const index of Array(20).keys()) await attack(`made-up-${index}`);
    const after = await scrape();
    expect(seriesOf(after)).toEqual(before);
    expect(valueAt(after, "logins_total", { provider: "unknown", outcome: "NOT_FOUND" })).toBe(21);
  });

  it("while the store is away it answers with what the process knows", async () => {
    const store = new FragileStore();
    const house = server.open({ queue: {}, store: store.open });
    const scrape = await scraperOf(house);
    await house.loggedIn("Ada");
    await scrape();
    store.isDown = true;
    const metrics = await scrape();
    expect(valueAt(metrics, "store_up")).toBe(0);
    expect(valueAt(metrics, "logins_total", { provider: "device", outcome: "created" })).toBe(1);
    expect(valueAt(metrics, "store_call_failures_total", { call: "queue.status" })).toBeGreaterThan(0);
    expect(metrics.has("colyseus_login_queue_waiting")).toBe(false);
    store.isDown = false;
    expect(valueAt(await scrape(), "store_up")).toBe(1);
  });
});

describe("while the store is away, the scraper's token", () => {
  const operator: Operator = {
    kind: "partner",
    name: "prometheus",
    scopes: ["metrics:read", "status:read"],
    tokenId: "t",
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
  const away = new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");

  function tokensWith(clock: ManualClock, whose = operator) {
    const state: { failure: LoginError | null } = { failure: null };
    const tokens = scrapeTokens(
      {
        async verifyOperatorToken() {
          if (state.failure !== null) throw state.failure;
          return whose;
        },
      },
      clock,
    );
    return { state, read: (token = "token") => tokens.verifyOperatorToken(token, "metrics:read"), tokens };
  }

  it("is good for as long as it goes on reading, however long that is", async () => {
    const clock = new ManualClock();
    const { state, read } = tokensWith(clock);
    await read();
    state.failure = away;
    for (const _ of Array(5)) {
      await clock.advance(9 * 60_000);
      expect(await read()).toBe(operator);
    }
    await clock.advance(10 * 60_000);
    await expect(read()).rejects.toBe(away);
  });

  it("is good though it was revoked since it last read, and no longer than the store is away", async () => {
    const store = new FragileStore();
    const house = server.open({ queue: {}, store: store.open });
    const token = await house.login.tokens.issuePartnerToken({ name: "prometheus", scopes: ["metrics:read"] });
    const status = async () => (await request(`${house.url}/auth/operator/metrics`, { token })).status;
    expect(await status()).toBe(200);
    // By a process that reaches the store, while this one does not.
    await house.login.tokens.revoke(token);
    store.isDown = true;
    expect(await status()).toBe(200);
    store.isDown = false;
    expect(await status()).toBe(401);
    store.isDown = true;
    expect(await status()).toBe(503);
  });

  it("is good for the metrics alone, and no other token is", async () => {
    const { state, read, tokens } = tokensWith(new ManualClock());
    await read();
    await tokens.verifyOperatorToken("token", "status:read");
    state.failure = away;
    await expect(read("another")).rejects.toBe(away);
    await expect(tokens.verifyOperatorToken("token", "status:read")).rejects.toBe(away);
  });

  it("is not good once it was refused, nor after its end", async () => {
    const clock = new ManualClock();
    const { state, read } = tokensWith(clock);
    await read();
    state.failure = new LoginError("TOKEN_INVALID", "The token is not valid here.");
    await expect(read()).rejects.toBe(state.failure);
    state.failure = away;
    await expect(read()).rejects.toBe(away);

    const ending = tokensWith(clock, { ...operator, expiresAt: clock.now() + 60_000 });
    await ending.read();
    ending.state.failure = away;
    await clock.advance(59_999);
    expect(await ending.read()).toMatchObject({ name: "prometheus" });
    await clock.advance(1);
    await expect(ending.read()).rejects.toBe(away);
  });
});
