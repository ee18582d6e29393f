// Giving up waiting for something that cannot be stopped itself.

/** Settles as `promise` does, or rejects with the signal's reason as soon as it aborts; what then still comes goes to `onLate`. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal, onLate: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise
      .then((value) => {
        if (signal.aborted) onLate(value);
        else resolve(value);
      }, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
