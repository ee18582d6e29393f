// The operator's calls about players' sessions: whose they are, closing their sockets, ending them.
import { z } from "zod";
import type { Bans } from "../access/bans.ts";
import type { Account, AccountStore } from "../accounts/account-store.ts";
import { LoginError } from "../errors.ts";
import { pageOf } from "../http/page.ts";
import { flag, wholeOrZero } from "../options/option-kinds.ts";
import { shortSid } from "../sessions/session.ts";
import type { SessionInfo, SessionsFace } from "../sessions/sessions-face.ts";
import * as answers from "./answers.ts";
import { id, inQuery, none, words } from "./inputs.ts";
import { type OperatorCall, operatorCall } from "./operator-call.ts";

export interface SessionCallsDependencies {
  readonly sessions: Pick<SessionsFace, "get" | "list" | "disconnect" | "logout">;
  readonly accounts: Pick<AccountStore, "get" | "findByUsername">;
  readonly bans: Pick<Bans, "get">;
}

const mostReasonCharacters = 256;

const oneSession = z.strictObject({ sid: id });
const reason = words(mostReasonCharacters).exactOptional().describe("Words for the player.");

const whose = z
  .strictObject({
    userId: id.exactOptional(),
    username: id.exactOptional(),
    sid: id.exactOptional(),
    from: inQuery(wholeOrZero).exactOptional().describe("`next` of the page before."),
  })
  .refine(({ userId, username, sid }) => [userId, username, sid].filter((given) => given !== undefined).length === 1, {
    message: "one of userId, username and sid",
  });

export function sessionCalls(deps: SessionCallsDependencies): OperatorCall[] {
  const { sessions } = deps;
  return [
    operatorCall({
      action: "sessions.read",
      method: "GET",
      path: "/sessions",
      scope: "sessions:read",
      summary: "A user's live sessions, the oldest first; by `sid` that one session, an ended one too",
      params: none,
      query: whose,
      body: none,
      answer: answers.sessions,
      refusals: ["NOT_FOUND"],
      async run({ query: { from = 0, ...key } }) {
        const { user, found } = await find(key, deps);
        const entries = pageOf(found.slice(from).map(entryOf), { user, sessions: [], next: found.length });
        const next = from + entries.length;
        return { answer: { user, sessions: entries, ...(next < found.length ? { next } : {}) } };
      },
    }),
    operatorCall({
      action: "session.disconnect",
      method: "POST",
      path: "/sessions/:sid/disconnect",
      scope: "sessions:write",
      summary: "Close every socket of a session, on every process (4410); its tokens stay valid",
      params: oneSession,
      query: none,
      body: z.strictObject({ reason }),
      answer: answers.socketsClosed,
      refusals: ["NOT_FOUND"],
      target: ({ sid }) => shortSid(sid),
      reason: (body) => body.reason,
      async run({ params: { sid }, body }) {
        const session = await sessions.get(sid);
        // Sockets may be open of a session that the store has forgotten.
        const socketsClosed = await sessions.disconnect(sid, body);
        if (session === null && socketsClosed === 0) throw notFound();
        return { answer: { socketsClosed }, before: holderOf(session), after: { socketsClosed } };
      },
    }),
    operatorCall({
      action: "session.logout",
      method: "POST",
      path: "/sessions/:sid/logout",
      scope: "sessions:write",
      summary: "End a session: its tokens die at once, on every process; its sockets stay unless asked",
      params: oneSession,
      query: none,
      body: z.strictObject({
        reason,
        disconnectSockets: flag.exactOptional().describe("Default: the server's option of that name."),
      }),
      answer: answers.sessionEnded,
      refusals: ["NOT_FOUND"],
      target: ({ sid }) => shortSid(sid),
      reason: (body) => body.reason,
      async run({ params: { sid }, body }) {
        const session = await sessions.get(sid);
        const ended = await sessions.logout(sid, body);
        if (session === null && !ended) throw notFound();
        return { answer: { ended }, before: holderOf(session), after: { ended } };
      },
    }),
  ];
}

type User = z.output<typeof answers.sessions>["user"];

/** Whose sessions are asked for, and which. @throws LoginError `NOT_FOUND` */
async function find(
  key: { readonly userId?: string; readonly username?: string; readonly sid?: string },
  { sessions, accounts, bans }: SessionCallsDependencies,
): Promise<{ user: User; found: readonly SessionInfo[] }> {
  const named = key.username === undefined ? null : await accounts.findByUsername(key.username);
  const shown = key.sid === undefined ? null : await sessions.get(key.sid);
  const userId = key.userId ?? named?.userId ?? shown?.userId;
  if (userId === undefined) throw notFound();
  const [account, live, ban] = await Promise.all([
    named ?? accounts.get(userId),
    shown === null ? sessions.list(userId) : [shown],
    bans.get(userId),
  ]);
  // An account that is gone leaves its sessions behind until their next refresh.
  const known: Pick<Account, "username" | "groups"> | undefined = account ?? live[0];
  if (known === undefined) throw notFound();
  const { username, groups } = known;
  return { user: { userId, username, groups: [...groups], ban }, found: live };
}

function entryOf(session: SessionInfo): answers.SessionEntry {
  const { sid, userId, username, kind, groups, vars, address, agent } = session;
  const { createdAt, lastSeenAt, expiresAt, ended } = session;
  return {
    sid,
    userId,
    username,
    kind,
    groups: [...groups],
    vars,
    address,
    agent,
    createdAt,
    lastSeenAt,
    expiresAt,
    ended,
  };
}

/** For the audit list, which has no more of the session's id than a log may have. */
function holderOf(session: SessionInfo | null) {
  return session === null ? null : { userId: session.userId, username: session.username };
}

function notFound(): LoginError {
  return new LoginError("NOT_FOUND", "There is no such session or user.");
}
