// When a poller is told to come back: the bounds of DESIGN 5, over the whole range of places and paces.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestRetryAfterSeconds, type PollFacts, retryAfterSeconds } from "../../src/login-queue/retry-after.ts";

const facts = fc.record<PollFacts>({
  position: fc.integer({ min: 0, max: 1_000_000 }),
  etaMs: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  targetLoginRatePerSecond: fc.double({ min: 0.1, max: 1_000, noNaN: true }),
  maxCheckTicketPollTimeSeconds: fc.double({ min: 1, max: 3_600, noNaN: true }),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("retryAfterSeconds", () => {
  it("is a whole number from 1, within a quarter of the wait and the configured maximum", () => {
    fc.assert(
      fc.property(facts, random, (place, drawn) => {
        const retry = retryAfterSeconds(place, drawn);
        expect(Number.isInteger(retry) && retry >= 1).toBe(true);
        expect(retry).toBeLessThanOrEqual(place.maxCheckTicketPollTimeSeconds);
        if (place.etaMs >= 0) expect(retry).toBeLessThanOrEqual(Math.max(1, place.etaMs / 4_000));
        expect(retry).toBeLessThanOrEqual(longestRetryAfterSeconds(place));
      }),
    );
  });

  it("is at most 5 for those whose turn could come within 20 s", () => {
    fc.assert(
      fc.property(facts, random, (place, drawn) => {
        fc.pre(place.position <= 20 * place.targetLoginRatePerSecond);
        expect(retryAfterSeconds(place, drawn)).toBeLessThanOrEqual(5);
      }),
    );
  });

  it("never falls due later for a better place", () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 0, max: 1_000 }), (place, better) => {
        const position = Math.max(0, place.position - better);
        const etaMs = place.etaMs < 0 ? -1 : Math.max(0, place.etaMs - better);
        expect(longestRetryAfterSeconds({ ...place, position, etaMs })).toBeLessThanOrEqual(
          longestRetryAfterSeconds(place),
        );
      }),
    );
  });

  it("is spread by a tenth to either side", () => {
    const far: PollFacts = {
      position: 100_000,
      etaMs: 4_000_000,
      targetLoginRatePerSecond: 50,
      maxCheckTicketPollTimeSeconds: 300,
    };
    expect(retryAfterSeconds(far, 0)).toBe(243);
    expect(retryAfterSeconds(far, 0.5)).toBe(270);
    expect(retryAfterSeconds(far, 0.999)).toBe(296);
  });
});
