// `login.queue.forecast`: what the settings in force will lead to, and what others would.
import { describe, expect, it } from "vitest";
import type { ForecastChanges } from "../../src/login-queue/eta/forecast.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

async function waitingAt(house: House, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await house.player(`player ${index}`).queue();
  await house.clock.advance(1_000);
}

describe("login.queue.forecast", () => {
  it("goes by how the queue stands at this moment", async () => {
    const house = server.open({ queue: { mode: "paused", targetLoginRatePerSecond: 0.5, targetCcuLimit: 100 } });
    await waitingAt(house, 6);
    const { queue } = house.login;
    const now = house.clock.now();
    const settings = { targetLoginRatePerSecond: 0.5, targetCcuLimit: 100, mode: "paused" };
    expect(await queue.forecast()).toEqual({
      asOf: now,
      waiting: 6,
      settings,
      pacePerSecond: 0,
      paceSetBy: "mode",
      arrivalsPerSecond: expect.any(Number),
      emptyInSeconds: null,
      neverEmptyBecause: "mode",
      lastWaitSeconds: null,
    });
    // Nobody looks at it meanwhile: it is read anew.
    await queue.configure({ mode: "auto" });
    expect((await queue.forecast()).settings.mode).toBe("auto");
    await house.player("one more").queue();
    expect((await queue.forecast()).waiting).toBe(7);
  });

  it("tries settings and changes none", async () => {
    const house = server.open({ queue: { mode: "paused", targetLoginRatePerSecond: 0.5, targetCcuLimit: 100 } });
    await waitingAt(house, 6);
    const { queue } = house.login;
    // How many give up shows in time alone.
    await house.clock.advance(60_000);
    // One may come in at once.
    const slow = await queue.forecast({ mode: "auto" });
    expect(slow.lastWaitSeconds).toMatchObject({ expected: 10, low: expect.closeTo(7.5, 0), high: 12 });
    const fast = await queue.forecast({ mode: "auto", targetLoginRatePerSecond: 2 });
    expect(fast).toMatchObject({ pacePerSecond: 2, paceSetBy: "rate", lastWaitSeconds: { expected: 2.5 } });
    const full = await queue.forecast({ mode: "auto", targetCcuLimit: 3 });
    expect(full).toMatchObject({ neverEmptyBecause: "departuresUnknown", lastWaitSeconds: null });
    expect(await queue.status()).toMatchObject({ mode: "paused", targetLoginRatePerSecond: 0.5, targetCcuLimit: 100 });
    expect(await queue.forecast({})).toEqual(await queue.forecast());
  });

  it.each([
    [{ targetLoginRatePerSecond: 0 }, "option targetLoginRatePerSecond: expected a number above 0, got 0"],
    [{ targetLoginRatePerSecond: Number.POSITIVE_INFINITY }, "targetLoginRatePerSecond: expected a number above 0"],
    [{ targetCcuLimit: -1 }, "option targetCcuLimit: expected a whole number, 0 or more, got -1"],
    [{ targetCcuLimit: null }, "option targetCcuLimit: expected a whole number, 0 or more, got null"],
    [{ mode: "asleep" }, 'option mode: expected one of "auto"'],
    [{ notice: "Hello." }, "there is no option notice"],
    [null, "expected an object of settings, got null"],
  ])("takes the values that configure takes, and not %j", async (changes, words) => {
    const { login } = server.open({ queue: {} });
    await expect(login.queue.forecast(changes as ForecastChanges)).rejects.toThrow(TypeError);
    await expect(login.queue.forecast(changes as ForecastChanges)).rejects.toThrow(words);
  });

  it("needs a queue", async () => {
    await expect(server.open().login.queue.forecast()).rejects.toThrow("no login queue is configured");
  });
});
