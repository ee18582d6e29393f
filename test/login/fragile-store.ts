// A memory store whose verbs a test can break, one by one.
import { LoginError } from "../../src/errors.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store, StoreFactory } from "../../src/stores/store.ts";

type Part = "sessions" | "access" | "queue";

export class FragileStore {
  /** What a call throws, by "part.verb"; `*` stands for every call. */
  readonly broken = new Map<string, Error>();
  /** Every call, in order. */
  readonly calls: string[] = [];

  /** The store is out of reach, or back. */
  set isDown(down: boolean) {
    if (down) this.broken.set("*", new LoginError("STORE_UNAVAILABLE", "The store is out of reach."));
    else this.broken.delete("*");
  }

  readonly open: StoreFactory = (context) => {
    const store = memoryStore()(context);
    const queue = context.queue === null ? null : this.#part(store, "queue");
    return {
      sessions: this.#part(store, "sessions"),
      access: this.#part(store, "access"),
      get queue() {
        return queue ?? store.queue;
      },
      subscribe: (listener) => store.subscribe(listener),
      close: () => store.close(),
    };
  };

  #part<P extends Part>(store: Store, part: P): Store[P] {
    const target = store[part];
    return new Proxy(target, {
      get: (_target, verb: string) => {
        const call: unknown = Reflect.get(target, verb);
        if (typeof call !== "function") return call;
        return async (...values: unknown[]) => {
          this.calls.push(`${part}.${verb}`);
          const error = this.broken.get(`${part}.${verb}`) ?? this.broken.get("*");
          if (error !== undefined) throw error;
          return Reflect.apply(call, target, values);
        };
      },
    });
  }
}
