// Keeps the session: in memory, in storage, in step with other tabs, and fresh.
import type { WireLogin } from "../wire.ts";
import { backoffMs, retryDelayMs } from "./backoff.ts";
import { endsSession, fromHttp, isPassing, LoginClientError } from "./errors.ts";
import type { LoginHttp } from "./http.ts";
import { exclusively } from "./lock.ts";
import type { ClientVars, LoginSession, PendingRefresh, StoredSession } from "./session.ts";
import { beginRefresh, sameVars, toLoginSession } from "./session.ts";
import type { Vault } from "./storage.ts";
import type { Time } from "./time.ts";

export interface SessionKeeperParts<V, D extends object> {
  readonly http: LoginHttp<V, D>;
  readonly vault: Vault<V, D>;
  /** Whether other tabs may use the same storage. */
  readonly shared: boolean;
  readonly time: Time;
  /** The session token in force, for whoever sends it. */
  readonly setToken: (token: string | undefined) => void;
  /** The session changed; null when it ended, with the refusal that ended it where there was one. */
  readonly onChange: (session: LoginSession<V, D> | null, error: LoginClientError | null) => void;
}

/** Tries of a refresh that somebody waits for. */
const REFRESH_TRIES = 4;

export class SessionKeeper<V, D extends object> {
  #parts: SessionKeeperParts<V, D>;
  #record: StoredSession<V, D> | null = null;
  #session: LoginSession<V, D> | null = null;
  #cancelTimer: () => void = () => {};
  /** Refreshes in a row, of those made by the timer, that failed or whose answer was due again at once. */
  #vain = 0;
  #stopped = false;

  constructor(parts: SessionKeeperParts<V, D>) {
    this.#parts = parts;
  }

  get session(): LoginSession<V, D> | null {
    return this.#session;
  }

  /** Makes the answer of a login the session. */
  async begin(login: WireLogin<V, D>): Promise<LoginSession<V, D>> {
    // A session is made as it is answered, so its `createdAt` is the server's time now.
    const clockOffsetMs = login.session.createdAt - this.#parts.time.now();
    const record: StoredSession<V, D> = { login, pending: null, clockOffsetMs };
    await this.#parts.vault.writeSession(record);
    return this.#take(record);
  }

  /** Takes the session from the storage, refreshed first if its token has ended. Null where there is none to be had. */
  async restore(): Promise<LoginSession<V, D> | null> {
    const record = await this.#readLive();
    if (record === null) return null;
    if (this.#serverNow(record) < record.login.tokenExpiresAt) return this.#take(record);
    this.#record = record;
    try {
      return await this.refresh();
    } catch (error) {
      if (error instanceof LoginClientError && endsSession(error)) return null;
      throw error;
    }
  }

  /** Takes over what the storage holds: another tab wrote it. */
  async reread(): Promise<void> {
    const record = await this.#readLive();
    if (record !== null) this.#take(record);
  }

  /** Refreshes, asking again while answers get lost. */
  async refresh(vars?: ClientVars): Promise<LoginSession<V, D>> {
    const seen = this.#record;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#refreshOnce(seen, vars);
      } catch (error) {
        if (!(error instanceof LoginClientError) || !isPassing(error)) throw error;
        const delayMs = tries < REFRESH_TRIES ? retryDelayMs(error, tries) : null;
        if (delayMs === null) {
          this.#vain++;
          this.#schedule(error);
          throw error;
        }
        await this.#parts.time.sleep(delayMs);
      }
    }
  }

  /** Logs out at the server; the session here ends when the server has answered. */
  async logout(options: { disconnectSockets?: boolean; everywhere?: boolean }): Promise<void> {
    await this.#exclusively(async () => {
      const record = (await this.#parts.vault.readSession()) ?? this.#record;
      if (record === null) return;
      await this.#parts.http.logout({ ...options, refreshToken: record.login.refreshToken });
      await this.#remove(record.login.session.sid);
      this.#drop(null);
    });
  }

  /** The server said that the session is over. */
  async end(error: LoginClientError): Promise<void> {
    const sid = this.#record?.login.session.sid;
    if (sid !== undefined) await this.#remove(sid);
    this.#drop(error);
  }

  /** No refreshing any more. What is stored stays. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** What the storage holds; a session whose refresh token has ended is removed, and one that is gone ends here. */
  async #readLive(): Promise<StoredSession<V, D> | null> {
    const record = await this.#parts.vault.readSession();
    if (record !== null && this.#serverNow(record) < record.login.refreshTokenExpiresAt) return record;
    if (record !== null) await this.#parts.vault.writeSession(null);
    this.#drop(record === null ? null : refreshTokenEnded());
    return null;
  }

  /** One refresh at most; none where another tab refreshed since `seen`. */
  #refreshOnce(seen: StoredSession<V, D> | null, vars: ClientVars | undefined): Promise<LoginSession<V, D>> {
    return this.#exclusively(async () => {
      let record = await this.#parts.vault.readSession();
      if (record !== null && record.pending !== null) {
        const asked = record.pending.vars;
        const session = await this.#exchange(record, record.pending);
        if (vars === undefined || sameVars(vars, asked)) return session;
        record = this.#record;
      } else if (record !== null && record.login.refreshToken !== seen?.login.refreshToken && vars === undefined) {
        return this.#take(record);
      }
      if (record === null || (seen !== null && record.login.session.sid !== seen.login.session.sid)) {
        if (record === null) this.#drop(null);
        else this.#take(record);
        throw new LoginClientError("SESSION_REVOKED", 0, "there is no such session any more");
      }
      const pending = beginRefresh(vars);
      const begun: StoredSession<V, D> = { ...record, pending };
      await this.#parts.vault.writeSession(begun);
      this.#record = begun;
      return this.#exchange(begun, pending);
    });
  }

  /** One request, and its outcome settled. */
  async #exchange(record: StoredSession<V, D>, pending: PendingRefresh): Promise<LoginSession<V, D>> {
    const { refreshToken, loginData } = record.login;
    const vars = pending.vars === null ? {} : { vars: pending.vars };
    let login: WireLogin<V, D>;
    try {
      login = await this.#parts.http.refresh({ refreshToken, attempt: pending.attempt, ...vars });
    } catch (thrown) {
      const error = fromHttp(thrown);
      if (endsSession(error)) await this.#settle(record, null, error);
      else if (!isPassing(error)) await this.#giveUpAttempt(record);
      throw error;
    }
    const kept = Object.keys(login.loginData).length > 0 ? login.loginData : loginData;
    const next: StoredSession<V, D> = { ...record, login: { ...login, loginData: kept }, pending: null };
    const session = await this.#settle(record, next, null);
    if (session === null) throw new LoginClientError("SESSION_REVOKED", 0, "the session ended meanwhile");
    return session;
  }

  /** Writes the outcome of an exchange, unless a login or a logout came in between: that one stands. */
  async #settle(
    from: StoredSession<V, D>,
    to: StoredSession<V, D> | null,
    error: LoginClientError | null,
  ): Promise<LoginSession<V, D> | null> {
    const stored = await this.#parts.vault.readSession();
    if (stored !== null && stored.login.refreshToken !== from.login.refreshToken) return this.#take(stored);
    if (stored !== null) await this.#parts.vault.writeSession(to);
    if (stored !== null && to !== null) return this.#take(to);
    this.#drop(error);
    return null;
  }

  /** The refresh was refused and changed nothing: the next one is another attempt. */
  async #giveUpAttempt(record: StoredSession<V, D>): Promise<void> {
    const stored = await this.#parts.vault.readSession();
    if (stored?.login.refreshToken !== record.login.refreshToken) return;
    this.#record = { ...record, pending: null };
    await this.#parts.vault.writeSession(this.#record);
  }

  /** Removes the session from the storage, unless another one is there by now. */
  async #remove(sid: string): Promise<void> {
    const stored = await this.#parts.vault.readSession();
    if (stored === null || stored.login.session.sid === sid) await this.#parts.vault.writeSession(null);
  }

  #take(record: StoredSession<V, D>): LoginSession<V, D> {
    const known = this.#record;
    this.#record = record;
    this.#parts.setToken(record.login.token);
    if (this.#session === null || known?.login.refreshToken !== record.login.refreshToken) {
      this.#session = toLoginSession(record.login, () => this.#serverNow(record));
      if (record.login.refreshAt > this.#serverNow(record)) this.#vain = 0;
      this.#schedule();
      this.#parts.onChange(this.#session, null);
    }
    return this.#session;
  }

  #drop(error: LoginClientError | null): void {
    if (this.#record === null) return;
    this.#record = null;
    this.#session = null;
    this.#cancelTimer();
    this.#parts.setToken(undefined);
    this.#parts.onChange(null, error);
  }

  /** `failure` is that of the refresh just tried: the next one does not come before the server wants it. */
  #schedule(failure?: unknown): void {
    this.#cancelTimer();
    if (this.#stopped || this.#record === null) return;
    const due = this.#record.pending === null ? this.#record.login.refreshAt - this.#serverNow(this.#record) : 0;
    // A clock that was set, or a server that cannot be reached, must not make a refresh follow upon the other.
    const patience = this.#vain === 0 ? 0 : backoffMs(this.#vain, 2_000, 600_000);
    const askedMs = failure instanceof LoginClientError ? (failure.retryAfterSeconds ?? 0) * 1_000 : 0;
    this.#cancelTimer = this.#parts.time.after(Math.max(0, due, patience, askedMs), () => void this.#refreshByItself());
  }

  async #refreshByItself(): Promise<void> {
    const record = this.#record;
    if (record === null) return;
    this.#vain++;
    try {
      if (this.#serverNow(record) >= record.login.refreshTokenExpiresAt) {
        await this.end(refreshTokenEnded());
        return;
      }
      await this.#refreshOnce(record, undefined);
    } catch (error) {
      // A refusal that ends the session was told by then; after any other, the next try is only a matter of time.
      this.#schedule(error);
    }
  }

  #exclusively<T>(task: () => Promise<T>): Promise<T> {
    const { vault, shared, time } = this.#parts;
    return exclusively({ storage: vault.storage, name: vault.sessionKey, shared, time }, task);
  }

  #serverNow(record: StoredSession<V, D>): number {
    return this.#parts.time.now() + record.clockOffsetMs;
  }
}

function refreshTokenEnded(): LoginClientError {
  return new LoginClientError("TOKEN_EXPIRED", 0, "the refresh token has ended");
}
