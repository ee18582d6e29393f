// The memory store under the contract of all stores.
import { expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { MakeStore } from "../contract/harness.ts";
import { storeProperties } from "../contract/properties.ts";
import { storeContract } from "../contract/store.contract.ts";
import { ManualClock } from "../support/manual-clock.ts";

const makeMemoryStore: MakeStore = async (context) => {
  const clock = new ManualClock();
  let store = memoryStore()({ clock, ...context });
  return {
    store,
    connect: async () => store,
    async loseState() {
      await store.close();
      store = memoryStore()({ clock, ...context });
      return store;
    },
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
};

storeContract("memory", makeMemoryStore);

it("hears everything at once", async () => {
  const { store, advance } = await makeMemoryStore({ queue: null, ticketsMayReturn: false });
  await advance(60_000);
  expect([store.isLevel(), store.feedLagMs()]).toEqual([true, 0]);
});

storeProperties("memory", makeMemoryStore);
