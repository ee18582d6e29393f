// One login from pass to session: the only place where accounts, the queue and sessions meet (DESIGN 5, Flow).
import type { Account, AccountStore } from "./accounts/account-store.ts";
import type { Identity, IdentityProvider, RequestContext } from "./accounts/providers.ts";
import { LoginError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { LoginQueue } from "./login-queue/queue.ts";
import { askBeforeAuthenticate, type LoginHooks, runHook, runListener } from "./sessions/hooks.ts";
import { toSessionAuth, type Vars } from "./sessions/session.ts";
import type { Sessions } from "./sessions/sessions.ts";
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
}

export interface LoginFlowDependencies {
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly accounts: AccountStore;
  readonly sessions: Sessions;
  /** null where no queue is configured. */
  readonly queue: LoginQueue | null;
  readonly hooks: LoginHooks;
  /** The server's own shard, which a login gets unless it names another. */
  readonly gameShardId: string | null;
  readonly logger: Logger;
}

/** Presented by the player, so that a refusal counts against it; or taken on the spot, so that a refusal gives it back. */
interface Pass {
  readonly ticketId: string;
  readonly presented: boolean;
  /** It opened a session before, which it answers again to the same account; a new account cannot be that one. */
  readonly isSpent: boolean;
}

export class LoginFlow {
  readonly #deps: LoginFlowDependencies;

  constructor(dependencies: LoginFlowDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Checks pass, credentials and hooks, and opens a session. A pass is spent by success alone.
   * Throws LoginError: NOT_FOUND (no such provider; no account and `create: false`), INVALID_REQUEST, INVALID_CREDENTIALS,
   * QUEUE_REQUIRED, PASS_INVALID, BANNED, FORBIDDEN (a hook), CONFLICT (username, too many sessions), STORE_UNAVAILABLE.
   */
  async authenticate(request: LoginRequest, context: RequestContext): Promise<WireLogin> {
    const provider = this.#deps.providers.get(context.provider);
    if (provider === undefined) throw new LoginError("NOT_FOUND", "There is no such identity provider.");

    const pass = await this.#takePass(request.queuePass);
    try {
      return await this.#openSession(provider, request, pass, context);
    } catch (error) {
      if (pass !== null) await this.#returnPass(pass, error);
      throw error;
    }
  }

  async #takePass(queuePass: string | null): Promise<Pass | null> {
    const { queue } = this.#deps;
    if (queue === null || queue.bypass) return null;
    if (queuePass !== null) return { ...(await queue.verifyPass(queuePass)), presented: true };
    return { ticketId: await queue.directPass(), isSpent: false, presented: false };
  }

  async #returnPass(pass: Pass, error: unknown): Promise<void> {
    const { queue, logger } = this.#deps;
    try {
      if (!pass.presented) await queue?.releasePass(pass.ticketId);
      else if (countsAgainstPass(error)) await queue?.failPass(pass.ticketId);
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
    const { sessions, hooks, gameShardId, logger } = this.#deps;
    const identity = await runHook(
      `identity provider ${context.provider}`,
      () => provider.authenticate(request.credentials, context),
      logger,
    );
    const { account, created } = await this.#findAccount(identity, request, pass, context.provider);
    const { userId, username } = account;
    const asked = { provider: context.provider, userId, username, vars: request.vars };
    const changed = await askBeforeAuthenticate(hooks, asked, context, logger);

    const opened = await sessions.open({
      account: changed.groups === undefined ? account : { ...account, groups: changed.groups },
      clientVars: changed.vars ?? request.vars,
      serverVars: changed.serverVars ?? {},
      ticketId: pass?.ticketId ?? null,
      shard: request.gameShardId ?? gameShardId,
    });
    const login = await sessions.toLogin(opened.record, { created, loginData: {} });
    if (!opened.repeated) {
      const session = toSessionAuth(opened.record);
      await runListener("afterAuthenticate", () => hooks.afterAuthenticate?.(session, context), logger);
    }
    return login;
  }

  async #findAccount(
    identity: Identity,
    request: LoginRequest,
    pass: Pass | null,
    provider: string,
  ): Promise<{ readonly account: Account; readonly created: boolean }> {
    const { accounts } = this.#deps;
    const username = request.username ?? identity.username;
    const wished = {
      ...(username === undefined ? {} : { username }),
      ...(identity.groups === undefined ? {} : { groups: identity.groups }),
    };
    const linked = identity.externalId === null ? null : { provider, externalId: identity.externalId };
    if (pass?.isSpent || (linked !== null && !request.create)) {
      const known = linked === null ? null : await accounts.findByIdentity(linked);
      if (known === null && pass?.isSpent) throw new LoginError("PASS_INVALID", "The pass is not valid.");
      if (known === null) throw new LoginError("NOT_FOUND", "There is no account for these credentials.");
    }
    if (linked === null) return { account: await accounts.create(wished), created: true };
    return accounts.findOrCreate(linked, wished);
  }
}

/** Whether a refusal is a try at the credentials or the account. A store out of reach is none, nor is a good account's that is not the pass's. */
function countsAgainstPass(error: unknown): boolean {
  return error instanceof LoginError && error.code !== "STORE_UNAVAILABLE" && error.code !== "PASS_INVALID";
}
