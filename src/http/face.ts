// What the routes ask of the login they stand before: one function per call of DESIGN 6, in terms of checked values.
import type { RequestContext } from "../accounts/providers.ts";
import type { Caller } from "../callers.ts";
import type { WireLogin, WirePlace, WireSession } from "../wire.ts";
import type { AuthenticateBody, LogoutBody, QueueBody, RefreshBody } from "./schemas.ts";

/**
 * Implemented by `login.ts`. A refusal is thrown as a LoginError and answered with its status and body; anything else that
 * is thrown is a fault of the server, logged and answered with 500. `token` is a bearer of at most 4 096 bytes, unchecked.
 */
export interface LoginFace {
  /** @throws LoginError `NOT_FOUND` where there is no such provider. */
  authenticate(provider: string, body: AuthenticateBody, context: RequestContext): Promise<WireLogin>;
  refresh(body: RefreshBody): Promise<WireLogin>;
  /** Quiet for tokens that are dead, forged or absent: whoever asks learns nothing. Throws only where the store is out of reach. */
  logout(body: LogoutBody, token: string | null): Promise<void>;
  session(token: string): Promise<WireSession>;
  /** All live sessions of the token's user. The route pages them. */
  sessions(token: string): Promise<readonly WireSession[]>;
  userdata(token: string): Promise<WireLogin["user"]>;
  /** The public halves of the keys. */
  jwks(): { readonly keys: readonly object[] };
  /** null where no queue is configured: its paths then belong to the host. */
  readonly queue: QueueFace | null;
}

/** The queue for those who poll. `ticket` is a ticket JWT, unchecked. */
export interface QueueFace {
  /** `token` is the session token of a returning player; one that is dead counts as none. */
  join(body: QueueBody, token: string | null, caller: Caller): Promise<WirePlace>;
  poll(ticket: string, caller: Pick<Caller, "address">): Promise<WirePlace>;
  leave(ticket: string): Promise<void>;
}
