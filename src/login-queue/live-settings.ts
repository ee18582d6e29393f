// The settings in force, as one process knows them: whoever needs one reads it here, at the moment of use.
import type { StopTask } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { liveSettingsOf, type QueueSettings, settingChanges } from "./queue-settings.ts";
import type { QueueSignals } from "./queue-signals.ts";
import type { QueueStore } from "./queue-store.ts";

export class LiveSettings {
  readonly #store: Pick<QueueStore, "settings">;
  readonly #emit: Emit<QueueSignals>;
  readonly #listeners = new Set<() => void>();
  #current: QueueSettings;
  #asked = 0;
  #answered = 0;

  /** `initial` is what the options say: it holds until the store was asked. */
  constructor(deps: {
    readonly store: Pick<QueueStore, "settings">;
    readonly initial: QueueSettings;
    readonly emit: Emit<QueueSignals>;
  }) {
    this.#store = deps.store;
    this.#emit = deps.emit;
    this.#current = deps.initial;
  }

  get current(): QueueSettings {
    return this.#current;
  }

  /** Hears of every change from now on. Returns the way to stop. */
  onChange(listener: () => void): StopTask {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Asks the store. Throws LoginError STORE_UNAVAILABLE. */
  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const settings = await this.#store.settings();
    // An answer that was overtaken by a later one is of before.
    if (asked < this.#answered) return;
    const isFirst = this.#answered === 0;
    this.#answered = asked;
    const previous = liveSettingsOf(this.#current);
    const next = liveSettingsOf(settings);
    this.#current = settings;
    if (settingChanges(previous, next).length === 0) return;
    for (const listener of this.#listeners) listener();
    if (isFirst) this.#emit("settingsFound", { settings: next, options: previous });
    else this.#emit("queueConfigured", { settings: next, previous });
  }
}
