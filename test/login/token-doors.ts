// Every kind of token, fresh and in one hand, and every door of a whole server that takes tokens: what the table of S04 is made of.
import { matchMaker } from "@colyseus/core";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import type { WirePlace } from "../../src/wire.ts";
import { settled } from "../support/settled.ts";
import type { Outbox } from "./outbox.ts";
import { type Answer, type Player, request } from "./player.ts";
import type { House } from "./server.ts";

export const playersPassword = "a horse of one colour";

export const kinds = [
  "game",
  "social",
  "refresh",
  "operator",
  "partner",
  "verify-email",
  "reset-password",
  "ticket",
  "pass",
] as const;
export type Kind = (typeof kinds)[number];

/** One fresh token of each kind, all of one server and, where they are somebody's, of one live session. */
export class Bunch {
  readonly house: House;
  readonly player: Player;
  readonly tokens: Readonly<Record<Kind, string>>;
  readonly passDevice: string;
  readonly #places: string[] = [];

  constructor(house: House, player: Player, tokens: Readonly<Record<Kind, string>>, passDevice: string) {
    this.house = house;
    this.player = player;
    this.tokens = tokens;
    this.passDevice = passDevice;
  }

  static async gather(house: House, outbox: Outbox, name: string): Promise<Bunch> {
    const player = house.player(name);
    const email = `${name}@example.org`;
    player.take(await player.post("/auth/register", { email, password: playersPassword, gameShardId: "eu-1" }));
    await player.post("/auth/forgot-password", { email });
    // The one has to wait, the other is let in.
    await house.login.queue.configure({ mode: "always" });
    const waiting = await house.player("who waits").takePlace();
    const next = await house.player("who is next").takePlace();
    await house.login.queue.admit(decodeJwt(next.ticket).jti ?? "");
    const { pass = "" } = await house.player("who is next").pollPlace(next.ticket);
    const tokens = {
      game: player.login.token,
      social: player.login.socialToken ?? "",
      refresh: player.login.refreshToken,
      operator: await house.login.tokens.issueOperatorToken({ name: "Olga" }),
      partner: await house.login.tokens.issuePartnerToken({ name: "Shop" }),
      "verify-email": await outbox.token("verify-email"),
      "reset-password": await outbox.token("reset-password"),
      ticket: waiting.ticket,
      pass,
    };
    for (const kind of kinds) expect(tokens[kind], kind).not.toBe("");
    return new Bunch(house, player, tokens, `${name} with the pass`);
  }

  async takePlace(body: Record<string, unknown>, token: string | null = null): Promise<WirePlace> {
    const place = await this.player.takePlace(body, token);
    this.#places.push(place.ticket);
    return place;
  }

  /** Empties the queue and the rooms for the next one. */
  async leave(): Promise<void> {
    const { queue } = this.house.login;
    await Promise.all(matchMaker.disconnectAll());
    const places = [this.tokens.ticket, this.tokens.pass, ...this.#places];
    await Promise.allSettled(places.map((jwt) => queue.remove(decodeJwt(jwt).jti ?? "", "")));
    await queue.configure({ mode: "auto" });
  }
}

export const noTokens: Readonly<Record<Kind, string>> = Object.freeze(
  Object.fromEntries(kinds.map((kind) => [kind, ""])) as Record<Kind, string>,
);

type Outcome = "opened" | Pick<Answer, "status"> | { readonly code: unknown };

export interface Door {
  readonly name: string;
  readonly opens: readonly Kind[];
  /** Shows the token there: "opened", or how it was refused. */
  readonly show: (token: string, bunch: Bunch) => Promise<Outcome>;
}

const answered = ({ status, body }: Answer): Outcome => (status < 300 ? "opened" : { status, code: body["code"] });
export const bearerDoor = (method: string, path: string, body?: unknown): Door => ({
  name: `${method} ${path}`,
  opens: ["game", "social"],
  show: async (token, { house }) => answered(await request(`${house.url}${path}`, { method, token, body })),
});
const called = async (call: Promise<unknown>): Promise<Outcome> =>
  call.then(
    () => "opened" as const,
    (error: unknown) => ({ code: Object(error).code }),
  );
export const roomDoor = (roomName: string): Door => ({
  name: `room ${roomName}`,
  opens: ["game"],
  show: async (token, { house }) => {
    const visitor = house.player("visitor");
    visitor.client.auth.token = token;
    return called(visitor.play(roomName).then((room) => room.leave()));
  },
});
const mailDoor = (path: string, kind: Kind, more: object = {}): Door => ({
  name: `POST ${path}`,
  opens: [kind],
  show: async (token, { player }) => answered(await player.post(path, { token, ...more })),
});
const operatorDoor: Door = {
  name: "verifyOperatorToken",
  opens: ["operator", "partner"],
  show: (token, { house }) => called(house.login.tokens.verifyOperatorToken(token, "queue:write")),
};
export const verifyDoor: Door = {
  name: "login.sessions.verify",
  opens: ["game", "social"],
  show: (token, { house }) => called(house.login.sessions.verify(token)),
};
const ticketId = (place: unknown): string => decodeJwt(String(Object(place).ticket)).jti ?? "";
const pollDoor: Door = { ...bearerDoor("GET", "/auth/queue"), opens: ["ticket"] };

/** Who the hook `beforeQueue` was told comes with the last join: the queue takes a token that is no good for none. */
let knownToQueue: string | null = null;

export function heardByQueue(userId: string | null): void {
  knownToQueue = userId;
}
const queueSession = (name: string, join: (token: string, bunch: Bunch) => Promise<unknown>): Door => ({
  name,
  opens: ["game", "social"],
  show: async (token, bunch) => {
    knownToQueue = null;
    await join(token, bunch);
    return knownToQueue === bunch.player.userId ? "opened" : { code: "a stranger" };
  },
});

export const doors: readonly Door[] = [
  roomDoor("game"),
  roomDoor("guarded"),
  verifyDoor,
  bearerDoor("GET", "/auth/session"),
  bearerDoor("GET", "/auth/sessions"),
  bearerDoor("GET", "/auth/userdata"),
  bearerDoor("GET", "/auth/link"),
  {
    name: "PATCH /auth/user",
    opens: ["game", "social"],
    show: async (token, { house, player }) => {
      const body = { username: player.login.user.username };
      return answered(await request(`${house.url}/auth/user`, { method: "PATCH", token, body }));
    },
  },
  { ...bearerDoor("GET", "/me"), name: "the middleware" },
  {
    name: "POST /auth/refresh",
    opens: ["refresh"],
    show: async (token, { player }) => answered(await player.post("/auth/refresh", { refreshToken: token })),
  },
  operatorDoor,
  { ...bearerDoor("GET", "/auth/operator/status"), opens: ["operator", "partner"] },
  mailDoor("/auth/verify-email", "verify-email"),
  mailDoor("/auth/reset-password", "reset-password", { password: "another horse entirely" }),
  pollDoor,
  { ...bearerDoor("DELETE", "/auth/queue"), opens: ["ticket"] },
  {
    name: "POST /auth/queue, as a ticket",
    opens: ["ticket"],
    show: async (token, bunch) => {
      const place = await bunch.takePlace({ ticket: token });
      return ticketId(place) === ticketId({ ticket: bunch.tokens.ticket }) ? "opened" : { code: "a new place" };
    },
  },
  {
    name: "room login_queue, as a ticket",
    opens: ["ticket"],
    show: async (token, { house, tokens }) => {
      const visitor = house.player("visitor");
      const room = await visitor.queue({ ticket: token });
      const isOld = ticketId(room.state) === ticketId({ ticket: tokens.ticket });
      await room.leave();
      return isOld ? "opened" : { code: "a new place" };
    },
  },
  queueSession("POST /auth/queue, as a session", (token, bunch) => bunch.takePlace({}, token)),
  queueSession("room login_queue, as a session", async (token, { house }) => {
    const visitor = house.player("visitor");
    visitor.client.auth.token = token;
    const room = await visitor.queue();
    await settled(room);
    await room.leave();
  }),
  {
    name: "a login, as a pass",
    opens: ["pass"],
    show: async (token, { house, passDevice }) =>
      answered(await house.player(passDevice).tryLogIn({ queuePass: token, gameShardId: "eu-1" })),
  },
  {
    name: "a login, as an identity token under our own keys",
    opens: [],
    show: async (token, bunch) => {
      // While nobody waits a login needs no pass, so that the token is looked at.
      await bunch.leave();
      return answered(await bunch.player.post("/auth/authenticate/oidc", { token }));
    },
  },
  {
    name: "logout, by bearer",
    opens: ["game", "social"],
    show: async (token, { player }) => {
      expect((await player.post("/auth/logout", {}, token)).status).toBe(204);
      return (await player.get("/auth/session")).status === 401 ? "opened" : { code: "quiet" };
    },
  },
  {
    name: "logout, by refresh token",
    opens: ["refresh"],
    show: async (token, { player }) => {
      expect((await player.post("/auth/logout", { refreshToken: token })).status).toBe(204);
      return (await player.get("/auth/session")).status === 401 ? "opened" : { code: "quiet" };
    },
  },
];
