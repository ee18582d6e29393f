// A store whose every call is timed and its failures counted, whichever part of the login makes it.
import type { AccessStore } from "../access/access-store.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import { type Clock, steadyClock } from "../clock.ts";
import type { QueueStore } from "../login-queue/queue-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Store } from "../stores/store.ts";

type TimedPart = "sessions" | "access" | "audit" | "queue";

/** A verb of one part: `queue.join`. */
export type StoreCall = { [Part in TimedPart]: `${Part}.${keyof Store[Part] & string}` }[TimedPart];

/** How long a call took, in seconds, and whether it failed. */
type Observe = (call: StoreCall, seconds: number, failed: boolean) => void;

/** Makes one call and tells of it. */
type Run = <Answer>(call: StoreCall, work: () => Promise<Answer>) => Promise<Answer>;

/**
 * The same store, each call observed when it has answered. `clock` gives durations: it must be a steady one, so the store's own
 * will not do.
 */
export function timedStore(store: Store, observe: Observe, clock: Pick<Clock, "now"> = steadyClock): Store {
  const run: Run = async (call, work) => {
    const startedAt = clock.now();
    let failed = true;
    try {
      const answer = await work();
      failed = false;
      return answer;
    } finally {
      observe(call, (clock.now() - startedAt) / 1000, failed);
    }
  };
  let queue: QueueStore | null = null;
  return {
    sessions: timedSessions(store.sessions, run),
    access: timedAccess(store.access, run),
    audit: timedAudit(store.audit, run),
    // Throws, as the store does, where there is no queue.
    get queue() {
      queue ??= timedQueue(store.queue, run);
      return queue;
    },
    clock: store.clock,
    isLevel: () => store.isLevel(),
    feedLagMs: () => store.feedLagMs(),
    subscribe: (listener, onGap) => store.subscribe(listener, onGap),
    ...(store.makeCounter === undefined ? {} : { makeCounter: store.makeCounter }),
    close: () => store.close(),
  };
}

function timedSessions(store: SessionStore, run: Run): SessionStore {
  return {
    get: (sid) => run("sessions.get", () => store.get(sid)),
    listByUser: (userId) => run("sessions.listByUser", () => store.listByUser(userId)),
    open: (request) => run("sessions.open", () => store.open(request)),
    refresh: (request) => run("sessions.refresh", () => store.refresh(request)),
    confirm: (sid, generation) => run("sessions.confirm", () => store.confirm(sid, generation)),
    markSeen: (sid) => run("sessions.markSeen", () => store.markSeen(sid)),
    end: (sid, request) => run("sessions.end", () => store.end(sid, request)),
    endAllOfUser: (userId, request, except) =>
      run("sessions.endAllOfUser", () => store.endAllOfUser(userId, request, except)),
    endAll: (before, request) => run("sessions.endAll", () => store.endAll(before, request)),
    disconnect: (sid, reason, isIdle) => run("sessions.disconnect", () => store.disconnect(sid, reason, isIdle)),
    disconnectAllOfUser: (userId, reason) =>
      run("sessions.disconnectAllOfUser", () => store.disconnectAllOfUser(userId, reason)),
  };
}

function timedAccess(store: AccessStore, run: Run): AccessStore {
  return {
    ban: (userId, ban) => run("access.ban", () => store.ban(userId, ban)),
    unban: (userId) => run("access.unban", () => store.unban(userId)),
    getBan: (userId) => run("access.getBan", () => store.getBan(userId)),
    accessRules: () => run("access.accessRules", () => store.accessRules()),
    setAccessRules: (rules) => run("access.setAccessRules", () => store.setAccessRules(rules)),
    revokeToken: (jti, until) => run("access.revokeToken", () => store.revokeToken(jti, until)),
    isTokenRevoked: (jti) => run("access.isTokenRevoked", () => store.isTokenRevoked(jti)),
  };
}

function timedAudit(store: AuditStore, run: Run): AuditStore {
  return {
    append: (entry) => run("audit.append", () => store.append(entry)),
    list: (page) => run("audit.list", () => store.list(page)),
  };
}

function timedQueue(store: QueueStore, run: Run): QueueStore {
  return {
    join: (request) => run("queue.join", () => store.join(request)),
    drop: (ticketId, holderId) => run("queue.drop", () => store.drop(ticketId, holderId)),
    poll: (ticketId, seconds, address) => run("queue.poll", () => store.poll(ticketId, seconds, address)),
    leave: (ticketId, holderId) => run("queue.leave", () => store.leave(ticketId, holderId)),
    remove: (ticketId, reason) => run("queue.remove", () => store.remove(ticketId, reason)),
    admitTicket: (ticketId) => run("queue.admitTicket", () => store.admitTicket(ticketId)),
    move: (ticketId, position) => run("queue.move", () => store.move(ticketId, position)),
    configure: (patch) => run("queue.configure", () => store.configure(patch)),
    settings: () => run("queue.settings", () => store.settings()),
    admit: () => run("queue.admit", () => store.admit()),
    markDelivered: (ticketIds) => run("queue.markDelivered", () => store.markDelivered(ticketIds)),
    standings: (ticketIds) => run("queue.standings", () => store.standings(ticketIds)),
    admitDirectly: (ticketId, mayEnter) => run("queue.admitDirectly", () => store.admitDirectly(ticketId, mayEnter)),
    passState: (ticketId) => run("queue.passState", () => store.passState(ticketId)),
    failPass: (ticketId) => run("queue.failPass", () => store.failPass(ticketId)),
    releasePass: (ticketId) => run("queue.releasePass", () => store.releasePass(ticketId)),
    takeSlot: (sid, mayEnter) => run("queue.takeSlot", () => store.takeSlot(sid, mayEnter)),
    setSocketsOpen: (sid, hostId, open) => run("queue.setSocketsOpen", () => store.setSocketsOpen(sid, hostId, open)),
    renewHost: (hostId, sids) => run("queue.renewHost", () => store.renewHost(hostId, sids)),
    reportQuiet: (hostId, quietMs) => run("queue.reportQuiet", () => store.reportQuiet(hostId, quietMs)),
    sweep: () => run("queue.sweep", () => store.sweep()),
    status: () => run("queue.status", () => store.status()),
    listTickets: (page) => run("queue.listTickets", () => store.listTickets(page)),
    findTickets: (idOrUserId) => run("queue.findTickets", () => store.findTickets(idOrUserId)),
  };
}
