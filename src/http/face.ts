// What the routes ask of the login they stand before: one function per call of DESIGN 6, in terms of checked values.
import type { RequestContext } from "../accounts/providers.ts";
import type { Caller } from "../callers.ts";
import type { WireIdentity, WireLogin, WirePlace, WireSession, WireSessionEntry } from "../wire.ts";
import type {
  ChangePasswordBody,
  EmailLoginBody,
  ForgotPasswordBody,
  LinkBody,
  ResetPasswordBody,
  VerifyEmailBody,
} from "./account-schemas.ts";
import type { AuthenticateBody, LogoutBody, QueueBody, RefreshBody } from "./schemas.ts";

/**
 * Implemented by `http-face.ts`. A refusal is thrown as a LoginError and answered with its status and body; anything else that
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
  sessions(token: string): Promise<readonly WireSessionEntry[]>;
  userdata(token: string): Promise<WireLogin["user"]>;
  /** The public halves of the keys. */
  jwks(): { readonly keys: readonly object[] };
  readonly accounts: AccountFace;
  /** null where there is no e-mail provider: its paths then belong to the host. */
  readonly email: EmailFace | null;
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

/** What players may do to their own accounts. */
export interface AccountFace {
  identities(token: string): Promise<readonly WireIdentity[]>;
  /** Answers what is linked then. @throws LoginError `NOT_FOUND` (no such provider), `CONFLICT`, and as a login with it. */
  link(credentials: LinkBody, token: string, context: RequestContext): Promise<readonly WireIdentity[]>;
  /** Takes all of a provider away. @throws LoginError `NOT_FOUND`, `CONFLICT` (no other would be left). */
  unlink(provider: string, token: string): Promise<readonly WireIdentity[]>;
  /** @throws LoginError `CONFLICT`, `INVALID_REQUEST` */
  setUsername(username: string, token: string): Promise<WireLogin["user"]>;
}

/** Accounts by e-mail address and password. */
export interface EmailFace {
  login(body: EmailLoginBody, caller: Caller): Promise<WireLogin>;
  /** `token`: of a guest whose account gets the address. One that is dead, or of an account with a password, counts as none. */
  register(body: EmailLoginBody, token: string | null, caller: Caller): Promise<WireLogin>;
  /** Quiet for unknown addresses. */
  forgotPassword(body: ForgotPasswordBody, caller: Caller): Promise<void>;
  resetPassword(body: ResetPasswordBody, caller: Caller): Promise<void>;
  verifyEmail(body: VerifyEmailBody): Promise<void>;
  changePassword(body: ChangePasswordBody, token: string, caller: Caller): Promise<void>;
}
