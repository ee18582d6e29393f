// A memory store, and accounts in memory, whose verbs a test can break, one by one.
import type { AccountStoreFactory } from "../../src/accounts/account-store.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { LoginError } from "../../src/errors.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store, StoreFactory } from "../../src/stores/store.ts";

type Part = "sessions" | "access" | "audit" | "queue";

export class FragileStore {
  /** What a call throws, by "part.verb"; `*` stands for every call. */
  readonly broken = new Map<string, Error>();
  /** The same for calls that have their effect, and throw where they should answer. */
  readonly brokenAfter = new Map<string, Error>();
  /** Every call, in order. */
  readonly calls: string[] = [];
  /** What they were given. */
  readonly given: unknown[][] = [];
  /** What calls wait for before they begin, by "part.verb". */
  readonly gates = new Map<string, () => Promise<void>>();

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
      audit: this.#part(store, "audit"),
      get queue() {
        return queue ?? store.queue;
      },
      clock: store.clock,
      isLevel: () => store.isLevel(),
      feedLagMs: () => store.feedLagMs(),
      subscribe: (listener, onGap) => store.subscribe(listener, onGap),
      close: () => store.close(),
    };
  };

  readonly openAccounts: AccountStoreFactory = (context) => this.#watched(memoryAccounts()(context), "accounts");

  #part<P extends Part>(store: Store, part: P): Store[P] {
    return this.#watched(store[part], part);
  }

  #watched<T extends object>(target: T, part: string): T {
    return new Proxy(target, {
      get: (_target, verb: string) => {
        const call: unknown = Reflect.get(target, verb);
        if (typeof call !== "function") return call;
        return async (...values: unknown[]) => {
          this.calls.push(`${part}.${verb}`);
          this.given.push(values);
          const gate = this.gates.get(`${part}.${verb}`);
          if (gate !== undefined) await gate();
          const error = this.broken.get(`${part}.${verb}`) ?? this.broken.get("*");
          if (error !== undefined) throw error;
          const answer: unknown = await Reflect.apply(call, target, values);
          const late = this.brokenAfter.get(`${part}.${verb}`);
          if (late !== undefined) throw late;
          return answer;
        };
      },
    });
  }
}
