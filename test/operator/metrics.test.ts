// What metrics count of one process, how they read the whole system, and how little hostile input adds to them.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import type { QueueStatus } from "../../src/login-queue/queue-store.ts";
import {
  emitAction,
  fullQueueStatus,
  laneStatus,
  meteredHouse,
  queueStatus,
  readExposition,
  record,
  refusalCodes,
  seriesOf,
  touchEverything,
  valueAt,
} from "./metrics-setup.ts";

/** An answer over HTTP that is larger hangs in core's adapter. */
const mostBytes = 60 * 1024;
const names = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `${index}`.padEnd(length, "x"));
const away = () => Promise.reject(new LoginError("STORE_UNAVAILABLE", "The store is out of reach."));

describe("of the process", () => {
  it("logins are counted by provider, and by whether the account was new or by the code of the refusal", async () => {
    const { signals, read } = meteredHouse();
    signals.emit("loggedIn", { record, provider: "device", created: true, repeated: false });
    signals.emit("loggedIn", { record, provider: "device", created: false, repeated: false });
    signals.emit("loggedIn", { record, provider: "device", created: false, repeated: false });
    signals.emit("loggedIn", { record, provider: "anonymous", created: true, repeated: true });
    signals.emit("loginRefused", { provider: "device", code: "QUEUE_REQUIRED" });
    const metrics = await read();
    const logins = (provider: string, outcome: string) => valueAt(metrics, "logins_total", { provider, outcome });
    expect(logins("device", "created")).toBe(1);
    expect(logins("device", "known")).toBe(2);
    expect(logins("anonymous", "repeated")).toBe(1);
    expect(logins("anonymous", "created")).toBeUndefined();
    expect(logins("device", "QUEUE_REQUIRED")).toBe(1);
  });

  it("refreshes are counted by outcome, lost writes and reuse by themselves", async () => {
    const { signals, read } = meteredHouse();
    expect(valueAt(await read(), "reuse_detected_total")).toBe(0);
    signals.emit("refreshed", { record, outcome: "rotated", lostWrites: false });
    signals.emit("refreshed", { record, outcome: "rotated", lostWrites: true });
    signals.emit("refreshed", { record, outcome: "repeated", lostWrites: false });
    signals.emit("refreshRefused", { code: "SESSION_REVOKED" });
    signals.emit("reuseDetected", { record });
    const metrics = await read();
    expect(valueAt(metrics, "refreshes_total", { outcome: "rotated" })).toBe(2);
    expect(valueAt(metrics, "refreshes_total", { outcome: "repeated" })).toBe(1);
    expect(valueAt(metrics, "refreshes_total", { outcome: "SESSION_REVOKED" })).toBe(1);
    expect(valueAt(metrics, "refresh_lost_writes_total")).toBe(1);
    expect(valueAt(metrics, "reuse_detected_total")).toBe(1);
  });

  it("ends, closed sockets, refusals and operators' calls are counted by their kind", async () => {
    const { signals, read } = meteredHouse();
    signals.emit("sessionEnded", { record, reason: "banned" });
    signals.emit("socketClosed", { code: 4403 });
    signals.emit("socketClosed", { code: 4403 });
    signals.emit("refused", { door: "matchmaking", code: "BANNED" });
    emitAction(signals, "user.ban", "done");
    emitAction(signals, "user.ban", "INVALID_REQUEST");
    emitAction(signals, "user.ban", "NOT_FOUND");
    const metrics = await read();
    expect(valueAt(metrics, "sessions_ended_total", { reason: "banned" })).toBe(1);
    expect(valueAt(metrics, "sessions_ended_total", { reason: "reuse" })).toBe(0);
    expect(valueAt(metrics, "sockets_closed_total", { code: "4403" })).toBe(2);
    expect(valueAt(metrics, "refusals_total", { door: "matchmaking", code: "BANNED" })).toBe(1);
    expect(valueAt(metrics, "operator_calls_total", { action: "user.ban", outcome: "done" })).toBe(1);
    expect(valueAt(metrics, "operator_calls_total", { action: "user.ban", outcome: "refused" })).toBe(2);
  });

  it("an estimate that was too long counts below zero", async () => {
    const { signals, read } = meteredHouse();
    signals.emit("estimateMet", { lane: "default", lateSeconds: -20, waitedSeconds: 60 });
    signals.emit("estimateMet", { lane: "default", lateSeconds: 4, waitedSeconds: 60 });
    const metrics = await read();
    const below = (le: string) => valueAt(metrics, "eta_error_seconds_bucket", { le });
    expect([below("-60"), below("-15"), below("0"), below("5"), below("+Inf")]).toEqual([0, 1, 1, 2, 2]);
    expect(valueAt(metrics, "eta_error_seconds_sum")).toBe(-16);
  });

  it("what is so at this moment is read at the scrape", async () => {
    let sessions = 3;
    const { read } = meteredHouse({ connectedSessions: () => sessions, feedLagMs: () => 2_500 });
    expect(valueAt(await read(), "connected_sessions")).toBe(3);
    sessions = 1;
    const metrics = await read();
    expect(valueAt(metrics, "connected_sessions")).toBe(1);
    expect(valueAt(metrics, "feed_lag_seconds")).toBe(2.5);
  });

  it("two logins in one process count apart", async () => {
    const [one, other] = [meteredHouse(), meteredHouse()];
    one.signals.emit("reuseDetected", { record });
    expect(valueAt(await one.read(), "reuse_detected_total")).toBe(1);
    expect(valueAt(await other.read(), "reuse_detected_total")).toBe(0);
  });
});

describe("of the whole system", () => {
  const lanes = {
    vip: laneStatus({ waiting: 7, away: 2, admitted: 40, lapsed: 3, abandoned: 5 }),
    default: laneStatus({ waiting: 90 }),
  };
  const status = queueStatus({
    mode: "closed",
    lanes,
    liveSlots: 55,
    targetCcuLimit: 100,
    safetyMarginPercent: 10,
    departedSlots: 17,
    noShows: 4,
    oldestEnqueuedAt: 988_000,
    admissionStepAt: 999_500,
    secondsToLogin: 3.5,
  });

  it("the queue is told as its store tells it, in one reading", async () => {
    let readings = 0;
    const { read } = meteredHouse({
      readQueue: async () => {
        readings += 1;
        return status;
      },
    });
    const metrics = await read();
    expect(readings).toBe(1);
    const queue = (name: string, labels: Record<string, string> = {}) => valueAt(metrics, `queue_${name}`, labels);
    expect(queue("waiting", { lane: "vip" })).toBe(7);
    expect(queue("waiting", { lane: "default" })).toBe(90);
    expect(queue("away", { lane: "vip" })).toBe(2);
    expect([queue("slots"), queue("limit"), queue("target_rate_per_second")]).toEqual([55, 90, 50]);
    expect([queue("mode", { mode: "closed" }), queue("mode", { mode: "auto" })]).toEqual([1, 0]);
    expect([queue("oldest_wait_seconds"), queue("seconds_to_login")]).toEqual([12, 3.5]);
    expect(queue("admission_step_age_seconds")).toBe(0.5);
    expect(queue("admissions_total", { lane: "vip" })).toBe(40);
    expect(queue("lapses_total", { lane: "vip" })).toBe(3);
    expect(queue("abandoned_total", { lane: "vip" })).toBe(5);
    expect([queue("no_shows_total"), queue("departures_total")]).toEqual([4, 17]);
    expect(metrics.get("colyseus_login_queue_departures_total")?.type).toBe("counter");
    expect(metrics.get("colyseus_login_queue_admissions_total")?.type).toBe("counter");
  });

  it("counters stand where the store has them, also after it began anew, and a lane that is gone is gone", async () => {
    let reading = status;
    const { read } = meteredHouse({ readQueue: async () => reading });
    await read();
    expect(valueAt(await read(), "queue_departures_total")).toBe(17);
    reading = { ...status, departedSlots: 2, lanes: { default: lanes.default } };
    const metrics = await read();
    expect(valueAt(metrics, "queue_departures_total")).toBe(2);
    expect(valueAt(metrics, "queue_waiting", { lane: "vip" })).toBeUndefined();
  });

  it("what is not known is not told, and nobody's wait is none", async () => {
    const metrics = await meteredHouse().read();
    expect(metrics.has("colyseus_login_queue_seconds_to_login")).toBe(false);
    expect(metrics.has("colyseus_login_queue_admission_step_age_seconds")).toBe(false);
    expect(valueAt(metrics, "queue_oldest_wait_seconds")).toBe(0);
  });

  it("two scrapes at one moment do not disturb each other", async () => {
    const { read } = meteredHouse({ readQueue: async () => status });
    const [one, other] = await Promise.all([read(), read()]);
    expect(seriesOf(one)).toEqual(seriesOf(other));
    expect(valueAt(one, "queue_departures_total")).toBe(17);
    expect(valueAt(other, "queue_departures_total")).toBe(17);
  });

  it("without a queue there is nothing of it", async () => {
    const metrics = await meteredHouse({ readQueue: async () => null }).read();
    expect([...metrics.keys()].filter((name) => name.includes("_queue_"))).toEqual([]);
    expect(valueAt(metrics, "store_up")).toBe(1);
  });
});

describe("while the store is away", () => {
  it("a scrape answers with what the process knows, says that the store is away, and recovers", async () => {
    let reading: () => Promise<QueueStatus | null> = away;
    const { signals, read, logger } = meteredHouse({ readQueue: () => reading() });
    signals.emit("reuseDetected", { record });
    const metrics = await read();
    expect(valueAt(metrics, "store_up")).toBe(0);
    expect(valueAt(metrics, "reuse_detected_total")).toBe(1);
    expect([...metrics.keys()].filter((name) => name.includes("_queue_"))).toEqual([]);
    expect(logger.lines).toEqual([]);
    reading = async () => queueStatus();
    expect(valueAt(await read(), "store_up")).toBe(1);
  });

  it("a fault of another kind is logged, and the scrape answers all the same", async () => {
    const { read, logger } = meteredHouse({ readQueue: () => Promise.reject(new TypeError("not ours")) });
    expect(valueAt(await read(), "store_up")).toBe(0);
    expect(logger.lines).toMatchObject([{ level: "warn", text: expect.stringContaining("not ours") }]);
  });
});

describe("S60 no label has unbounded values", () => {
  it("what strangers send makes no series: providers, close codes and actions beyond the known ones are counted together", async () => {
    const house = meteredHouse();
    await touchEverything(house, ["device", "anonymous", "made up"]);
    const before = seriesOf(await house.read()).length;
    for (const index of Array(500).keys()) {
      for (const code of refusalCodes) house.signals.emit("loginRefused", { provider: `made up ${index}`, code });
      house.signals.emit("socketClosed", { code: 5000 + index });
    }
    const metrics = await house.read();
    expect(seriesOf(metrics).length).toBe(before);
    expect(valueAt(metrics, "logins_total", { provider: "unknown", outcome: "NOT_FOUND" })).toBeGreaterThan(0);
    expect(valueAt(metrics, "sockets_closed_total", { code: "other" })).toBe(501);
  });

  it("actions that no call has are counted together too", async () => {
    const house = meteredHouse();
    for (const action of names(500, 20)) emitAction(house.signals, action, "done");
    const metrics = await house.read();
    expect(
      metrics.get("colyseus_login_operator_calls_total")?.samples.get("colyseus_login_operator_calls_total"),
    ).toHaveLength(31);
    expect(valueAt(metrics, "operator_calls_total", { action: "other", outcome: "done" })).toBe(470);
  });

  it("lanes beyond the eighth are counted together, always the same ones", async () => {
    const lane = laneStatus({ waiting: 1, admitted: 10 });
    const forth = Object.fromEntries(names(100, 4).map((name) => [name, lane]));
    const back = Object.fromEntries(Object.entries(forth).reverse());
    const read = async (lanes: QueueStatus["lanes"]) =>
      meteredHouse({ readQueue: async () => queueStatus({ lanes }) }).read();
    const metrics = await read(forth);
    expect(valueAt(metrics, "queue_waiting", { lane: "other" })).toBe(92);
    expect(valueAt(metrics, "queue_admissions_total", { lane: "other" })).toBe(920);
    expect(seriesOf(await read(back))).toEqual(seriesOf(metrics));
  });

  it.each([
    ["eight lanes and four providers", { lanes: names(8, 8), providers: names(4, 8) }],
    ["as many and as long names as options allow, and more", { lanes: names(100, 32), providers: names(40, 32) }],
  ])(
    "with everything touched, one scrape stays below what an answer may weigh: %s",
    async (_, { lanes, providers }) => {
      const house = meteredHouse({ providers, readQueue: async () => fullQueueStatus(lanes) });
      await touchEverything(house, [...providers, "unknown"]);
      const { body, contentType } = await house.metrics.text();
      expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
      const series = seriesOf(readExposition(body)).length;
      expect(series).toBeGreaterThan(550);
      // Everything was counted a few times only: numbers grow by as many digits.
      const growth = 7 * series;
      expect(Buffer.byteLength(body) + growth).toBeLessThan(mostBytes);
    },
  );
});
