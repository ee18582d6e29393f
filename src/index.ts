// The public face: named exports and nothing else.
export type { Ban } from "./access/access-store.ts";
export type { BanOptions, Bans } from "./access/bans.ts";
export type {
  Account,
  AccountStore,
  AccountStoreFactory,
  LinkedIdentity,
  NewAccount,
} from "./accounts/account-store.ts";
export { anonymousProvider } from "./accounts/anonymous.ts";
export { customProvider } from "./accounts/custom.ts";
export { deviceProvider } from "./accounts/device.ts";
export { memoryAccounts } from "./accounts/memory-accounts.ts";
export type { Identity, IdentityProvider, RequestContext } from "./accounts/providers.ts";
export type { Caller } from "./callers.ts";
export { errorStatus, LoginCloseCode, LoginError, type LoginErrorCode, type LoginErrorDetails } from "./errors.ts";
export type { LoginMiddleware } from "./http/middleware.ts";
export type { Logger } from "./logger.ts";
export { defineLogin, type Login } from "./login.ts";
export type { QueueOverview } from "./login-queue/queue-overview.ts";
export type { LiveQueueSettings, QueuePatch } from "./login-queue/queue-settings.ts";
export type { LoginOptions, LoginTypes, VarsOf } from "./options.ts";
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
export type { QueueMode, WireError, WireLogin, WirePlace, WireSession } from "./wire.ts";
