// A store that outlives the login it was opened for: for restarts that leave the data where it was, and several processes on one store.
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
      get queue() {
        return store.queue;
      },
      subscribe: (listener) => store.subscribe(listener),
      async close() {},
    };
  };
}
