// How fast slots come free, from counts alone.
import { describe, expect, it } from "vitest";
import { DepartureMeter } from "../../../src/login-queue/eta/departure-meter.ts";
import { seconds } from "./facts.ts";

/** Reads once a second; `paces` gives departures per second, one after the other for so many seconds. */
function measure(paces: readonly (readonly [perSecond: number, forSeconds: number])[], live = 1_000): DepartureMeter {
  const meter = new DepartureMeter();
  let departed = 0;
  let second = 0;
  meter.add(seconds(0), 0, live);
  for (const [perSecond, forSeconds] of paces) {
    for (let passed = 0; passed < forSeconds; passed++) {
      departed += perSecond;
      second += 1;
      meter.add(seconds(second), Math.floor(departed + 1e-9), live);
    }
  }
  return meter;
}

const perSecond = (meter: DepartureMeter): number => (meter.rate()?.perSlotSecond ?? Number.NaN) * 1_000;

describe("departures", () => {
  it("are not known below eight", () => {
    expect(new DepartureMeter().rate()).toBeNull();
    expect(measure([[1, 7]]).rate()).toBeNull();
    expect(perSecond(measure([[1, 8]]))).toBeCloseTo(1, 5);
  });

  it("count for twenty minutes", () => {
    const meter = measure([
      [1, 8],
      [0, 1_180],
    ]);
    expect(meter.rate()?.departures).toBe(8);
    meter.add(seconds(1_300), 8, 1_000);
    expect(meter.rate()).toBeNull();
  });

  it("are averaged over all that time while the pace is the same", () => {
    expect(measure([[0.5, 2_000]]).rate()?.departures).toBeCloseTo(600, -1);
    expect(perSecond(measure([[0.5, 2_000]]))).toBeCloseTo(0.5, 2);
  });

  it("are followed within some dozens when the pace changes", () => {
    const faster = measure([
      [1, 1_200],
      [3, 30],
    ]);
    expect(perSecond(faster)).toBeGreaterThan(2.2);
    const slower = measure([
      [3, 1_200],
      [1, 40],
    ]);
    expect(perSecond(slower)).toBeLessThan(1.5);
  });

  it("are not mistaken for another pace by a run of luck", () => {
    const meter = measure([
      [1, 1_000],
      [1.5, 20],
    ]);
    expect(perSecond(meter)).toBeLessThan(1.05);
  });

  it("fall in silence, and go on falling", () => {
    const silentFor = (silence: number) =>
      perSecond(
        measure([
          [1, 600],
          [0, silence],
        ]),
      );
    expect(silentFor(30)).toBeLessThan(0.6);
    expect(silentFor(120)).toBeLessThan(0.2);
    expect(silentFor(300)).toBeLessThan(silentFor(120));
  });

  it("are counted per slot: with half the players half as many leave", () => {
    expect(measure([[1, 100]], 500).rate()?.perSlotSecond).toBeCloseTo(1 / 500, 8);
  });

  it("begin anew with a store that does, and take no reading twice", () => {
    const meter = measure([[5, 100]]);
    meter.add(seconds(100), 600, 1_000);
    expect(perSecond(meter)).toBeCloseTo(5, 5);
    meter.add(seconds(101), 0, 1_000);
    expect(meter.rate()).toBeNull();
  });
});
