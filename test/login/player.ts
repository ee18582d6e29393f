// A player at the stock SDK, with a device: what journeys are told with.
import { Client, type Room } from "@colyseus/sdk";
import { expect } from "vitest";
import type { QueueView } from "../../src/login-queue/queue-state.ts";
import type { WireLogin, WirePlace } from "../../src/wire.ts";

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function request(
  url: string,
  { method = "GET", token = null, body }: { method?: string; token?: string | null; body?: unknown } = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : { text } };
}

export class Player {
  readonly client: Client;
  readonly device: string;
  readonly #url: string;
  #login: WireLogin | null = null;

  constructor(url: string, name: string) {
    this.#url = url;
    this.device = `the device of ${name}`;
    this.client = new Client(url);
    // The SDK keeps one token for all clients of a process.
    this.client.auth.token = "";
  }

  /** What the last login or refresh answered. */
  get login(): WireLogin {
    if (this.#login === null) throw new Error("not logged in");
    return this.#login;
  }

  get sid(): string {
    return this.login.session.sid;
  }

  get userId(): string {
    return this.login.user.id;
  }

  post(path: string, body: unknown, token: string | null = null): Promise<Answer> {
    return request(`${this.#url}${path}`, { method: "POST", body, token });
  }

  get(path: string, token: string | null = this.#login?.token ?? null): Promise<Answer> {
    return request(`${this.#url}${path}`, { token });
  }

  delete(path: string, token: string): Promise<Answer> {
    return request(`${this.#url}${path}`, { method: "DELETE", token });
  }

  /** A login with the device, whatever comes of it. */
  async tryLogIn(extras: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await this.post("/auth/authenticate/device", { id: this.device, ...extras });
    if (answer.status === 200) this.take(answer);
    return answer;
  }

  /** A login that succeeds. */
  async logIn(extras: Record<string, unknown> = {}): Promise<WireLogin> {
    return this.take(await this.tryLogIn(extras));
  }

  /** A refresh that succeeds. */
  async refresh(extras: Record<string, unknown> = {}): Promise<WireLogin> {
    return this.take(await this.tryRefresh(extras));
  }

  tryRefresh(extras: Record<string, unknown> = {}): Promise<Answer> {
    return this.post("/auth/refresh", { refreshToken: this.login.refreshToken, ...extras });
  }

  async logOut(extras: Record<string, unknown> = {}): Promise<void> {
    const { refreshToken } = this.login;
    expect((await this.post("/auth/logout", { refreshToken, ...extras })).status).toBe(204);
  }

  /** Takes the pair of an answer over. */
  take({ status, body }: Answer): WireLogin {
    expect(body).toMatchObject({ token: expect.any(String), refreshToken: expect.any(String) });
    expect(status).toBe(200);
    // The tests look at its fields; that they are all there is the business of the http tests.
    const login = body as unknown as WireLogin;
    this.#login = login;
    this.client.auth.token = login.token;
    return login;
  }

  /** Into a guarded room, and greeted by it. */
  async play(roomName = "game"): Promise<Room> {
    const room = await this.client.joinOrCreate(roomName);
    room.onMessage("*", () => {});
    return room;
  }

  /** Into the queue; resolves with the first state. */
  async queue(options: Record<string, unknown> = {}): Promise<Room> {
    const room = await this.client.joinOrCreate("login_queue", options);
    room.onMessage("*", () => {});
    await untilState(room, () => true);
    return room;
  }

  /** A place taken or asked for over HTTP. */
  async takePlace(body: Record<string, unknown> = {}, token: string | null = null): Promise<WirePlace> {
    return placeOf(await this.post("/auth/queue", body, token));
  }

  async pollPlace(ticket: string): Promise<WirePlace> {
    return placeOf(await this.get("/auth/queue", ticket));
  }
}

/** Resolves with the queue's state as soon as it is as asked. */
export function untilState(room: Room, isSo: (state: QueueView) => boolean): Promise<QueueView> {
  return new Promise((resolve) => {
    const look = (): void => {
      const state: QueueView | undefined = room.state;
      if (state?.status === undefined || !isSo(state)) return;
      room.onStateChange.remove(look);
      resolve({ ...state });
    };
    room.onStateChange(look);
    look();
  });
}

/** Resolves with the state that carries the pass. */
export function untilAdmitted(room: Room): Promise<QueueView> {
  return untilState(room, ({ status, pass }) => status === "admitted" && pass !== "");
}

function placeOf({ status, body }: Answer): WirePlace {
  expect(body).toMatchObject({ status: expect.any(String), ticket: expect.any(String) });
  expect(status).toBe(200);
  return body as unknown as WirePlace;
}
