// The public face: named exports and nothing else.

export type { AccessAllowance, AccessMode } from "./access/access-rules.ts";
export type { Ban } from "./access/access-store.ts";
export type { BanOptions, Bans } from "./access/bans.ts";
export type { AccessPlayer, AccessRule } from "./access/limited-access.ts";
export type { AccessChange, AccessFace, AccessState } from "./access-face.ts";
export {
  type Account,
  type AccountStore,
  type AccountStoreFactory,
  type Credential,
  type IdentityRecord,
  type LinkedIdentity,
  maxIdentities,
  type NewAccount,
  type NewIdentity,
} from "./accounts/account-store.ts";
export { anonymousProvider } from "./accounts/anonymous.ts";
export {
  type ColyseusAuthProviderOptions,
  type ColyseusJwt,
  type ColyseusUser,
  colyseusAuthProvider,
} from "./accounts/colyseus-auth.ts";
export { customProvider } from "./accounts/custom.ts";
export { deviceProvider } from "./accounts/device.ts";
export { type EmailProvider, type EmailProviderOptions, emailProvider } from "./accounts/email.ts";
export type { EmailAccounts } from "./accounts/email-accounts.ts";
export { jwtProvider } from "./accounts/jwt.ts";
export type { JwtClaims, JwtProviderOptions } from "./accounts/jwt-options.ts";
export type { LimitSettings, PointCounter, PointCounterMaker } from "./accounts/limits.ts";
export type { EmailMessage } from "./accounts/mails.ts";
export { memoryAccounts } from "./accounts/memory-accounts.ts";
export { checkGroups, generateUsername, parseUsername, usernameKey } from "./accounts/names.ts";
export type { ScryptCost } from "./accounts/passwords.ts";
export type {
  Identity,
  IdentityProvider,
  IdentityProviderFactory,
  ProviderContext,
  Registration,
  RequestContext,
} from "./accounts/providers.ts";
export type { AccountsFace } from "./accounts-face.ts";
export type { AuditActor, AuditEntry } from "./audit/audit-store.ts";
export type { Caller } from "./callers.ts";
export {
  errorStatus,
  LoginCloseCode,
  LoginError,
  type LoginErrorCode,
  type LoginErrorDetails,
  type RefusalCode,
} from "./errors.ts";
export type { EventSession, LoginEvents } from "./events-face.ts";
export type { LoginMiddleware } from "./http/middleware.ts";
export type { Logger } from "./logger.ts";
export { defineLogin, type Login } from "./login.ts";
export type {
  LoginDataContext,
  LoginDataJob,
  LoginDataJobOptions,
  LoginDataJobs,
  LoginDataRun,
} from "./login-data/jobs.ts";
export type { Forecast, ForecastChanges, ForecastRange } from "./login-queue/eta/forecast.ts";
export type { QueueOverview } from "./login-queue/queue-overview.ts";
export type { LiveQueueSettings, QueuePatch } from "./login-queue/queue-settings.ts";
export type { LoginDataOf, LoginOptions, LoginTypes, VarsOf } from "./options/options.ts";
export type { QueueConfigured, QueueFace } from "./queue-face.ts";
export type {
  AuthenticateHookRequest,
  AuthenticateHookResult,
  LoginHooks,
  QueueHookRequest,
  RefreshHookRequest,
  RefreshHookResult,
} from "./sessions/hooks.ts";
export type { SessionPlugin } from "./sessions/room-plugin.ts";
export type { EndReason, SessionAuth, SessionKind, Vars } from "./sessions/session.ts";
export type { SessionInfo, SessionsFace } from "./sessions/sessions-face.ts";
export { memoryStore } from "./stores/memory/memory-store.ts";
export type { EmailPurpose, EmailTokenRequest } from "./tokens/email-tokens.ts";
export type { Operator, OperatorTokenRequest } from "./tokens/operator-tokens.ts";
export { type OperatorScope, operatorScopes } from "./tokens/scopes.ts";
export type { TokensFace } from "./tokens/tokens-face.ts";
export type {
  QueueMode,
  WireError,
  WireIdentity,
  WireLogin,
  WirePlace,
  WireSession,
  WireSessionEntry,
} from "./wire.ts";
