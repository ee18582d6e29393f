// Reads of single values: those asked for at one moment go to Redis as one command, which costs little more than one of them.
import { listOf, type Reply, textOrNull } from "./replies.ts";

/** Of one command: nobody else is served meanwhile. */
const mostAtOnce = 200;

interface Batch {
  readonly keys: string[];
  readonly values: Promise<readonly Reply[]>;
}

export class Reads {
  /** What was asked for, and is not sent yet. */
  #next: Batch | null = null;
  readonly #ask: (keys: readonly string[]) => Promise<Reply>;

  /** `ask` reads so many keys at once, by MGET. */
  constructor(ask: (keys: readonly string[]) => Promise<Reply>) {
    this.#ask = ask;
  }

  /** The value of a key as it is after this call, or null. */
  async get(key: string): Promise<string | null> {
    const { keys, values } = this.#next ?? this.#begin();
    const index = keys.push(key) - 1;
    if (keys.length === mostAtOnce) this.#next = null;
    return textOrNull((await values)[index]);
  }

  #begin(): Batch {
    const keys: string[] = [];
    const asked = Promise.withResolvers<readonly Reply[]>();
    const batch = { keys, values: asked.promise };
    this.#next = batch;
    // After whatever is ready to run now, and before anything else arrives.
    process.nextTick(() => {
      if (this.#next === batch) this.#next = null;
      this.#ask(keys).then(listOf).then(asked.resolve, asked.reject);
    });
    return batch;
  }
}
