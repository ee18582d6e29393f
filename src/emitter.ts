// Tells those who listen what happened in this process. Whoever tells never waits for them and never hears of their failures.
import type { StopTask } from "./clock.ts";

/**
 * How a part tells what happened, without knowing who listens. Never throws. Written without a type parameter of its own, so
 * that what tells of more events will do where fewer are asked for.
 */
export type Emit<Events> = (
  ...told: { [Name in keyof Events]: [name: Name, event: Events[Name]] }[keyof Events]
) => void;

type Listener<Event> = (event: Event) => unknown;

export class Emitter<Events> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};
  readonly #failed: (name: keyof Events, error: unknown) => void;

  /** `failed` hears of a listener that threw or rejected; it must not throw. */
  constructor(failed: (name: keyof Events, error: unknown) => void) {
    this.#failed = failed;
  }

  /** Hears every such event from now on, in the order in which they happen. Returns the way to stop. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): StopTask {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    // The same function given twice is two listeners: each has its own way to stop.
    const own: Listener<Events[Name]> = (event) => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  readonly emit: Emit<Events> = <Name extends keyof Events>(name: Name, event: Events[Name]): void => {
    for (const listener of [...(this.#listeners[name] ?? [])]) this.#tell(name, listener, event);
  };

  #tell<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>, event: Events[Name]): void {
    try {
      const answer = listener(event);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#failed(name, error));
    } catch (error) {
      this.#failed(name, error);
    }
  }
}
