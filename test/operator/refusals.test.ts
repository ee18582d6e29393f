// S58 as a table: every call of the operator's side, with everything that is no token for it.
import { describe, expect, it } from "vitest";
import { deviceProvider } from "../../src/accounts/device.ts";
import { operatorScopes } from "../../src/tokens/scopes.ts";
import { FragileStore } from "../login/fragile-store.ts";
import { Outbox } from "../login/outbox.ts";
import { quickEmailProvider } from "../login/quick-email.ts";
import { type House, loginServer } from "../login/server.ts";
import { Bunch, kinds } from "../login/token-doors.ts";
import { ask, Desk } from "./desk.ts";
import { type Sample, samples, setScene } from "./samples.ts";

const server = loginServer();
const none = { ticketId: "t", sid: "s", userId: "u" };
const all = samples(none);

/** Requests of one call that a holder of a good token would be told of in other ways. */
function asked({ method, path, body }: Sample): { path: string; method: string; body?: unknown }[] {
  const hasBody = method !== "GET" && method !== "DELETE";
  return [
    { method, path, body },
    { method, path: `${path.split("?")[0]}?nothing=like&this=1`, body },
    ...(hasBody ? ["{", "[]", '{"nothing":"like this"}', "x".repeat(20_000)] : []).map((broken) => ({
      method,
      path,
      body: broken,
    })),
    ...(path.includes("/t") || path.includes("/s/") || path.includes("/u")
      ? ["%ff", "%00", "x".repeat(2_000)].map((id) => ({
          method,
          path: path.replace(/\/(t|s|u)(?=\/|$)/, `/${id}`),
          body,
        }))
      : []),
  ];
}

async function refused(
  house: House,
  sample: Sample,
  token: string | null,
  what: string,
  wanted: object,
): Promise<void> {
  for (const { method, path, body } of asked(sample)) {
    const answer = await ask(`${house.url}/auth/operator${path}`, { method, token, body });
    expect(answer, `${what}: ${method} ${path}`).toMatchObject(wanted);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
}

const unknown = { status: 401, body: { code: "TOKEN_INVALID" } };
const forbidden = { status: 403, body: { code: "FORBIDDEN" } };

describe("S58 every call is refused before anything of it is looked at", () => {
  it.each(all)("$action: without a token, with a player's, of another kind, expired, revoked", async (sample) => {
    const store = new FragileStore();
    const outbox = new Outbox();
    const house = server.open({
      store: store.open,
      gameShardId: "eu-1",
      queue: { restoreSeconds: 0.001, targetLoginRatePerSecond: 10_000 },
      providers: { email: quickEmailProvider({ sendEmail: outbox.send }), device: deviceProvider() },
      tokens: { operatorTokenExpirationMinutes: 1 },
    });
    const { tokens } = house.login;
    const expired = await tokens.issueOperatorToken({ name: "Late" });
    await house.clock.advance(60_000);
    const revoked = await tokens.issuePartnerToken({ name: "Gone" });
    await tokens.revoke(revoked);
    const bunch = await Bunch.gather(house, outbox, "Ada");
    const good = bunch.tokens.operator;
    const before = store.calls.length;

    await refused(house, sample, null, "none", unknown);
    await refused(house, sample, "garbage", "garbage", unknown);
    await refused(house, sample, `${good}x`, "altered", unknown);
    await refused(house, sample, "x".repeat(10_000), "huge", unknown);
    for (const kind of kinds.filter((name) => name !== "operator" && name !== "partner"))
      await refused(house, sample, bunch.tokens[kind], kind, unknown);
    await refused(house, sample, expired, "expired", { status: 401, body: { code: "TOKEN_EXPIRED" } });
    expect(store.calls.slice(before)).toEqual([]);

    await refused(house, sample, revoked, "revoked", unknown);
    expect(new Set(store.calls.slice(before))).toEqual(new Set(["access.isTokenRevoked"]));
    await bunch.leave();
  });

  it.each(all)("$action: with a token of every other scope", async (sample) => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: { mode: "always" } });
    const others = operatorScopes.filter((scope) => scope !== sample.scope);
    const { tokens } = house.login;
    const poor = [
      await tokens.issueOperatorToken({ name: "Otto", scopes: others }),
      await tokens.issuePartnerToken({ name: "Shop", scopes: others }),
      ...(await Promise.all(others.map((scope) => tokens.issueOperatorToken({ name: "Otto", scopes: [scope] })))),
    ];
    const before = store.calls.length;
    for (const token of poor) await refused(house, sample, token, "poor", forbidden);
    const calls = store.calls.slice(before);
    expect(new Set(calls)).toEqual(new Set(["access.isTokenRevoked", "audit.append"]));
    expect(calls.filter((name) => name === "audit.append")).toHaveLength(poor.length);
  });

  it("and changes nothing, and no stranger stands in the audit list", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const scene = await setScene(house);
    const player = await house.player("passer-by").takePlace();
    const shown = async () => ({
      queue: await desk.ok(desk.get("/status")),
      tickets: await desk.ok(desk.get("/tickets")),
      session: await house.login.sessions.get(scene.sid),
      ban: await house.login.bans.get(scene.userId),
    });
    const before = await shown();
    for (const sample of samples(scene)) {
      const { token } = await desk.with(
        "Otto",
        operatorScopes.filter((scope) => scope !== sample.scope),
      );
      await refused(house, sample, token, "poor", forbidden);
      for (const stranger of [null, player.ticket]) await refused(house, sample, stranger, "stranger", unknown);
    }
    expect(await shown()).toEqual(before);
    const noted = (await desk.events()).filter(({ actor }) => !["Olga", "Reader"].includes(Object(actor).name));
    // However often and in however many ways it was asked for: once for each token and call.
    expect(noted.reverse()).toMatchObject(
      samples(scene).map(({ action }) => ({
        actor: { name: "Otto" },
        action,
        target: null,
        outcome: "FORBIDDEN",
        reason: null,
        before: null,
        after: null,
      })),
    );
    expect(noted).toHaveLength(samples(scene).length);
  });
});

describe("a token with the scope of a call, and no other", () => {
  it.each(["operator", "partner"] as const)("opens it: %s", async (kind) => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const scene = await setScene(house);
    const { issueOperatorToken, issuePartnerToken } = house.login.tokens;
    const issue = kind === "operator" ? issueOperatorToken : issuePartnerToken;
    for (const { action, method, path, scope, body } of samples(scene)) {
      const token = await issue({ name: "One", scopes: [scope] });
      expect((await desk.send(method, path, { token, body })).status, action).toBe(200);
    }
  });
});
