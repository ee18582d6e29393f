// A typed set of listeners.

/** Listeners by event name; `M` says what each event's listeners are called with. */
export class Events<M extends Record<keyof M, readonly unknown[]>> {
  #listeners: { [K in keyof M]?: Set<(...args: M[K]) => void> } = {};

  /** Adds a listener; the answer takes it off again. */
  on<K extends keyof M>(event: K, listener: (...args: M[K]) => void): () => void {
    const listeners = this.#listeners[event] ?? new Set<(...args: M[K]) => void>();
    this.#listeners[event] = listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<K extends keyof M>(event: K, ...args: M[K]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) callSafely(() => listener(...args));
  }
}

/** A listener's failure is its own: it is reported as an uncaught error, as `EventTarget` does, and breaks nothing else. */
export function callSafely(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
