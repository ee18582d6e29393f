// One login from pass to session: the only place where accounts, the queue and sessions meet (DESIGN 5, Flow).
import type { LimitedAccess } from "./access/limited-access.ts";
import type { Account, AccountStore } from "./accounts/account-store.ts";
import { LoginAccounts, type TakenAccount } from "./accounts/login-accounts.ts";
import type { IdentityProvider, RequestContext } from "./accounts/providers.ts";
import { agentOf } from "./callers.ts";
import type { Emit } from "./emitter.ts";
import { bannedError, LoginError, refusalCode } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { LoginData } from "./login-data/login-data.ts";
import type { LoginQueue } from "./login-queue/queue.ts";
import type { FlowSignals } from "./login-signals.ts";
import { askBeforeAuthenticate, type LoginHooks, runHook, runListener } from "./sessions/hooks.ts";
import { type SessionRecord, toSessionAuth, type Vars } from "./sessions/session.ts";
import type { PreparedSession, Sessions } from "./sessions/sessions.ts";
import { type BanReader, revokedError } from "./sessions/verification.ts";
import type { WireLogin } from "./wire.ts";

/** What a player sends to log in, beside the credentials of the provider. */
export interface LoginRequest {
  readonly credentials: Readonly<Record<string, unknown>>;
  /** Whether an unknown identity gets an account. */
  readonly create: boolean;
  /** The name wished for a new account. */
  readonly username: string | null;
  /** Client vars, within their limits. */
  readonly vars: Vars;
  readonly queuePass: string | null;
  readonly gameShardId: string | null;
  /** Whose live session came with a registration, which adds to that account. */
  readonly upgradeOf?: string | null;
}

export interface LoginFlowDependencies {
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly accounts: AccountStore;
  readonly sessions: Sessions;
  /** null where no queue is configured. */
  readonly queue: LoginQueue | null;
  readonly bans: BanReader;
  readonly access: LimitedAccess;
  readonly loginData: LoginData;
  readonly hooks: LoginHooks;
  /** The server's own shard, which a login gets unless it names another. */
  readonly gameShardId: string | null;
  readonly emit: Emit<FlowSignals>;
  readonly logger: Logger;
}

/** Presented by the player, so that a refusal counts against it; or taken on the spot, so that a refusal gives it back. */
interface Pass {
  /** null while the queue is closed and it is not known yet whether the player is one of those it lets in. */
  ticketId: string | null;
  readonly presented: boolean;
  /** It opened a session before, which it answers again to the same account. */
  readonly isSpent: boolean;
  /** It is good for the user who did that, or who queued with a session: a new account cannot be that one. */
  readonly isOfOneUser: boolean;
}

export class LoginFlow {
  readonly #deps: LoginFlowDependencies;
  readonly #accounts: LoginAccounts;

  constructor(dependencies: LoginFlowDependencies) {
    this.#deps = dependencies;
    this.#accounts = new LoginAccounts(dependencies);
  }

  /**
   * Checks pass, credentials, hooks and access, gathers the login data, and opens a session. A pass is spent by success alone.
   * Throws LoginError: NOT_FOUND (no such provider; no account and `create: false`), INVALID_REQUEST, INVALID_CREDENTIALS,
   * QUEUE_REQUIRED, QUEUE_CLOSED, PASS_INVALID, BANNED, ACCESS_LIMITED, FORBIDDEN (a hook), CONFLICT (username, too many
   * sessions), SESSION_REVOKED (the account went away or its password changed meanwhile), LOGIN_DATA_UNAVAILABLE,
   * STORE_UNAVAILABLE.
   */
  async authenticate(request: LoginRequest, context: RequestContext): Promise<WireLogin> {
    try {
      return await this.#authenticate(request, context);
    } catch (error) {
      // Whoever asks names the provider: only those that there are may be counted by name.
      const provider = this.#deps.providers.has(context.provider) ? context.provider : "unknown";
      this.#deps.emit("loginRefused", { provider, code: refusalCode(error) });
      throw error;
    }
  }

  async #authenticate(request: LoginRequest, context: RequestContext): Promise<WireLogin> {
    const provider = this.#deps.providers.get(context.provider);
    if (provider === undefined) throw new LoginError("NOT_FOUND", "There is no such identity provider.");

    await this.#ask(context.provider, () => provider.admit?.(request.credentials, context));
    const pass = await this.#takePass(request.queuePass);
    try {
      return await this.#openSession(provider, request, pass, context);
    } catch (error) {
      if (pass !== null) await this.#returnPass(pass, error);
      throw error;
    }
  }

  #ask<T>(provider: string, question: () => T | Promise<T>): Promise<T> {
    return runHook(`identity provider ${provider}`, question, this.#deps.logger);
  }

  async #takePass(queuePass: string | null): Promise<Pass | null> {
    const { queue } = this.#deps;
    if (queue === null || queue.bypass) return null;
    if (queuePass !== null) return { ...(await queue.slots.verifyPass(queuePass)), presented: true };
    return { ticketId: await this.#takeDirectPass(queue), isSpent: false, isOfOneUser: false, presented: false };
  }

  async #takeDirectPass(queue: LoginQueue): Promise<string | null> {
    try {
      return await queue.slots.directPass();
    } catch (error) {
      const isClosed = error instanceof LoginError && error.code === "QUEUE_CLOSED";
      if (isClosed && (await this.#deps.access.namesSomebody())) return null;
      throw error;
    }
  }

  async #returnPass(pass: Pass, error: unknown): Promise<void> {
    const { queue, logger } = this.#deps;
    const { ticketId, presented } = pass;
    if (ticketId === null) return;
    try {
      if (!presented) await queue?.slots.releasePass(ticketId);
      else if (countsAgainstPass(error)) await queue?.slots.failPass(ticketId);
    } catch (failure) {
      logger.warn(
        "colyseus-login: a failed login could not give its pass back; its slot is free when the pass ends",
        failure,
      );
    }
  }

  async #openSession(
    provider: IdentityProvider,
    request: LoginRequest,
    pass: Pass | null,
    context: RequestContext,
  ): Promise<WireLogin> {
    const identity = await this.#ask(context.provider, () => provider.authenticate(request.credentials, context));
    const taken = await this.#accounts.take({
      provider: context.provider,
      identity,
      create: request.create,
      username: request.username,
      isPassOfOneUser: pass?.isOfOneUser ?? false,
      upgradeOf: request.upgradeOf ?? null,
    });
    try {
      const login = await this.#openFor(taken, request, pass, context);
      taken.stand();
      return login;
    } catch (error) {
      await taken.takeBack();
      throw error;
    }
  }

  /**
   * The account may have been deleted, or the password changed, before this session was there to be ended with the others.
   * Where that cannot be told, nobody has the session's tokens, and it goes.
   */
  async #requireStillLed({ sid }: SessionRecord, stillLeads: TakenAccount["stillLeads"]): Promise<void> {
    const endSession = () => this.#deps.sessions.logout(sid, { disconnectSockets: true });
    const leads = await stillLeads().catch(async (error) => {
      await endSession();
      throw error;
    });
    if (leads) return;
    await endSession();
    throw revokedError();
  }

  async #openFor(
    taken: TakenAccount,
    request: LoginRequest,
    pass: Pass | null,
    context: RequestContext,
  ): Promise<WireLogin> {
    const { sessions, hooks, gameShardId, logger } = this.#deps;
    const { account } = taken;
    const { userId, username } = account;
    const asked = { provider: context.provider, userId, username, vars: request.vars };
    const changed = await askBeforeAuthenticate(hooks, asked, context, logger);

    const prepared = sessions.prepare({
      account: changed.groups === undefined ? account : { ...account, groups: changed.groups },
      clientVars: changed.vars ?? request.vars,
      serverVars: changed.serverVars ?? {},
      shard: request.gameShardId ?? gameShardId,
      address: context.address,
      agent: agentOf(context.headers),
    });
    return this.#enter(prepared, taken, pass, context);
  }

  /**
   * From an account that proved itself to its session. The data comes first and the session last: so nobody sees or uses one
   * that a failed job would have to take back, and no older session makes room for it.
   */
  async #enter(
    prepared: PreparedSession,
    { account, created, stillLeads }: TakenAccount,
    pass: Pass | null,
    request: RequestContext,
  ): Promise<WireLogin> {
    const { sessions, access, loginData, hooks, bans, logger } = this.#deps;
    const ban = await bans.getBan(account.userId);
    if (ban !== null) throw bannedError(ban);
    await access.require(prepared.auth, account);
    if (pass?.ticketId === null) await this.#takePassOfNamed(pass, prepared, account);

    // A spent pass answers the session it opened before, and the data is that session's.
    const data = pass?.isSpent ? null : await loginData.run({ session: prepared.auth, request, created });
    const { record, repeated } = await sessions.open(prepared, pass?.ticketId ?? null);
    await this.#requireStillLed(record, stillLeads);
    const session = toSessionAuth(record);
    const dataOfRecord = data === null || repeated ? await loginData.run({ session, request, created }) : data;
    const login = await sessions.toLogin(record, { created, loginData: dataOfRecord });
    this.#deps.emit("loggedIn", { record, provider: request.provider, created, repeated });
    if (!repeated) {
      await runListener("afterAuthenticate", () => hooks.afterAuthenticate?.(session, request), logger);
    }
    return login;
  }

  /** The queue is closed, and lets in those whom the access rules name. */
  async #takePassOfNamed(pass: Pass, { auth }: PreparedSession, account: Account): Promise<void> {
    const { queue, access } = this.#deps;
    pass.ticketId = (await queue?.slots.directPass(await access.names(auth, account))) ?? null;
  }
}

/** Refusals of a good account: the store, an issuer or the game's data cannot be had, or the pass is another one's. */
const blamelessCodes: ReadonlySet<string> = new Set([
  "STORE_UNAVAILABLE",
  "PROVIDER_UNAVAILABLE",
  "LOGIN_DATA_UNAVAILABLE",
  "PASS_INVALID",
  "TOO_MANY_REQUESTS",
]);

/** Whether a refusal is a try at the credentials or the account. */
function countsAgainstPass(error: unknown): boolean {
  return error instanceof LoginError && !blamelessCodes.has(error.code);
}
