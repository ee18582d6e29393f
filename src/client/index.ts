// colyseus-login/client: the helper for browsers and Node, over the stock @colyseus/sdk.
export { type Countdown, type CountdownReading, createCountdown } from "./countdown.ts";
export { LoginClientError } from "./errors.ts";
export { createLoginClient, type LoginClient } from "./login-client.ts";
export type {
  AuthenticateOptions,
  Disconnected,
  IdleWarning,
  LoginClientEvents,
  LoginClientOptions,
} from "./options.ts";
export type { QueueUpdate } from "./queue-visit.ts";
export type { SdkClient, SdkRoom } from "./sdk.ts";
export type { LoginSession } from "./session.ts";
export type { LoginStorage } from "./storage.ts";
