// `login.access`: who is let in while the game is not open to everybody. Values checked, then one verb of the store.
import { z } from "zod";
import type { AccessAllowance, AccessMode, AccessRules } from "./access/access-rules.ts";
import type { LimitedAccess, RulesNow } from "./access/limited-access.ts";
import { describeIssue } from "./options/option-errors.ts";
import { oneOf, text } from "./options/option-kinds.ts";

/** What `login.access.set` takes. What is left out of `allow` names nobody. */
export interface AccessChange {
  /** `open`: everybody may come in; `limited`: those whom `allow` names. */
  readonly mode: AccessMode;
  /** Whom to let in: a player who meets any of the three is. In mode `open` it counts for a queue in mode `closed` alone. */
  readonly allow?: {
    /** At most 10 000. */
    readonly userIds?: readonly string[];
    /** Of the account, or as a hook named them for the session. At most 100. */
    readonly groups?: readonly string[];
    /** The name of a function of the option `accessRules`. */
    readonly rule?: string | null;
  };
  /** From this moment on (ms since the epoch, by the store's clock) the mode is `open`. */
  readonly opensAt?: number | null;
  /** From this moment on it is `limited`. Of the two moments, the later one that has come holds. */
  readonly closesAt?: number | null;
}

/** The access rules as they were set last, and what they make of this moment. */
export interface AccessState {
  readonly mode: AccessMode;
  readonly allow: AccessAllowance;
  readonly opensAt: number | null;
  readonly closesAt: number | null;
  /** The mode in force now, after the moments that have come. */
  readonly modeNow: AccessMode;
}

/** Every call throws LoginError STORE_UNAVAILABLE rather than pretend. */
export interface AccessFace {
  get(): Promise<AccessState>;
  /**
   * Sets the access rules as a whole, for every process, until they are set again: they last as long as the store's data.
   * Who is not let in is refused with ACCESS_LIMITED at the login, at the next refresh and at every way in; sockets that are
   * open stay. Answers what is in force. Throws a TypeError that names what is wrong.
   */
  set(change: AccessChange): Promise<AccessState>;
}

interface AccessReplaced {
  readonly access: AccessState;
  readonly previous: AccessState;
}

/** `login.access`, and what the operator's side asks beyond it. */
export interface AccessControl extends AccessFace {
  /** As `set`, of rules that were checked; tells whose place they took as well. */
  replace(rules: AccessRules): Promise<AccessReplaced>;
}

const userIdList = "an array of at most 10000 user ids";
const groupList = "an array of at most 100 groups";
/** The end of the year 9999, in ms since the epoch: later moments have no place in a form, and dates end some time after. */
export const lastMoment = 253_402_300_799_999;
const moment = "ms since the epoch up to the year 9999, or null";
const when = z.number(moment).nonnegative(moment).max(lastMoment, moment).nullable().default(null);

/** What `login.access.set` and the operator's call take. `ruleNames`: of the option `accessRules`. */
export function accessChangeSchema(ruleNames: readonly string[]) {
  const known = ruleNames.length === 0 ? "it has none" : ruleNames.join(", ");
  const rule = text.refine((name) => ruleNames.includes(name), `the name of one of accessRules (${known})`);
  return z
    .strictObject(
      {
        mode: oneOf("open", "limited"),
        allow: z
          .strictObject(
            {
              userIds: z.array(text, userIdList).max(10_000, userIdList).default([]),
              groups: z.array(text, groupList).max(100, groupList).default([]),
              rule: rule.nullable().default(null),
            },
            "an object of userIds, groups and rule",
          )
          .prefault({}),
        opensAt: when,
        closesAt: when,
      },
      "an object of access rules",
    )
    .refine(({ opensAt, closesAt }) => opensAt === null || opensAt !== closesAt, {
      path: ["closesAt"],
      message: "another moment than opensAt",
    });
}

/** Checks what `login.access.set` is given. @throws TypeError */
function parseAccessChange(change: unknown, ruleNames: readonly string[]): AccessRules {
  const call = "login.access.set";
  const result = accessChangeSchema(ruleNames).safeParse(change);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TypeError(issue === undefined ? `${call}: wrong rules` : describeIssue(issue, change, call));
}

export function createAccessFace(access: LimitedAccess, ruleNames: readonly string[]): AccessControl {
  const replace = async (rules: AccessRules): Promise<AccessReplaced> => {
    const { set, previous } = await access.set(rules);
    return { access: stateOf(set), previous: stateOf(previous) };
  };
  return {
    get: async () => stateOf(await access.get()),
    set: async (change) => (await replace(parseAccessChange(change, ruleNames))).access,
    replace,
  };
}

function stateOf({ rules, modeNow }: RulesNow): AccessState {
  return { ...rules, modeNow };
}
