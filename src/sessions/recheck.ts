// Ends that the feed could not tell this process of: reads every session that has sockets here, and does what was missed.
import type { Clock } from "../clock.ts";
import type { StoreOutage } from "../outage.ts";
import { inParallel } from "../parallel.ts";
import type { SessionRecord } from "./session.ts";
import type { SessionSockets } from "./sockets.ts";

export interface SessionRecheckDependencies {
  readonly clock: Clock;
  readonly outage: StoreOutage;
  readonly sockets: Pick<SessionSockets, "sids" | "hear">;
  readonly readSession: (sid: string) => Promise<SessionRecord | null>;
  /** What a logout that does not say does with sockets: the option `disconnectSockets`. */
  readonly logoutClosesSockets: boolean;
}

const readsAtOnce = 32;
const retryMs = 1_000;

export class SessionRecheck {
  readonly #deps: SessionRecheckDependencies;
  /** Sessions that are still to be read. */
  readonly #due = new Set<string>();
  #isReading = false;
  #isStopped = false;

  constructor(dependencies: SessionRecheckDependencies) {
    this.#deps = dependencies;
  }

  /** Events may have been missed for good. While the store is away the sessions stay due, and are tried again every second. */
  afterGap(): void {
    for (const sid of this.#deps.sockets.sids()) this.#due.add(sid);
    void this.#readDue();
  }

  stop(): void {
    this.#isStopped = true;
    this.#due.clear();
  }

  async #readDue(): Promise<void> {
    if (this.#isReading || this.#due.size === 0) return;
    this.#isReading = true;
    const { outage, clock } = this.#deps;
    await outage.attempt("reading sessions after a gap in the feed", () =>
      inParallel(this.#due, readsAtOnce, (sid) => this.#read(sid)),
    );
    this.#isReading = false;
    if (this.#due.size > 0 && !this.#isStopped) clock.after(retryMs, () => void this.#readDue());
  }

  async #read(sid: string): Promise<void> {
    // Before it is read: a gap that is told of meanwhile makes it due once more.
    if (!this.#due.delete(sid)) return;
    const record = await this.#deps.readSession(sid).catch((error) => {
      if (!this.#isStopped) this.#due.add(sid);
      throw error;
    });
    // One that the store does not know is let in nowhere, and closes nothing (DESIGN 4).
    if (record === null || record.end === null || this.#isStopped) return;
    const { reason } = record.end;
    this.#deps.sockets.hear({
      type: "sessionEnded",
      sid,
      userId: record.userId,
      reason,
      closeSockets: this.#closesSockets(reason),
    });
  }

  /**
   * The record tells why a session ended, and not whether its sockets were to close: a logout is taken for one that said
   * nothing of them. Those of a session that ran out are closed by its time.
   */
  #closesSockets(reason: NonNullable<SessionRecord["end"]>["reason"]): boolean {
    return reason === "logout" ? this.#deps.logoutClosesSockets : reason !== "expired";
  }
}
