// The session as the helper shows it, and as it keeps it.
import type { WireLogin, WireSession } from "../wire.ts";
import { asRecord } from "./errors.ts";

/** A player's session. A refresh makes a new object; this one stays as it is. Times are ms since the epoch by the server's clock. */
export interface LoginSession<V = Record<string, string>, D extends object = Record<string, unknown>>
  extends Readonly<WireSession<V>> {
  /** What the server's `loginData` jobs brought at login. */
  readonly loginData: Readonly<D>;
  /** Whether the login made the account. */
  readonly created: boolean;
  /** Whether the session token has ended. `now` defaults to the server's time, as far as it is known here. */
  isExpired(now?: number): boolean;
  /** Whether the refresh token has ended too, so that only a new login helps. */
  isRefreshExpired(now?: number): boolean;
  /** Ms until the session token ends; 0 once it has. */
  expiresIn(now?: number): number;
}

export type ClientVars = Readonly<Record<string, string>>;

/** A refresh that was begun: kept until its answer is, so that a lost answer is asked for again and not taken for theft. */
export interface PendingRefresh {
  readonly attempt: string;
  /** The client vars asked for; null keeps those of the session. */
  readonly vars: ClientVars | null;
}

/** What the storage holds. One record, so that an answer and the end of its attempt are written in one step. */
export interface StoredSession<V, D extends object> {
  readonly login: WireLogin<V, D>;
  readonly pending: PendingRefresh | null;
  /** Server time minus local time, seen at login. */
  readonly clockOffsetMs: number;
}

/** Makes the object that the helper shows; `now` answers the server's time. */
export function toLoginSession<V, D extends object>(login: WireLogin<V, D>, now: () => number): LoginSession<V, D> {
  const session: LoginSession<V, D> = {
    ...login.session,
    loginData: login.loginData,
    created: login.created,
    isExpired: (at = now()) => at >= login.tokenExpiresAt,
    isRefreshExpired: (at = now()) => at >= login.refreshTokenExpiresAt,
    expiresIn: (at = now()) => Math.max(0, login.tokenExpiresAt - at),
  };
  return Object.freeze(session);
}

export function beginRefresh(vars: ClientVars | undefined): PendingRefresh {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const attempt = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { attempt, vars: vars ?? null };
}

/** Whether a refresh that asked for `other` (null: as they were) has done what one that asks for `one` would. */
export function sameVars(one: ClientVars, other: ClientVars | null): boolean {
  if (other === null) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Checks what came from the storage: it may be of an older version, or written by something else. */
export function readStoredSession<V, D extends object>(value: unknown): StoredSession<V, D> | null {
  const { login, pending, clockOffsetMs } = asRecord(value);
  if (!isLogin<V, D>(login)) return null;
  const { attempt, vars } = asRecord(pending);
  return {
    login,
    pending: typeof attempt === "string" ? { attempt, vars: isStrings(vars) ? vars : null } : null,
    clockOffsetMs: typeof clockOffsetMs === "number" ? clockOffsetMs : 0,
  };
}

/** Whether an answer of the server (or the storage) is a Login, as far as the helper depends on it. */
export function isLogin<V, D extends object>(value: unknown): value is WireLogin<V, D> {
  const { token, refreshToken, tokenExpiresAt, refreshTokenExpiresAt, refreshAt, session, loginData } = asRecord(value);
  const { sid, userId, createdAt } = asRecord(session);
  const texts = [token, refreshToken, sid, userId];
  const times = [tokenExpiresAt, refreshTokenExpiresAt, refreshAt, createdAt];
  const hasData = typeof loginData === "object" && loginData !== null;
  return hasData && texts.every((text) => typeof text === "string") && times.every((time) => typeof time === "number");
}

function isStrings(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((entry) => typeof entry === "string")
  );
}
