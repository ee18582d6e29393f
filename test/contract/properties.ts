// The invariants of DESIGN 8 over random sequences of steps, on any store.
import fc from "fast-check";
import { describe, it } from "vitest";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { type MakeStore, queueSettings } from "./harness.ts";
import { abandon, arbitraryStep, run } from "./steps.ts";
import { World } from "./world.ts";

const mostStepsPerRun = 200;

const arbitrarySettings: fc.Arbitrary<QueueSettings> = fc
  .record({
    targetLoginRatePerSecond: fc.constantFrom(0.5, 1, 3, 20),
    loginBurst: fc.constantFrom(0.5, 1, 4, 20),
    targetCcuLimit: fc.constantFrom(1, 2, 4, 30),
    playerGraceSeconds: fc.constantFrom(4, 30),
    maxQueueLength: fc.constantFrom(0, 0, 5),
  })
  .map((some) => ({
    ...queueSettings,
    ...some,
    queueGraceSeconds: 20,
    passSeconds: 12,
    pollPresentSeconds: 6,
    restoreSeconds: 3,
    lanes: { default: 1, friends: 3 },
  }));

/**
 * Registers the property tests for the store that `make` makes. `SOAK_STEPS` says how many steps they take together (24 000),
 * `SOAK_SEED` where the random numbers begin; a failure prints the seed and the shortest sequence that fails.
 */
export function storeProperties(name: string, make: MakeStore): void {
  const steps = Number(process.env["SOAK_STEPS"] ?? 24_000);
  const seed = Number(process.env["SOAK_SEED"] ?? 20_300_101);
  // A soak takes as long as it is asked to; a test that hangs is still found.
  const timeout = Math.max(60_000, steps * 10);

  describe(`the invariants: ${name}`, () => {
    it(
      "1 2 3 4 5 6 7 8 9 hold after every step, whatever comes",
      async () => {
        const property = fc.asyncProperty(
          arbitrarySettings,
          fc.boolean(),
          fc.array(arbitraryStep, { minLength: 1, maxLength: mostStepsPerRun, size: "max" }),
          async (queue, ticketsMayReturn, sequence) => {
            const underTest = await make({ queue, ticketsMayReturn });
            const world = new World(underTest, queue, ticketsMayReturn);
            try {
              for (const step of sequence) await world.observe(await run(world, step));
              await abandon(world);
            } finally {
              await world.store.close();
            }
          },
        );
        await fc.assert(property, { seed, numRuns: Math.ceil(steps / (mostStepsPerRun / 2)) });
      },
      timeout,
    );
  });
}
