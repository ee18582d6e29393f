// What happens in the login queue of this process, for metrics and events.
import type { SocketSignals } from "../errors.ts";
import type { LiveQueueSettings } from "./queue-settings.ts";
import type { Ticket } from "./queue-store.ts";

/** Each is told once, by the process that did it, but for `queueConfigured`. */
export interface QueueSignals extends SocketSignals {
  /**
   * These tickets were given their passes by this process: by its admission step, by an operator, or as they joined for a
   * session that has its slot. A ticket whose pass reached nobody has its place back, and is admitted once more.
   */
  admitted: { readonly tickets: readonly Ticket[] };
  /** One admission step, with what it took. */
  admissionStep: { readonly seconds: number };
  /**
   * A ticket of this process's queue room was admitted that had been told an estimate when it took its place: how much later
   * that was than the estimate said (less than 0: earlier), and how long it waited since then. Tickets that were moved or put
   * back tell none. A change of settings meanwhile counts, and so does an operator who let the ticket in.
   */
  estimateMet: { readonly lane: string; readonly lateSeconds: number; readonly waitedSeconds: number };
  /** Live settings changed: told on every process, once it has heard of it. */
  queueConfigured: { readonly settings: LiveQueueSettings; readonly previous: LiveQueueSettings };
  /** At its start a process found settings that were changed before, and go before its options. */
  settingsFound: { readonly settings: LiveQueueSettings; readonly options: LiveQueueSettings };
}
