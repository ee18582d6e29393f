// The places where a server's own code takes part in a session's life, and what happens when that code fails.
import { checkGroups } from "../accounts/names.ts";
import type { RequestContext } from "../accounts/providers.ts";
import type { Caller } from "../callers.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { EndReason, SessionAuth, Vars } from "./session.ts";
import { checkServerVars } from "./vars.ts";

/** Who logs in and what for. The credentials are not part of it: they are the identity provider's alone. */
export interface AuthenticateHookRequest {
  readonly provider: string;
  readonly userId: string;
  readonly username: string;
  /** The client vars asked for, within the limits of vars. */
  readonly vars: Vars;
}

export interface AuthenticateHookResult {
  /** The client vars of the session instead of those asked for. */
  readonly vars?: Vars;
  readonly serverVars?: Vars;
  /** The groups of this session instead of the account's. A refresh reads the account's again unless `beforeRefresh` names some. */
  readonly groups?: readonly string[];
}

export interface RefreshHookRequest {
  /** The client vars asked for in place of all there are; null where they stay. */
  readonly vars: Vars | null;
}

export interface RefreshHookResult {
  /** The server vars from now on; left out, they stay. */
  readonly serverVars?: Vars;
  /** The groups of this session instead of the account's. */
  readonly groups?: readonly string[];
}

/** Who asks for a place in the queue. */
export interface QueueHookRequest<V extends object = Vars> {
  /** Whose live session it is, verified; null for somebody unknown. */
  readonly session: SessionAuth<V> | null;
  /** Whatever the client sent as `hint`, an answer to a captcha say; checked by nobody yet. */
  readonly hint: unknown;
  /** The client's, or null where the server cannot tell. */
  readonly address: string | null;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook written without a return statement has the type void, not undefined.
type OrNothing<T> = T | void;

/** A LoginError thrown by a `before…` hook refuses the call as it is; any other failure of one refuses it with FORBIDDEN. */
export interface LoginHooks<V extends object = Vars> {
  beforeAuthenticate?(
    request: AuthenticateHookRequest,
    context: RequestContext,
  ): OrNothing<AuthenticateHookResult> | Promise<OrNothing<AuthenticateHookResult>>;
  /** The session is open; whatever this throws is logged. */
  afterAuthenticate?(session: SessionAuth<V>, context: RequestContext): void | Promise<void>;
  /** Not called where the pair in force is only repeated. */
  beforeRefresh?(
    session: SessionAuth<V>,
    request: RefreshHookRequest,
  ): OrNothing<RefreshHookResult> | Promise<OrNothing<RefreshHookResult>>;
  /**
   * Called before a new ticket is made, in the queue room and over HTTP alike; not for who comes back to a place. With a
   * captcha or a proof of work in the hint, it is where a flood of joins is stopped.
   */
  beforeQueue?(request: QueueHookRequest<V>, context: Caller): void | Promise<void>;
  /**
   * Called once for each session that a call ends, after it ended, on the process that ended it; whatever this throws is
   * logged. A session that nobody refreshes any more just runs out.
   */
  onSessionEnd?(session: SessionAuth<V>, reason: EndReason): void | Promise<void>;
}

/** Runs `beforeAuthenticate` and checks its answer; a wrong one counts as a failure of the hook. */
export function askBeforeAuthenticate<V extends object>(
  hooks: Pick<LoginHooks<V>, "beforeAuthenticate">,
  request: AuthenticateHookRequest,
  context: RequestContext,
  logger: Logger,
): Promise<AuthenticateHookResult> {
  const ask = async () => {
    const { vars, ...others } = (await hooks.beforeAuthenticate?.(request, context)) ?? {};
    return { ...(vars === undefined ? {} : { vars: checkServerVars(vars, "vars") }), ...checkRefreshResult(others) };
  };
  return runHook("hook beforeAuthenticate", ask, logger);
}

/** The same for `beforeRefresh`. */
export function askBeforeRefresh<V extends object>(
  hooks: Pick<LoginHooks<V>, "beforeRefresh">,
  session: SessionAuth<V>,
  request: RefreshHookRequest,
  logger: Logger,
): Promise<RefreshHookResult> {
  const ask = async () => checkRefreshResult((await hooks.beforeRefresh?.(session, request)) ?? {});
  return runHook("hook beforeRefresh", ask, logger);
}

/** Runs `beforeQueue`. */
export function askBeforeQueue<V extends object>(
  hooks: Pick<LoginHooks<V>, "beforeQueue">,
  request: QueueHookRequest<V>,
  context: Caller,
  logger: Logger,
): Promise<void> {
  return runHook("hook beforeQueue", () => hooks.beforeQueue?.(request, context), logger);
}

function checkRefreshResult({ serverVars, groups }: RefreshHookResult): RefreshHookResult {
  return {
    ...(serverVars === undefined ? {} : { serverVars: checkServerVars(serverVars, "serverVars") }),
    ...(groups === undefined ? {} : { groups: checkGroups(groups, "groups") }),
  };
}

/** Runs code of the server that may refuse: a LoginError passes, any other failure is logged and refused as FORBIDDEN. */
export async function runHook<T>(name: string, hook: () => T | Promise<T>, logger: Logger): Promise<T> {
  try {
    return await hook();
  } catch (error) {
    if (error instanceof LoginError) throw error;
    logger.error(`colyseus-login: ${name} failed`, error);
    throw new LoginError("FORBIDDEN", "Refused by the server.");
  }
}

/** Runs code of the server that only hears of things: its failure is logged. */
export async function runListener(name: string, listener: () => void | Promise<void>, logger: Logger): Promise<void> {
  try {
    await listener();
  } catch (error) {
    logger.error(`colyseus-login: ${name} failed`, error);
  }
}
