// The invariants of DESIGN 8 over random sequences of steps, on any store.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { type MakeStore, queueSettings } from "./harness.ts";
import { observe } from "./observe.ts";
import { abandon, arbitraryStep, run } from "./steps.ts";
import { type Tally, World } from "./world.ts";

const mostStepsPerRun = 200;
/** So many sequences share a seed, which finds them again. */
const runsPerSeed = 50;
/** About. */
const stepsPerRun = 100;
/** In steps: how often a soak says how far it is. */
const tellEvery = 500_000;
/** Those that are gone are looked at every so many steps. */
const everythingEvery = 16;

const arbitrarySettings: fc.Arbitrary<QueueSettings> = fc
  .record({
    mode: fc.constantFrom("auto", "auto", "auto", "always", "open", "paused"),
    targetLoginRatePerSecond: fc.constantFrom(0.5, 1, 3, 20),
    loginBurst: fc.constantFrom(0.5, 1, 4, 20),
    targetCcuLimit: fc.constantFrom(1, 2, 4, 30),
    safetyMarginPercent: fc.constantFrom(0, 0, 30),
    playerGraceSeconds: fc.constantFrom(4, 30),
    maxQueueLength: fc.constantFrom(0, 0, 5),
    lanes: fc.constantFrom<Record<string, number>[]>(
      { default: 1 },
      { default: 1, friends: 3 },
      { default: 2, friends: 5, patient: 0.5 },
    ),
  })
  .map((some) => ({
    ...queueSettings,
    ...some,
    queueGraceSeconds: 20,
    passSeconds: 12,
    pollPresentSeconds: 6,
    restoreSeconds: 3,
  }));

/** What the sequences must have come across, or they prove nothing of it. */
const enoughForAll = 100_000;
const worthTesting = [
  "place new",
  "place returned",
  "place restored",
  "admitted auto",
  "admitted always",
  "admitted open",
  "admitted at once",
  "admitted directly",
  "bound to a new slot",
  "slot taken",
  "several lanes served",
  "pass given back",
  "session opened",
  "ended admitted",
  "ended left",
  "ended removed",
  "ended lapsed",
  "a process died",
  "lost store",
  "admitted closed",
  "refused queueFull",
  "refused queueClosed",
  "refused tooManyTickets",
  "configured",
  "moved",
  "let in by hand",
];

/**
 * Registers the property tests for the store that `make` makes. `SOAK_STEPS` says how many steps they take at least (200 000),
 * `SOAK_SEED` where the random numbers begin; a failure prints its seed and the shortest sequence that fails. A store that is
 * slower than memory takes its `share` of the steps.
 */
export function storeProperties(name: string, make: MakeStore, share = 1): void {
  const steps = Number(process.env["SOAK_STEPS"] ?? 200_000) * share;
  const firstSeed = Number(process.env["SOAK_SEED"] ?? 20_300_101);
  const isSoak = process.env["SOAK_STEPS"] !== undefined;
  // A soak takes as long as it is asked to; a test that hangs is still found.
  const timeout = Math.max(120_000, steps * 10);

  describe(`the invariants: ${name}`, () => {
    it(
      "1 2 3 4 5 6 7 8 9 hold after every step, whatever comes",
      async () => {
        const tally: Tally = new Map();
        let taken = 0;
        const property = fc.asyncProperty(
          arbitrarySettings,
          fc.boolean(),
          fc.array(arbitraryStep, { minLength: 1, maxLength: mostStepsPerRun, size: "max" }),
          async (queue, ticketsMayReturn, sequence) => {
            const world = new World(await make({ queue, ticketsMayReturn }), queue, ticketsMayReturn, tally);
            try {
              for (const [index, step] of sequence.entries()) {
                await observe(world, await run(world, step), index % everythingEvery === 0);
              }
              await abandon(world);
            } finally {
              taken += sequence.length;
              await world.store.close();
            }
          },
        );
        let tell = tellEvery;
        for (let seed = firstSeed; taken < steps; seed++) {
          await fc.assert(property, { seed, numRuns: Math.min(runsPerSeed, Math.ceil(steps / stepsPerRun)) });
          if (!isSoak || taken < tell) continue;
          console.log(`${taken} steps held, the last of them from seed ${seed}`);
          tell += tellEvery;
        }
        // Few steps find a fault again by its seed, and need not come across everything.
        if (steps >= enoughForAll) expect(worthTesting.filter((what) => !tally.has(what))).toEqual([]);
      },
      timeout,
    );
  });
}
