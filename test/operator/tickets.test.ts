// The operator's calls about tickets, on the real login: who is listed, page by page, and what the holder of a ticket sees of it.
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { untilAdmitted, untilState } from "../login/player.ts";
import { type House, loginServer } from "../login/server.ts";
import { left } from "../support/room-clients.ts";
import { Desk } from "./desk.ts";

const server = loginServer();

interface Listed {
  readonly id: string;
  readonly lane: string;
  readonly position: number;
  readonly [name: string]: unknown;
}

async function list(desk: Desk, query = ""): Promise<{ tickets: Listed[]; next?: string }> {
  // Held to the document by the desk.
  return (await desk.ok(desk.get(`/tickets${query}`))) as unknown as { tickets: Listed[]; next?: string };
}

/** All pages, each asked for by the `next` of the one before. */
async function listAll(desk: Desk, query: string): Promise<{ tickets: Listed[]; pages: number }> {
  const tickets: Listed[] = [];
  for (let pages = 1, after = ""; ; pages += 1) {
    const page = await list(desk, `${query}${after}`);
    tickets.push(...page.tickets);
    if (page.next === undefined) return { tickets, pages };
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

describe("GET tickets", () => {
  it("lists those who wait in their order, with the names of those that are known", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1 } });
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann", { username: "ann" });
    await house.login.queue.configure({ mode: "paused" });
    await house.clock.advance(1_000);
    // A session without a slot queues by its token.
    await house.login.sessions.disconnect(ann.sid);
    await house.clock.advance(301_000);
    const rooms = [await ann.queue(), await house.player("Bob").queue()];
    expect((await list(desk)).tickets).toEqual([
      {
        id: expect.any(String),
        lane: "default",
        status: "waiting",
        position: 1,
        isPresent: true,
        userId: ann.userId,
        username: "ann",
        enqueuedAt: house.clock.now(),
        etaMs: -1,
        admittedAt: null,
        passExpiresAt: null,
      },
      expect.objectContaining({ position: 2, isPresent: true, userId: null, username: null }),
    ]);
    await rooms[1]?.leave(false);
    expect((await list(desk)).tickets[1]).toMatchObject({ position: 2, isPresent: false });
  });

  it("tells the wait that the queue estimates, and those with a pass by status", async () => {
    const house = server.open({ queue: { targetLoginRatePerSecond: 1, loginBurst: 1, mode: "always" } });
    const desk = await Desk.open(house);
    for (const name of ["Ann", "Bob", "Cid"]) await house.player(name).takePlace();
    await house.clock.advance(1_000);
    const { tickets } = await list(desk);
    expect(tickets).toHaveLength(2);
    const [first = 0, second = 0] = tickets.map(({ etaMs }) => Number(etaMs));
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect((await list(desk, "?status=admitted")).tickets).toEqual([
      expect.objectContaining({ position: 0, status: "admitted", etaMs: 0, passExpiresAt: expect.any(Number) }),
    ]);
  });

  it("S60 comes in pages of at most 200 and 60 KiB, through all lanes, and lists everybody once", async () => {
    const long = (letter: string): string => letter.repeat(32);
    const house = server.open({
      queue: {
        mode: "paused",
        lanes: { [long("b")]: 1, [long("a")]: 2, [long("c")]: 1 },
        lane: ({ hint }) => long(String(hint)),
      },
    });
    const desk = await Desk.open(house);
    for (let index = 0; index < 420; index += 1) {
      await house.player(`player ${index}`).takePlace({ hint: ["a", "b", "c"][index % 3] });
    }
    const { tickets, pages } = await listAll(desk, "?status=waiting");
    expect(pages).toBe(3);
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(420);
    const lanes = tickets.map(({ lane }) => lane);
    expect(lanes).toEqual([...lanes].sort());
    const inLane = await listAll(desk, `?lane=${long("b")}`);
    expect(inLane.tickets.map(({ position }) => position)).toEqual(
      Array.from({ length: 140 }, (_, index) => index + 1),
    );
  });

  it("S60 comes in smaller pages where names are long", async () => {
    const house = server.open({ queue: { mode: "open" } });
    const desk = await Desk.open(house);
    const players = [];
    for (let index = 100; index < 290; index += 1)
      players.push(await house.loggedIn(`player ${index}`, { username: `${index}${"席".repeat(61)}` }));
    // Without a socket their slots end, and they queue again.
    await house.clock.advance(301_000);
    await house.login.queue.configure({ mode: "paused" });
    for (const player of players) await player.takePlace({}, player.login.token);
    const { tickets, pages } = await listAll(desk, "?status=waiting");
    expect(tickets.map(({ username }) => String(username).slice(0, 3))).toEqual(
      Array.from({ length: 190 }, (_, index) => String(100 + index)),
    );
    expect(pages).toBe(2);
  });

  it("does not lose its way where a lane is taken away between two pages", async () => {
    const house = server.open({
      queue: { mode: "paused", lanes: { a: 1, b: 1 }, lane: ({ hint }) => String(hint) },
    });
    const desk = await Desk.open(house);
    for (let index = 0; index < 201; index += 1) await house.player(`player ${index}`).takePlace({ hint: "a" });
    await house.player("last").takePlace({ hint: "b" });
    const { next = "" } = await list(desk);
    await house.login.queue.configure({ lanes: { b: 1 } });
    const rest = await list(desk, `?after=${encodeURIComponent(next)}`);
    expect(rest.tickets.map(({ lane, position }) => [lane, position])).toEqual([
      ["a", 201],
      ["b", 1],
    ]);
  });

  it("finds by the id of a ticket or of a user", async () => {
    const house = server.open({ queue: { mode: "always" } });
    const desk = await Desk.open(house);
    const room = await house.player("Ann").queue();
    const [first] = (await list(desk)).tickets;
    expect((await list(desk, `?q=${first?.id}`)).tickets).toEqual([first]);
    expect((await list(desk, `?q=${first?.id}&status=admitted`)).tickets).toEqual([]);
    expect((await list(desk, `?q=${first?.id}&lane=other`)).tickets).toEqual([]);
    expect((await list(desk, "?q=nobody")).tickets).toEqual([]);
    await room.leave();
  });

  it.each([
    "x",
    "default",
    "default~",
    "default~x",
    "~1",
    "default~1~2",
    "../a~1",
    "%00~1",
    "default~1e3",
    "a".repeat(99),
  ])("refuses what is no next: %s", async (after) => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const refused = await desk.get(`/tickets?after=${after}`);
    expect(refused).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
  });

  it("refuses the next of another lane", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    expect((await desk.get("/tickets?after=default~1&lane=other")).status).toBe(400);
    expect((await desk.get("/tickets?after=default~1&lane=default")).status).toBe(200);
  });
});

describe("what is done to a ticket", () => {
  const paused = (): House => server.open({ queue: { mode: "paused", targetCcuLimit: 1 } });

  async function waiting(house: House, name: string) {
    const room = await house.player(name).queue();
    return { room, id: decodeJwt(room.state.ticket).jti ?? "" };
  }

  it("admit lets it in, past the line and the mode, up to the limit", async () => {
    const house = paused();
    const desk = await Desk.open(house);
    const [ann, bob] = [await waiting(house, "Ann"), await waiting(house, "Bob")];
    const admitted = untilAdmitted(bob.room);
    expect(await desk.ok(desk.post(`/tickets/${bob.id}/admit`))).toEqual({ id: bob.id });
    expect((await admitted).pass).not.toBe("");
    const refused = await desk.post(`/tickets/${ann.id}/admit`, {});
    expect(refused).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });

  it("remove takes it away, and tells its holder the reason", async () => {
    const house = paused();
    const desk = await Desk.open(house);
    const ann = await waiting(house, "Ann");
    const told = untilState(ann.room, ({ status }) => status === "removed");
    const closed = left(ann.room);
    const reason = "<b>Two</b> places — 席";
    expect(await desk.ok(desk.post(`/tickets/${ann.id}/remove`, { reason }))).toEqual({ id: ann.id });
    expect((await told).notice).toBe(reason);
    await closed;
    expect((await list(desk)).tickets).toEqual([]);
  });

  it("move gives it another place, and tells its holder", async () => {
    const house = paused();
    const desk = await Desk.open(house);
    const [ann, bob] = [await waiting(house, "Ann"), await waiting(house, "Bob")];
    expect(await desk.ok(desk.post(`/tickets/${ann.id}/move`, { position: 99 }))).toEqual({ id: ann.id, position: 2 });
    expect((await list(desk)).tickets.map(({ id, position }) => [id, position])).toEqual([
      [bob.id, 1],
      [ann.id, 2],
    ]);
  });

  it.each([
    ["admit", {}],
    ["remove", { reason: "" }],
    ["move", { position: 1 }],
  ])("%s of one that is not there is 404", async (deed, body) => {
    const desk = await Desk.open(paused());
    const refused = await desk.post(`/tickets/nobody/${deed}`, body);
    expect(refused).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });
});
