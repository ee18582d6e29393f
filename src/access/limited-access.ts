// Limited access: whether a player is let in by the rules in force, asked at every login, refresh and way in.
import type { Account, AccountStore } from "../accounts/account-store.ts";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { SessionAuth } from "../sessions/session.ts";
import { type AccessMode, type AccessRules, modeAt, namesSomebody, nextOpening } from "./access-rules.ts";
import type { AccessStore } from "./access-store.ts";

/** Who asks to be let in: the session is the one there is, or the one that this login is about to open. */
export interface AccessPlayer {
  readonly session: SessionAuth;
  readonly account: Account;
}

/** A function of the option `accessRules`. What it throws is logged, and lets nobody in. */
export type AccessRule = (player: AccessPlayer) => boolean | Promise<boolean>;

/** Access rules, and the mode that they make now. */
export interface RulesNow {
  readonly rules: AccessRules;
  readonly modeNow: AccessMode;
}

export interface LimitedAccessDependencies {
  readonly store: Pick<AccessStore, "accessRules" | "setAccessRules">;
  readonly accounts: Pick<AccountStore, "get">;
  readonly rules: Readonly<Record<string, AccessRule>>;
  /** The store's. */
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
}

/** Rules older than this are read again, should the feed have told nothing of new ones. */
const rulesMaxAgeMs = 1_000;

/** Every call throws LoginError STORE_UNAVAILABLE while the rules cannot be read: nobody is let in unasked. */
export class LimitedAccess {
  readonly #deps: LimitedAccessDependencies;
  #kept: { readonly rules: Promise<AccessRules>; readonly readAt: number } | null = null;

  constructor(dependencies: LimitedAccessDependencies) {
    this.#deps = dependencies;
  }

  /** The rules as they are kept, and the mode that they make now. Read from the store. */
  async get(): Promise<RulesNow> {
    this.changed();
    return this.#rulesNow(await this.#rules());
  }

  /** Keeps these rules in the place of those before, on every process. */
  async set(rules: AccessRules): Promise<{ readonly set: RulesNow; readonly previous: RulesNow }> {
    const previous = await this.#deps.store.setAccessRules(rules);
    this.changed();
    return { set: this.#rulesNow(rules), previous: this.#rulesNow(previous) };
  }

  /** The store's feed told of new rules. */
  changed(): void {
    this.#kept = null;
  }

  /**
   * Lets the player pass, or throws LoginError ACCESS_LIMITED, with `until` where access is to open by itself. `account`
   * spares the read of one who is at hand.
   */
  async require(session: SessionAuth, account?: Account): Promise<void> {
    const rules = await this.#rules();
    const now = this.#deps.clock.now();
    if (modeAt(rules, now) === "open" || (await this.#isNamed(rules, session, account))) return;
    const until = nextOpening(rules, now);
    throw new LoginError("ACCESS_LIMITED", "The game is not open to everybody now.", until === null ? {} : { until });
  }

  /** Whether the rules name the player, be access limited or open: the queue in mode `closed` lets exactly these in. */
  async names(session: SessionAuth, account?: Account): Promise<boolean> {
    return this.#isNamed(await this.#rules(), session, account);
  }

  /** Whether they can name anybody at all. */
  async namesSomebody(): Promise<boolean> {
    return namesSomebody((await this.#rules()).allow);
  }

  #rulesNow(rules: AccessRules): RulesNow {
    return { rules, modeNow: modeAt(rules, this.#deps.clock.now()) };
  }

  async #isNamed({ allow }: AccessRules, session: SessionAuth, account: Account | undefined): Promise<boolean> {
    if (allow.userIds.includes(session.userId)) return true;
    if (allow.groups.some((group) => session.groups.includes(group))) return true;
    return allow.rule !== null && this.#meetsRule(allow.rule, session, account);
  }

  async #meetsRule(name: string, session: SessionAuth, known: Account | undefined): Promise<boolean> {
    const { rules, accounts, logger } = this.#deps;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      logger.error(`colyseus-login: the access rule ${name} is not among the accessRules of this server`);
      return false;
    }
    const account = known ?? (await accounts.get(session.userId));
    if (account === null) return false;
    try {
      return (await rule({ session, account })) === true;
    } catch (error) {
      logger.error(`colyseus-login: the access rule ${name} failed, and let nobody in`, error);
      return false;
    }
  }

  /** At most a second old. One read at a time; one that was begun before a change is not what is kept after it. */
  #rules(): Promise<AccessRules> {
    const now = this.#deps.clock.now();
    if (this.#kept !== null && Math.abs(now - this.#kept.readAt) < rulesMaxAgeMs) return this.#kept.rules;
    const kept = { rules: this.#deps.store.accessRules(), readAt: now };
    this.#kept = kept;
    kept.rules.catch(() => {
      if (this.#kept === kept) this.#kept = null;
    });
    return kept.rules;
  }
}
