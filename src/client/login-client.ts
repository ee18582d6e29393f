// The helper itself: logging in, waiting if it must, joining rooms, and telling the page what happens.

import type { WireLogin } from "../wire.ts";
import { orAbort } from "./abort.ts";
import { retryDelayMs } from "./backoff.ts";
import { asRecord, fromMatchmaking, isPassing, LoginClientError } from "./errors.ts";
import { callSafely, Events } from "./events.ts";
import { LoginHttp } from "./http.ts";
import type { AuthenticateOptions, LoginClientEvents, LoginClientOptions } from "./options.ts";
import { QueueGate } from "./queue-gate.ts";
import type { SdkClient, SdkRoom } from "./sdk.ts";
import type { LoginSession } from "./session.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { memoryStorage, onOtherTab, pageStorage, Vault } from "./storage.ts";
import type { Time } from "./time.ts";
import { systemTime } from "./time.ts";

type JoinMethod = "joinOrCreate" | "create" | "join" | "joinById";

/**
 * Makes the helper for one SDK client, and one player. Nothing is sent yet: `restore` or `authenticate` comes next.
 * The session's vars and its login data can be typed: `createLoginClient<typeof client, { character: string }, { gold: number }>(client)`.
 */
export function createLoginClient<
  C extends SdkClient,
  V = Record<string, string>,
  D extends object = Record<string, unknown>,
>(client: C, options: LoginClientOptions = {}): LoginClient<C, V, D> {
  return new LoginClient<C, V, D>(client, options, systemTime);
}

/** Tries of a login with a pass: asking again with it answers the same session. */
const LOGIN_TRIES = 5;
const closeCodes: ReadonlySet<number> = new Set([4401, 4403, 4408, 4409, 4410, 4411]);

/**
 * Sessions and the login queue over the stock SDK. Rejections are `LoginClientError`s; those of the room joins too, as far as
 * this package refused, while the SDK's `MatchMakeError` stands for a room's own refusals.
 */
export class LoginClient<C extends SdkClient, V = Record<string, string>, D extends object = Record<string, unknown>> {
  /** As the SDK's; waits in the queue first where the room asks for it, and refreshes a session token that has ended. */
  readonly joinOrCreate: C["joinOrCreate"];
  /** As the SDK's; see `joinOrCreate`. */
  readonly create: C["create"];
  /** As the SDK's; see `joinOrCreate`. */
  readonly join: C["join"];
  /** As the SDK's; see `joinOrCreate`. */
  readonly joinById: C["joinById"];

  #sdk: C;
  #time: Time;
  #http: LoginHttp<V, D>;
  #keeper: SessionKeeper<V, D>;
  #gate: QueueGate;
  #events = new Events<LoginClientEvents<V, D>>();
  #stopListening: () => void;
  /** A pass that a failed login left unspent. */
  #pass: { readonly pass: string; readonly endsAt: number } | null = null;

  constructor(sdk: C, options: LoginClientOptions, time: Time) {
    const { prefix = "/auth" } = options;
    const { hostname, port, pathname = "" } = sdk.settings;
    const storage = options.storage ?? pageStorage();
    const key = options.storageKey ?? `colyseus-login:${hostname}:${port ?? ""}${pathname}${prefix}`;
    const vault = new Vault<V, D>(storage ?? memoryStorage(), key);
    this.#sdk = sdk;
    this.#time = time;
    this.#http = new LoginHttp(sdk, prefix, time);
    this.#keeper = new SessionKeeper({
      http: this.#http,
      vault,
      shared: storage !== null,
      time,
      setToken: (token) => {
        sdk.auth.token = token;
      },
      onChange: (session, error) => this.#events.emit("session", session, error),
    });
    this.#gate = new QueueGate(sdk, vault, time, (since) => this.#events.emit("stale", { since }));
    this.#stopListening = onOtherTab(vault, () => void this.#keeper.reread());
    // The SDK's own types for its own methods: what is called and answered is what it would be without the helper.
    const wrap = (method: JoinMethod) => ((...args: unknown[]) => this.#enter(method, args)) as unknown;
    this.joinOrCreate = wrap("joinOrCreate") as C["joinOrCreate"];
    this.create = wrap("create") as C["create"];
    this.join = wrap("join") as C["join"];
    this.joinById = wrap("joinById") as C["joinById"];
  }

  /** The session, or null while there is none. */
  get session(): LoginSession<V, D> | null {
    return this.#keeper.session;
  }

  /**
   * Logs in by one of the server's identity providers, waiting in the queue if it must. A reload in between comes back to its
   * place by calling this again. Wrong credentials after a wait do not cost the place: the next call uses the same pass.
   * A session at hand is replaced here, not logged out at the server; to become another player, log out first, because a place in
   * the queue that was taken with a session is that player's.
   */
  async authenticate(
    provider: string,
    credentials: Readonly<Record<string, unknown>> = {},
    options: AuthenticateOptions = {},
  ): Promise<LoginSession<V, D>> {
    if (typeof provider !== "string" || provider === "") throw new TypeError("authenticate: provider must be a name");
    const { hint, onQueue, queueFirst = false, signal = new AbortController().signal, ...fields } = options;
    signal.throwIfAborted();
    const body = { ...credentials, ...fields };
    const login = await this.#gate.pass(() => this.#login(provider, body, signal), {
      needsPass: true,
      queueFirst: queueFirst && this.#heldPass() === null,
      hint,
      signal,
      onUpdate: (update) => {
        if (onQueue !== undefined) callSafely(() => onQueue(update));
        this.#events.emit("queue", update);
      },
      onAdmitted: ({ pass, passEndsAt }) => {
        this.#pass = { pass, endsAt: passEndsAt };
      },
    });
    return this.#keeper.begin(login);
  }

  /** The session of an earlier visit, refreshed if it must be; null where there is none. Rejects (`NETWORK`) if that could not be found out. */
  restore(): Promise<LoginSession<V, D> | null> {
    return this.#keeper.restore();
  }

  /** Refreshes now. `vars` replaces all client vars; without it they stay. */
  refresh(vars?: Readonly<Record<string, string>>): Promise<LoginSession<V, D>> {
    return this.#keeper.refresh(vars);
  }

  /** Ends the session at the server and here. Rejects, and ends nothing, while the server cannot be told. */
  logout(options: { disconnectSockets?: boolean; everywhere?: boolean } = {}): Promise<void> {
    return this.#keeper.logout(options);
  }

  /** Gives the place in the queue up; whoever waits for it is rejected with an `AbortError`. */
  leaveQueue(): void {
    this.#gate.giveUp();
  }

  /** Listens; the answer stops it. */
  on<K extends keyof LoginClientEvents<V, D>>(
    event: K,
    listener: (...args: LoginClientEvents<V, D>[K]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /** Stops refreshing and listening to other tabs, and leaves the queue. The stored session stays for the next helper. */
  dispose(): void {
    this.#gate.giveUp();
    this.#keeper.stop();
    this.#stopListening();
  }

  async #login(provider: string, body: object, signal: AbortSignal): Promise<WireLogin<V, D>> {
    const held = this.#heldPass();
    const request = held === null ? body : { ...body, queuePass: held };
    const logOutAgain = (late: { refreshToken: string }) => void this.#http.logout(late).catch(() => {});
    for (let tries = 1; ; tries++) {
      try {
        const login = await orAbort(this.#http.authenticate(provider, request), signal, logOutAgain);
        this.#pass = null;
        return login;
      } catch (error) {
        if (held === null || !(error instanceof LoginClientError)) throw error;
        if (error.code === "PASS_INVALID") {
          this.#pass = null;
          return this.#login(provider, body, signal);
        }
        const delayMs = isPassing(error) && tries < LOGIN_TRIES ? retryDelayMs(error, tries) : null;
        if (delayMs === null) throw error;
        await this.#time.sleep(delayMs, signal);
      }
    }
  }

  #heldPass(): string | null {
    return this.#pass !== null && this.#pass.endsAt > this.#time.now() ? this.#pass.pass : null;
  }

  async #enter(method: JoinMethod, args: readonly unknown[]): Promise<SdkRoom> {
    const { session } = this;
    if (session?.isExpired() && !session.isRefreshExpired()) await this.#keeper.refresh();
    return this.#gate.pass(() => this.#joinRoom(method, args, true), {
      needsPass: false,
      onUpdate: (update) => this.#events.emit("queue", update),
      onAdmitted: () => {},
    });
  }

  async #joinRoom(method: JoinMethod, args: readonly unknown[], mayRefresh: boolean): Promise<SdkRoom> {
    const sid = this.session?.sid;
    try {
      const room: SdkRoom = await Reflect.apply(this.#sdk[method], this.#sdk, args);
      room.onLeave((code, reason) => this.#leftRoom(room, code, reason ?? "", sid));
      room.onMessage("login:idle", (message) => this.#warnIdle(room, message));
      return room;
    } catch (thrown) {
      const refusal = fromMatchmaking(thrown);
      if (refusal === null) throw thrown;
      const tokenIsDead = refusal.code === "TOKEN_EXPIRED" || refusal.code === "TOKEN_INVALID";
      if (tokenIsDead && sid !== undefined && mayRefresh) {
        // The clock here is wrong, the machine slept over its refresh, or the key that signed the token is gone.
        await this.#keeper.refresh();
        return this.#joinRoom(method, args, false);
      }
      if (refusal.code === "SESSION_REVOKED" || refusal.code === "BANNED") await this.#endSession(sid, refusal);
      throw refusal;
    }
  }

  #warnIdle(room: SdkRoom, message: unknown): void {
    const { secondsLeft } = asRecord(message);
    if (typeof secondsLeft === "number") this.#events.emit("idle", { secondsLeft, room });
  }

  #leftRoom(room: SdkRoom, code: number, reason: string, sid: string | undefined): void {
    if (!closeCodes.has(code)) return;
    this.#events.emit("disconnected", { code, reason, room });
    const details = reason === "" ? {} : { reason };
    if (code === 4403) void this.#endSession(sid, new LoginClientError("BANNED", 0, "banned", details));
    if (code === 4401 || code === 4409) {
      void this.#endSession(sid, new LoginClientError("SESSION_REVOKED", 0, "the session was ended", details));
    }
    // Whether the token alone ran out or the session with it, the server knows.
    if (code === 4408 && sid !== undefined && this.session?.sid === sid) this.#keeper.refresh().catch(() => {});
  }

  /** Ends the session here, if it is still the one that was refused. */
  async #endSession(sid: string | undefined, error: LoginClientError): Promise<void> {
    if (sid !== undefined && this.session?.sid === sid) await this.#keeper.end(error);
  }
}
