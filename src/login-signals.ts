// Everything that the parts of one login tell each other of: what metrics, events and the log listen to.
import type { AccessSignals } from "./access/access-signals.ts";
import type { AuditEntry } from "./audit/audit-store.ts";
import type { RefusalCode, RefusalSignals } from "./errors.ts";
import type { QueueSignals } from "./login-queue/queue-signals.ts";
import type { StoreSignals } from "./outage.ts";
import type { SessionRecord } from "./sessions/session.ts";
import type { SessionSignals } from "./sessions/session-signals.ts";

/** What becomes of logins, told once, by the process that was asked. */
export interface FlowSignals {
  /** `created`: its account is new. `repeated`: a pass answered the session that it had opened before. */
  loggedIn: {
    readonly record: SessionRecord;
    readonly provider: string;
    readonly created: boolean;
    readonly repeated: boolean;
  };
  /** `provider`: the name of a configured one, else `unknown`. */
  loginRefused: { readonly provider: string; readonly code: RefusalCode };
}

export interface OperatorSignals {
  /** An operator or partner did something here, or was refused: what the audit list keeps. */
  operatorAction: { readonly entry: AuditEntry };
}

/** Signals carry records, whole ids among them, and never leave the package. */
export interface LoginSignals
  extends SessionSignals,
    QueueSignals,
    FlowSignals,
    AccessSignals,
    RefusalSignals,
    StoreSignals,
    OperatorSignals {}
