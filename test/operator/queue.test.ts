// The operator's calls about the queue as a whole, on the real login: what is changed is in force, and is told with what was before.
import { describe, expect, it } from "vitest";
import { untilState } from "../login/player.ts";
import { loginServer } from "../login/server.ts";
import { Desk } from "./desk.ts";

const server = loginServer();

describe("PATCH queue", () => {
  it("changes settings by name, and answers what is in force and what was before", async () => {
    const house = server.open({ queue: { targetCcuLimit: 100, targetLoginRatePerSecond: 5 } });
    const desk = await Desk.open(house);
    const { settings, previous } = await desk.ok(desk.patch("/queue", { targetCcuLimit: 200, mode: "paused" }));
    expect(previous).toMatchObject({ targetCcuLimit: 100, mode: "auto", targetLoginRatePerSecond: 5 });
    expect(settings).toMatchObject({ targetCcuLimit: 200, mode: "paused", targetLoginRatePerSecond: 5 });
    expect(await house.login.queue.status()).toMatchObject({ targetCcuLimit: 200, mode: "paused" });
  });

  it("puts a setting back to what the options say by null", async () => {
    const house = server.open({ queue: { targetCcuLimit: 100 } });
    const desk = await Desk.open(house);
    await desk.ok(desk.patch("/queue", { targetCcuLimit: 7, notice: "Soon." }));
    const { settings } = await desk.ok(desk.patch("/queue", { targetCcuLimit: null }));
    expect(settings).toMatchObject({ targetCcuLimit: 100, notice: "Soon." });
  });

  it("shows the notice to those who wait", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const desk = await Desk.open(house);
    const room = await house.player("Ann").queue();
    const told = untilState(room, ({ notice }) => notice === "Back at <b>five</b>.");
    await desk.ok(desk.patch("/queue", { notice: "Back at <b>five</b>." }));
    expect((await told).mode).toBe("paused");
  });

  it("changes nothing where one of several settings is wrong", async () => {
    const house = server.open({ queue: { targetCcuLimit: 100 } });
    const desk = await Desk.open(house);
    const refused = await desk.patch("/queue", { targetCcuLimit: 200, targetLoginRatePerSecond: 0 });
    expect(refused).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
    expect(refused.body["message"]).toBe("body.targetLoginRatePerSecond: expected a number above 0");
    expect((await house.login.queue.status()).targetCcuLimit).toBe(100);
  });
});

describe("GET status", () => {
  it("shows the queue, its settings, access, the process, and whose token it is", async () => {
    const house = server.open({ queue: { mode: "always", targetCcuLimit: 10 } });
    const desk = await (await Desk.open(house)).with("Otto", ["status:read"]);
    await house.player("Ann").queue();
    const status = await desk.ok(desk.get("/status"));
    expect(status).toMatchObject({
      asOf: house.clock.now(),
      operator: { kind: "operator", name: "Otto", scopes: ["status:read"], expiresAt: expect.any(Number) },
      queue: { mode: "always", waiting: 1, targetCcuLimit: 10, lanes: { default: { waiting: 1 } } },
      settings: { mode: "always", targetCcuLimit: 10, notice: "" },
      access: { mode: "open", modeNow: "open", allow: { userIds: [], groups: [], rule: null } },
      process: { connectedSessions: 0, feedLagMs: 0 },
    });
  });

  it("counts the sessions that play in this process", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    await (await house.loggedIn("Ann")).play();
    const status = await desk.ok(desk.get("/status"));
    expect(status).toMatchObject({ queue: null, settings: null, process: { connectedSessions: 1 } });
  });

  it("shows a change at once", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    await desk.ok(desk.patch("/queue", { notice: "Soon.", mode: "closed" }));
    const status = await desk.ok(desk.get("/status"));
    expect(status).toMatchObject({ queue: { notice: "Soon.", mode: "closed" }, settings: { notice: "Soon." } });
  });

  it("is answered however many lanes there are", async () => {
    const lanes = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${"lane".repeat(7)}${index}`, 0.123]));
    const house = server.open({ queue: { mode: "paused", lanes } });
    const desk = await Desk.open(house);
    // Each default lane but the last is taken away while somebody waits in it.
    for (let index = 0; index < 210; index += 1) {
      await house.login.queue.configure({ lanes: { [`${"away".repeat(7)}${index}`]: 1 } });
      await house.player(`player ${index}`).takePlace();
    }
    const { queue } = await desk.ok(desk.get("/status"));
    expect(Object.keys(Object(queue).lanes)).toHaveLength(200);
  });
});

describe("GET forecast and history", () => {
  it("tell what may come under other settings, and change none", async () => {
    const house = server.open({ queue: { mode: "paused", targetCcuLimit: 10, targetLoginRatePerSecond: 1 } });
    const desk = await Desk.open(house);
    for (const name of ["Ann", "Bob", "Cid"]) await house.player(name).takePlace();
    await house.clock.advance(2_000);
    expect(await desk.ok(desk.get("/forecast"))).toMatchObject({
      waiting: 3,
      settings: { mode: "paused", targetCcuLimit: 10, targetLoginRatePerSecond: 1 },
      emptyInSeconds: null,
      neverEmptyBecause: "mode",
    });
    const query = "targetLoginRatePerSecond=0.5&targetCcuLimit=4&mode=auto";
    expect(await desk.ok(desk.get(`/forecast?${query}`))).toMatchObject({
      settings: { mode: "auto", targetCcuLimit: 4, targetLoginRatePerSecond: 0.5 },
      lastWaitSeconds: { expected: expect.any(Number) },
    });
    expect((await house.login.queue.status()).mode).toBe("paused");
  });

  it("show the last hour as columns", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const desk = await Desk.open(house);
    await house.player("Ann").takePlace();
    await house.clock.advance(60_000);
    const { everySeconds, samples } = await desk.ok(desk.get("/history"));
    expect(everySeconds).toBeGreaterThan(0);
    const lengths = Object.values(Object(samples)).map((column) => Object(column).length);
    expect(new Set(lengths).size).toBe(1);
    expect(Object(samples).waiting.at(-1)).toBe(1);
  });
});
