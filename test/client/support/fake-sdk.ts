// The stock SDK over HTTP, with rooms that the test moves by hand.
import { Client, MatchMakeError } from "@colyseus/sdk";
import { LoginClient } from "../../../src/client/login-client.ts";
import type { LoginClientOptions } from "../../../src/client/options.ts";
import type { SdkClient, SdkRoom } from "../../../src/client/sdk.ts";
import type { FakeServer } from "./fake-server.ts";
import type { ManualTime } from "./manual-time.ts";

export class FakeRoom implements SdkRoom {
  readonly roomId = "room-1";
  readonly sessionId = "seat-1";
  readonly connection = { isOpen: true };
  readonly reconnection = { enabled: true };
  readonly name: string;
  state: Record<string, unknown> = {};
  /** How the client left: `true` is for good. */
  left: boolean[] = [];
  #stateListeners: (() => void)[] = [];
  #leaveListeners: ((code: number, reason?: string) => void)[] = [];
  #messageListeners = new Map<string, (message: unknown) => void>();

  constructor(name: string) {
    this.name = name;
  }

  onStateChange(listener: () => void): void {
    this.#stateListeners.push(listener);
  }

  onLeave(listener: (code: number, reason?: string) => void): void {
    this.#leaveListeners.push(listener);
  }

  onMessage(type: string, listener: (message: unknown) => void): void {
    this.#messageListeners.set(type, listener);
  }

  /** A message of the room. */
  say(type: string, message: unknown): void {
    this.#messageListeners.get(type)?.(message);
  }

  leave(consented = true): Promise<number> {
    this.left.push(consented);
    this.close(consented ? 4000 : 1005);
    return Promise.resolve(4000);
  }

  /** A patch. */
  push(state: Record<string, unknown>): void {
    Object.assign(this.state, state);
    for (const listener of this.#stateListeners) listener();
  }

  /** The connection ends. */
  close(code: number, reason?: string): void {
    this.connection.isOpen = false;
    for (const listener of this.#leaveListeners) listener(code, reason);
  }
}

export interface JoinCall {
  readonly method: string;
  readonly name: string;
  readonly options: Record<string, unknown> | undefined;
  readonly token: string | undefined;
}

/** What a join is answered with: a room, or an error that it rejects with. */
type JoinAnswer = FakeRoom | Error | Promise<FakeRoom>;

export class FakeSdk implements SdkClient {
  readonly settings;
  readonly auth;
  readonly http;
  readonly joins: JoinCall[] = [];
  #answers: JoinAnswer[] = [];
  #arrivals: (() => void)[] = [];

  constructor(server: FakeServer) {
    const client = new Client(`ws://127.0.0.1:${server.port}`);
    this.settings = client.settings;
    this.auth = client.auth;
    this.http = client.http;
  }

  /** What the next joins are answered with, one each. */
  answerJoins(...answers: JoinAnswer[]): void {
    this.#answers.push(...answers);
  }

  /** Resolves when so many joins were asked for. */
  async joined(count: number): Promise<JoinCall> {
    while (this.joins.length < count) await new Promise<void>((resolve) => this.#arrivals.push(resolve));
    // The helper takes the room up in the turn after the join's answer.
    await new Promise((resolve) => setImmediate(resolve));
    return this.joins[count - 1] as JoinCall;
  }

  joinOrCreate = (name: string, options?: object) => this.#join("joinOrCreate", name, options);
  create = (name: string, options?: object) => this.#join("create", name, options);
  join = (name: string, options?: object) => this.#join("join", name, options);
  joinById = (name: string, options?: object) => this.#join("joinById", name, options);

  async #join(method: string, name: string, options: object | undefined): Promise<FakeRoom> {
    this.joins.push({ method, name, options: options as Record<string, unknown>, token: this.auth.token });
    for (const arrived of this.#arrivals.splice(0)) arrived();
    const answer = this.#answers.shift() ?? new Error("no join scripted");
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

/** What the SDK makes of a refusal at matchmaking. */
export function matchmakingRefusal(status: number, code: string): MatchMakeError {
  return new MatchMakeError(code, status);
}

export function createHelper(sdk: FakeSdk, time: ManualTime, options: LoginClientOptions = {}) {
  return new LoginClient<FakeSdk>(sdk, options, time);
}

/** A waiting player's state. */
export function waitingState(position: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status: "waiting",
    position,
    queueLength: 10,
    etaMs: position * 1000,
    mode: "auto",
    notice: "",
    ticket: "ticket-1",
    pass: "",
    passExpiresAt: 0,
    asOf: 1_000_000 - position,
    ...more,
  };
}

export function admittedState(pass: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return waitingState(0, {
    status: "admitted",
    etaMs: 0,
    pass,
    passExpiresAt: 1_030_000,
    asOf: 1_000_000,
    ...more,
  });
}
