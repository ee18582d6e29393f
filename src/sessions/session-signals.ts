// What happens to sessions in this process, for metrics and events.
import type { RefusalCode, SocketSignals } from "../errors.ts";
import type { EndReason, SessionRecord } from "./session.ts";

/** Each is told once, by the process whose call or socket it was. */
export interface SessionSignals extends SocketSignals {
  /** `lostWrites`: the store had forgotten generations and took the presented one over. */
  refreshed: { readonly record: SessionRecord; readonly outcome: "rotated" | "repeated"; readonly lostWrites: boolean };
  refreshRefused: { readonly code: RefusalCode };
  /** A refresh token was shown again after its time: the session was ended for it. */
  reuseDetected: { readonly record: SessionRecord };
  sessionEnded: { readonly record: SessionRecord; readonly reason: EndReason };
}
