// The login queue with its two faces, and what it asks of sessions and access rules: the two do not know each other.
import type { LimitedAccess } from "../access/limited-access.ts";
import { steadyClock } from "../clock.ts";
import type { QueueFace as QueueHttpFace } from "../http/face.ts";
import type { Logger } from "../logger.ts";
import { type AskNewcomer, entranceFrom, entranceOf } from "../login-queue/entrance.ts";
import { createLaneChooser } from "../login-queue/lanes.ts";
import { QueuePolling } from "../login-queue/polling.ts";
import { LoginQueue, type MayEnterClosed } from "../login-queue/queue.ts";
import { createQueueRoom, type QueueRoomClass } from "../login-queue/queue-room.ts";
import { queueSettings } from "../login-settings.ts";
import { QueueHistory } from "../operator/history.ts";
import { randomId } from "../random.ts";
import { askBeforeQueue, type LoginHooks } from "../sessions/hooks.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth } from "../sessions/session.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { nullIfDead } from "../sessions/verification.ts";
import type { Basics } from "./basics.ts";

/** The queue with its two faces: the room, and the calls for those who poll. */
export interface QueueParts {
  readonly service: LoginQueue;
  readonly QueueRoom: QueueRoomClass;
  readonly http: QueueHttpFace;
  readonly history: QueueHistory;
}

/** Throws a TypeError where no queue is configured. */
export function requireQueue(queue: QueueParts | null): QueueParts {
  if (queue === null) throw new TypeError("defineLogin: no login queue is configured: give the option queue");
  return queue;
}

/** null where none is configured. */
export function createQueue(
  { options, clock, logger, signals, jwt, store, callers, outage }: Basics,
  sessions: Sessions,
  access: LimitedAccess,
  connectedSids: () => readonly string[],
): QueueParts | null {
  if (options.queue === undefined) return null;
  const { lane } = options.queue;
  const settings = { ...options.queue, ...queueSettings(options.queue) };
  const service = new LoginQueue({
    store: store.queue,
    jwt,
    clock,
    settings,
    // Short, because every ticket in the queue names it; no two processes ever meet in it.
    hostId: randomId(9),
    connectedSids,
    mayEnterClosed: createClosedCheck(sessions, access),
    outage,
    emit: signals.emit,
    steady: steadyClock,
  });
  const chooseLane = createLaneChooser<SessionAuth>({ lane, lanes: () => service.settings.current.lanes }, logger);
  const askNewcomer = createNewcomerCheck(options.hooks ?? {}, logger);
  const authenticate = (token: string) => liveOrNull(sessions.verify(token));
  const readSession = (sid: string) => liveOrNull(sessions.requireLive(sid));
  const polling = new QueuePolling({ queue: service, store: store.queue });
  const http: QueueHttpFace = {
    async join({ ticket, hint }, token, caller) {
      const session = token === null ? null : await authenticate(token);
      const player = { session, hint };
      const entrance = entranceOf(askNewcomer, player, caller);
      return polling.join({ ticket: ticket ?? null, session, lane: chooseLane(player), entrance });
    },
    poll: (ticket, caller) => polling.poll(ticket, entranceFrom(caller)),
    leave: (ticket) => polling.leave(ticket),
  };
  return {
    service,
    QueueRoom: createQueueRoom({
      queue: service,
      clock,
      settings,
      chooseLane,
      callers,
      askNewcomer,
      authenticate,
      readSession,
      emit: signals.emit,
      logger,
    }),
    http,
    history: new QueueHistory(service.outlook),
  };
}

/** Who comes without a session is nobody yet: a login without a pass is asked again once it is known whose it is. */
function createClosedCheck(sessions: Sessions, access: LimitedAccess): MayEnterClosed {
  return async (known) => {
    if (known === null || !(await access.namesSomebody())) return false;
    const record = await sessions.get(known.sid);
    return record !== null && access.names(toSessionAuth(record));
  };
}

/** Asks the hook `beforeQueue` of whoever is to get a new ticket; null where there is none. */
function createNewcomerCheck(hooks: LoginHooks, logger: Logger): AskNewcomer<SessionAuth> | null {
  if (hooks.beforeQueue === undefined) return null;
  return (newcomer, caller) => askBeforeQueue(hooks, { ...newcomer, address: caller.address }, caller, logger);
}

async function liveOrNull(read: Promise<SessionRecord>): Promise<SessionAuth | null> {
  const record = await nullIfDead(read);
  return record === null ? null : toSessionAuth(record);
}
