// The operator's calls about who may come in: bans, and limited access.
import { z } from "zod";
import { type BanRegister, maxReasonLength } from "../access/bans.ts";
import { type AccessControl, type AccessState, accessChangeSchema, lastMoment } from "../access-face.ts";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { fitting } from "../http/page.ts";
import * as answers from "./answers.ts";
import { id, none, words } from "./inputs.ts";
import { type OperatorCall, operatorCall } from "./operator-call.ts";

export interface AccessCallsDependencies {
  readonly bans: Pick<BanRegister, "get" | "replace" | "lift">;
  readonly access: Pick<AccessControl, "get" | "replace">;
  /** Names of the option `accessRules`. */
  readonly accessRuleNames: readonly string[];
  /** The store's. */
  readonly clock: Pick<Clock, "now">;
}

const untilWords =
  "a moment that is to come, in whole ms since the epoch up to the year 9999, or null for a ban without end";

const oneUser = z.strictObject({ userId: id });

export function accessCalls({ bans, access, accessRuleNames, clock }: AccessCallsDependencies): OperatorCall[] {
  const isToCome = (moment: number): boolean => moment > clock.now();
  return [
    operatorCall({
      action: "bans.read",
      method: "GET",
      path: "/bans/:userId",
      scope: "sessions:read",
      summary: "The ban of a user that is in force",
      params: oneUser,
      query: none,
      body: none,
      answer: answers.banFound,
      refusals: ["NOT_FOUND"],
      async run({ params: { userId } }) {
        const ban = await bans.get(userId);
        if (ban === null) throw notBanned();
        return { answer: { ban } };
      },
    }),
    operatorCall({
      action: "user.ban",
      method: "PUT",
      path: "/bans/:userId",
      scope: "bans:write",
      summary: "Ban a user: their sessions end, their sockets close (4403), they lose their place in the queue",
      params: oneUser,
      query: none,
      body: z.strictObject({
        reason: words(maxReasonLength).describe("Words for the player."),
        until: z
          .int(untilWords)
          .max(lastMoment, untilWords)
          .refine(isToCome, untilWords)
          .nullable()
          .default(null)
          .describe("When it ends, ms since the epoch; null or left out: never."),
      }),
      answer: answers.banned,
      target: ({ userId }) => userId,
      reason: ({ reason }) => reason,
      async run({ params: { userId }, body: { reason, until } }) {
        const options = { reason, ...(until === null ? {} : { until }) };
        const { previous, socketsClosed } = await bans.replace(userId, options);
        const ban = { reason, until };
        return { answer: { ban, previous, socketsClosed }, before: asValues(previous), after: ban };
      },
    }),
    operatorCall({
      action: "user.unban",
      method: "DELETE",
      path: "/bans/:userId",
      scope: "bans:write",
      summary: "Lift a ban; the sessions that it ended stay ended",
      params: oneUser,
      query: none,
      body: none,
      answer: answers.unbanned,
      refusals: ["NOT_FOUND"],
      target: ({ userId }) => userId,
      async run({ params: { userId } }) {
        const previous = await bans.lift(userId);
        if (previous === null) throw notBanned();
        return { answer: { previous }, before: asValues(previous) };
      },
    }),
    operatorCall({
      action: "access.read",
      method: "GET",
      path: "/access",
      scope: "status:read",
      summary: "Who is let in while access is limited, and when that is",
      params: none,
      query: none,
      body: none,
      answer: answers.access,
      run: async () => ({ answer: shownAccess(await access.get()) }),
    }),
    operatorCall({
      action: "access.set",
      method: "PUT",
      path: "/access",
      scope: "access:write",
      summary: "Set the access rules as a whole; sockets that are open stay",
      params: none,
      query: none,
      body: accessChangeSchema(accessRuleNames),
      answer: answers.accessSet,
      async run({ body }) {
        const { access: now, previous } = await access.replace(body);
        const answer = { access: shownAccess(now), previous: shownAccess(previous) };
        return { answer, before: notedAccess(previous), after: notedAccess(now) };
      },
    }),
  ];
}

/** An answer has two of these at most, and 60 KiB for all. What was set by a call, of 16 KiB at most, is always whole. */
const mostListBytes = 20 * 1024;
/** For the audit list, whose entries have room for some names. */
const mostNotedBytes = 600;

/** The rules as an answer can carry them: a server may set longer lists than that. */
export function shownAccess(state: AccessState): z.output<typeof answers.access> {
  return withListsOf(mostListBytes, state);
}

function notedAccess(state: AccessState) {
  return { ...withListsOf(mostNotedBytes, state) };
}

function withListsOf(bytes: number, { mode, allow, opensAt, closesAt, modeNow }: AccessState) {
  const all = [...allow.groups, ...allow.userIds];
  const listed = fitting(all, bytes);
  const groups = listed.slice(0, allow.groups.length);
  const userIds = listed.slice(allow.groups.length);
  const notListed = all.length - listed.length;
  const shown = { userIds, groups, rule: allow.rule, ...(notListed === 0 ? {} : { notListed }) };
  return { mode, allow: shown, opensAt, closesAt, modeNow };
}

function asValues(value: object | null) {
  return value === null ? null : { ...value };
}

function notBanned(): LoginError {
  return new LoginError("NOT_FOUND", "There is no ban of this user.");
}
