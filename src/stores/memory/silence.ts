// Which sessions are quiet on every process that has sockets of theirs: what the processes said of it lately, put together.
import { hostRenewSeconds } from "../../login-queue/queue-store.ts";

interface Report {
  /** What a process said counts until then; it says it again every second while somebody waits. */
  readonly endsAt: number;
  /** When each quiet session was heard last. */
  readonly heardAt: ReadonlyMap<string, number>;
}

export class Silence {
  readonly #reports = new Map<string, Report>();

  /**
   * Takes the report of a process, and answers for each session in it that is quiet everywhere for how long.
   * `hostsOf`: the processes with sockets of a session.
   */
  report(
    hostId: string,
    quietMs: ReadonlyMap<string, number>,
    hostsOf: (sid: string) => Iterable<string>,
    now: number,
  ): ReadonlyMap<string, number> {
    for (const [host, { endsAt }] of this.#reports) if (endsAt <= now) this.#reports.delete(host);
    const heardAt = new Map(Array.from(quietMs, ([sid, ms]) => [sid, now - ms]));
    this.#reports.set(hostId, { heardAt, endsAt: now + hostRenewSeconds * 1000 });

    const everywhere = new Map<string, number>();
    for (const [sid, heardHereAt] of heardAt) {
      let lastHeardAt: number | null = heardHereAt;
      for (const host of hostsOf(sid)) {
        const there = host === hostId ? heardHereAt : this.#reports.get(host)?.heardAt.get(sid);
        lastHeardAt = there === undefined || lastHeardAt === null ? null : Math.max(lastHeardAt, there);
      }
      if (lastHeardAt !== null) everywhere.set(sid, now - lastHeardAt);
    }
    return everywhere;
  }
}
