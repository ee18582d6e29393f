// Holds back who guesses passwords, by ever longer delays: for whoever guesses, never for the owner elsewhere (S51).
import { createHash } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { addressGroup } from "../address.ts";
import { LoginError } from "../errors.ts";

/** Points by key, each for a time: what `rate-limiter-flexible` makes on any of its stores. It keeps its own time. */
export interface PointCounter {
  /** Takes a point, or rejects with what there is where none is left. `customDuration` in seconds, from the first point on. */
  consume(key: string, points?: number, options?: { readonly customDuration?: number }): Promise<RateLimiterRes>;
  /** Counts a point, whatever is left. */
  penalty(key: string): Promise<RateLimiterRes>;
  /** Takes a point back. */
  reward(key: string): Promise<RateLimiterRes>;
  get(key: string): Promise<RateLimiterRes | null>;
  delete(key: string): Promise<boolean>;
}

/** Makes a counter; `duration` in seconds. Counters of the same prefix in several processes should count together. */
export type PointCounterMaker = (options: {
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
}) => PointCounter;

/** How much is let through before anybody is held back. */
export interface LimitSettings {
  /** Wrong passwords for one account from one address, in a day. */
  readonly failuresPerLogin: number;
  /** Wrong credentials for one provider from one address, in an hour. */
  readonly failuresPerAddress: number;
  /** New e-mail accounts from one address, in an hour. */
  readonly registrationsPerHour: number;
  /** Mails that one address asks for, in an hour. */
  readonly mailsPerHour: number;
}

/** Who tries credentials. */
export interface Visitor {
  /** The name of the provider: who fails at one may still try another. */
  readonly provider: string;
  /** null where the server cannot tell. */
  readonly address: string | null;
}

/** Who tries to log in to what. */
export interface Attempt extends Visitor {
  /** Of the account at the provider; kept as a hash alone. */
  readonly externalId: string;
}

const hourSeconds = 3_600;
const daySeconds = 24 * hourSeconds;
/** The longest that a timer of Node's runs is 24.8 days. */
const knownSeconds = 20 * daySeconds;
/** Wrong passwords for one account, from anywhere, in a day: from then on an address that is new to it has one free try. */
const failuresPerAccount = 20;
/** Mails of a kind to one address, in an hour. Each of them does, so a stranger who asks for them keeps none from its owner. */
const mailsPerRecipient = 5;
const longestDelaySeconds = { login: 900, address: 60, unknownAddress: 5 } as const;

export class LoginLimits {
  readonly #settings: LimitSettings;
  readonly #failures: { readonly login: PointCounter; readonly account: PointCounter; readonly address: PointCounter };
  /** One point each: who has it goes on, and the next comes through when it has run out. */
  readonly #gates: PointCounter;
  /** Addresses that an account was logged in to from. */
  readonly #known: PointCounter;
  readonly #quotas: {
    readonly registrations: PointCounter;
    readonly mails: PointCounter;
    readonly recipients: PointCounter;
  };

  constructor(settings: LimitSettings, make: PointCounterMaker = (options) => new RateLimiterMemory(options)) {
    this.#settings = settings;
    const counter = (keyPrefix: string, points: number, duration: number) => make({ keyPrefix, points, duration });
    this.#failures = {
      login: counter("failures-login", settings.failuresPerLogin, daySeconds),
      account: counter("failures-account", failuresPerAccount, daySeconds),
      address: counter("failures-address", settings.failuresPerAddress, hourSeconds),
    };
    this.#gates = counter("gates", 1, longestDelaySeconds.login);
    this.#known = counter("known", 1, knownSeconds);
    this.#quotas = {
      registrations: counter("registrations", settings.registrationsPerHour, hourSeconds),
      mails: counter("mails", settings.mailsPerHour, hourSeconds),
      recipients: counter("recipients", mailsPerRecipient, hourSeconds),
    };
  }

  /**
   * Lets an address try credentials: it has `failuresPerAddress` failures, over all accounts, then one try after 1, 2, 4 … 60
   * seconds. Throws LoginError TOO_MANY_REQUESTS with `retryAfterSeconds`.
   */
  async enter(visitor: Visitor): Promise<void> {
    const key = visitorKey(visitor);
    if (key === null) return;
    const failures = (await this.#ask(this.#failures.address.get(key)))?.consumedPoints ?? 0;
    await this.#passGate(key, failures + 1 - this.#settings.failuresPerAddress, longestDelaySeconds.address);
  }

  /** The same for an account that is told before its credentials are checked: where it was logged in to before, it is spared. */
  async enterTo(attempt: Attempt): Promise<void> {
    if (!(await this.#isKnown(attempt))) await this.enter(attempt);
  }

  /**
   * Runs a check of a password, unless it is too early for the next one: then LoginError TOO_MANY_REQUESTS with
   * `retryAfterSeconds`, and nothing is checked. INVALID_CREDENTIALS from `check` counts as a failure, anything else as none.
   * An account and an address have `failuresPerLogin` free tries, then one after 1, 2, 4 … 900 seconds. What strangers do
   * elsewhere takes nothing from an address that logged in to the account before, and from a new one all free tries but one.
   */
  async password<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    const { login, account } = this.#failures;
    const [pair, inAll] = [pairKey(attempt), accountKey(attempt)];
    const failures = (await this.#ask(account.get(inAll)))?.consumedPoints ?? 0;
    const isSpared = failures < failuresPerAccount || (await this.#isKnown(attempt));
    const free = isSpared ? this.#settings.failuresPerLogin : 1;
    // Counted before the check: of many at once no more get through than of many one after the other.
    const { consumedPoints } = await this.#ask(login.penalty(pair));
    const longest = attempt.address === null ? longestDelaySeconds.unknownAddress : longestDelaySeconds.login;
    try {
      await this.#passGate(pair, consumedPoints - free, longest);
      const result = await this.counted(attempt, check);
      await this.forgive(attempt);
      return result;
    } catch (error) {
      if (isFailure(error)) await this.#ask(account.penalty(inAll));
      else await this.#uncount(login, pair);
      throw error;
    }
  }

  /** Takes a point back. A key that counts nothing is not kept: whoever is refused unchecked must not fill the memory. */
  async #uncount(counter: PointCounter, key: string): Promise<void> {
    const { consumedPoints } = await this.#ask(counter.reward(key));
    if (consumedPoints <= 0) await this.#ask(counter.delete(key));
  }

  /** Counts it against an address where `check` throws INVALID_CREDENTIALS. */
  async counted<T>(visitor: Visitor, check: () => Promise<T>): Promise<T> {
    try {
      return await check();
    } catch (error) {
      const key = visitorKey(visitor);
      if (key !== null && isFailure(error)) await this.#ask(this.#failures.address.penalty(key));
      throw error;
    }
  }

  /** Its owner was there, by a right password or a mail: nothing stands against this address, and strangers count no more. */
  async forgive(attempt: Attempt): Promise<void> {
    const pair = pairKey(attempt);
    await this.#ask(this.#failures.login.delete(pair));
    await this.#ask(this.#gates.delete(pair));
    if (attempt.address === null) return;
    await this.#ask(this.#known.delete(pair));
    await this.#ask(this.#known.penalty(pair));
  }

  /** Counts a new account. Throws LoginError TOO_MANY_REQUESTS. */
  async registration(address: string | null): Promise<void> {
    if (address !== null) await this.#take(this.#quotas.registrations, hashOf(addressGroup(address)));
  }

  /** Counts a mail that somebody asks for. Throws LoginError TOO_MANY_REQUESTS. */
  async mail(address: string | null): Promise<void> {
    if (address !== null) await this.#take(this.#quotas.mails, hashOf(addressGroup(address)));
  }

  /** Counts a mail of a kind to an address; false where it had enough of them. */
  async mayReceive(recipient: string, kind: string): Promise<boolean> {
    const { consumedPoints } = await this.#ask(this.#quotas.recipients.penalty(hashOf(recipient, kind)));
    return consumedPoints <= mailsPerRecipient;
  }

  async #isKnown(attempt: Attempt): Promise<boolean> {
    return (await this.#ask(this.#known.get(pairKey(attempt)))) !== null;
  }

  /** The n-th try beyond the free ones closes the gate behind it, twice as long each time. */
  async #passGate(key: string, beyondFree: number, longestSeconds: number): Promise<void> {
    if (beyondFree <= 0) return;
    await this.#take(this.#gates, key, Math.min(2 ** (beyondFree - 1), longestSeconds));
  }

  async #take(counter: PointCounter, key: string, seconds?: number): Promise<void> {
    await this.#ask(counter.consume(key, 1, seconds === undefined ? {} : { customDuration: seconds }));
  }

  /** The library rejects with the state where no point is left, and with an Error where its store is out of reach. */
  async #ask<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
        throw new LoginError("TOO_MANY_REQUESTS", "Too many tries. Wait a little.", { retryAfterSeconds });
      }
      if (error instanceof LoginError) throw error;
      throw new LoginError("STORE_UNAVAILABLE", "The store is out of reach.", {}, { cause: error });
    }
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof LoginError && error.code === "INVALID_CREDENTIALS";
}

function visitorKey({ provider, address }: Visitor): string | null {
  return address === null ? null : hashOf("address", provider, addressGroup(address));
}

function accountKey({ provider, externalId }: Attempt): string {
  return hashOf("account", provider, externalId);
}

function pairKey({ provider, externalId, address }: Attempt): string {
  return hashOf("login", provider, externalId, address === null ? "" : addressGroup(address));
}

/** Neither addresses of players nor of mailboxes are kept. */
function hashOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
