// A store that outlives the login it was opened for: for restarts that leave the data where it was, and several processes on one store.
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store, StoreFactory } from "../../src/stores/store.ts";

export function keptStore(): StoreFactory {
  let opened: Store | null = null;
  return (context) => {
    opened ??= memoryStore()(context);
    const store = opened;
    return {
      sessions: store.sessions,
      access: store.access,
      audit: store.audit,
      get queue() {
        return store.queue;
      },
      clock: store.clock,
      isLevel: () => store.isLevel(),
      feedLagMs: () => store.feedLagMs(),
      subscribe: (listener, onGap) => store.subscribe(listener, onGap),
      async close() {},
    };
  };
}

/** Accounts that outlive the login they were made for. */
export function keptAccounts() {
  const make = memoryAccounts();
  let opened: ReturnType<typeof make> | null = null;
  return (context: Parameters<typeof make>[0]) => {
    opened ??= make(context);
    return opened;
  };
}
