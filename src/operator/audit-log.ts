// The audit list as the calls of operators write it: every change, and what else was asked for by whom, now and then.
import type { AuditStore, NewAuditEntry } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import type { Logger } from "../logger.ts";
import type { OperatorSignals } from "../login-signals.ts";
import { oneLine } from "../plain-name.ts";
import type { Operator } from "../tokens/operator-tokens.ts";
import { RecentMap } from "../tokens/recent-map.ts";
import { auditEntry, auditLine, type OperatorAct } from "./audit-entry.ts";

/** The next call of the same token, kind and outcome that changes nothing is noted after so long: a dashboard asks every second. */
const notedEveryMs = 10 * 60_000;
/** What a process remembers having noted, by token, action and outcome. What is forgotten is noted again. */
const rememberedNotes = 10_000;

export class AuditLog {
  readonly #store: Pick<AuditStore, "append">;
  readonly #clock: Pick<Clock, "now">;
  readonly #logger: Pick<Logger, "info" | "warn">;
  readonly #emit: Emit<OperatorSignals>;
  readonly #notedAt = new RecentMap<number>(rememberedNotes);

  constructor(deps: {
    readonly store: Pick<AuditStore, "append">;
    readonly clock: Pick<Clock, "now">;
    readonly logger: Pick<Logger, "info" | "warn">;
    readonly emit: Emit<OperatorSignals>;
  }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#emit = deps.emit;
  }

  /** An operator changed something, or was refused it. Never fails: what was done stands, noted or not. */
  async changed(operator: Operator, act: OperatorAct): Promise<void> {
    const entry = auditEntry(operator, act);
    this.#logger.info(auditLine(entry));
    try {
      await this.#append(entry);
    } catch (error) {
      this.#logger.warn(oneLine(`colyseus-login: the audit list could not take ${JSON.stringify(entry)}`), error);
    }
  }

  /**
   * An operator looked at something, or was refused that, or asked for what the token's scopes do not open. Never fails: what
   * could not be noted is noted the next time.
   */
  async noted(operator: Operator, action: string, outcome: OperatorAct["outcome"]): Promise<void> {
    const key = `${operator.tokenId} ${action} ${outcome}`;
    const now = this.#clock.now();
    const notedAt = this.#notedAt.get(key);
    if (notedAt !== undefined && Math.abs(now - notedAt) < notedEveryMs) return;
    // Before the store has it: calls at the same moment are one.
    this.#notedAt.set(key, now);
    const act = { action, target: null, reason: null, outcome, before: null, after: null };
    try {
      await this.#append(auditEntry(operator, act));
    } catch {
      this.#notedAt.delete(key);
    }
  }

  async #append(entry: NewAuditEntry): Promise<void> {
    this.#emit("operatorAction", { entry: await this.#store.append(entry) });
  }
}
