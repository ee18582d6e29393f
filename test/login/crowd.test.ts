// Who may not crowd the queue: one address, a queue that is full, and newcomers whom the game's own code turns away.
import { request as nodeRequest } from "node:http";
import { matchMaker } from "@colyseus/core";
import { Client, type Room as SdkRoom } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import type { LoginHooks, QueueHookRequest } from "../../src/sessions/hooks.ts";
import { drop, refusal } from "../support/room-clients.ts";
import { type Answer, untilAdmitted, untilState } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

/** Nobody is let in, so that all wait. */
const waiting = { targetCcuLimit: 0 } as const;

/** A call from an address of 127.0.0.0/8, with whatever headers. */
function callFrom(
  house: House,
  localAddress: string,
  path: string,
  { headers = {}, body = {} }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Omit<Answer, "headers">> {
  return new Promise((resolve, reject) => {
    const call = nodeRequest(
      {
        host: "127.0.0.1",
        port: house.port,
        method: "POST",
        path,
        localAddress,
        agent: false,
        headers: { "content-type": "application/json", ...headers },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      },
    );
    call.on("error", reject);
    call.end(JSON.stringify(body));
  });
}

const joinFrom = (house: House, address: string, ...more: [Parameters<typeof callFrom>[3]?]) =>
  callFrom(house, address, "/auth/queue", ...more);

/** Takes a seat from an address, and sits down on it with a bare socket. Resolves with the first message's first byte. */
async function sitDownFrom(house: House, address: string, headers: Record<string, string> = {}): Promise<number> {
  const { body } = await callFrom(house, address, "/matchmake/joinOrCreate/login_queue", { headers });
  const { sessionId, roomId, processId } = body;
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}/${processId}/${roomId}?sessionId=${sessionId}`);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(new Uint8Array(data as ArrayBuffer)[0] ?? 0), {
      once: true,
    });
  });
}

const joined = 10;
const refused = 11;

async function waitingIn(house: House): Promise<number> {
  const { lanes } = await house.login.queue.status();
  return lanes["default"]?.waiting ?? 0;
}

/** A client of the stock SDK behind a proxy that says it comes from there. */
function sdkFrom(house: House, forwardedFor: string): Client {
  return new Client(house.url, { headers: { "x-forwarded-for": forwardedFor } });
}

async function enter(client: Client, options: Record<string, unknown> = {}): Promise<SdkRoom> {
  const room = await client.joinOrCreate("login_queue", options);
  room.onMessage("*", () => {});
  await untilState(room, () => true);
  return room;
}

describe("maxTicketsPerIp", () => {
  const lies = ["x-forwarded-for", "x-real-ip", "x-client-ip", "forwarded", "cf-connecting-ip"];

  it("S43 counts by the socket's other end, in the room and over HTTP together, whatever headers say", async () => {
    const house = server.open({ queue: { ...waiting, maxTicketsPerIp: 2 } });
    expect(await sitDownFrom(house, "127.0.0.2")).toBe(joined);
    expect((await joinFrom(house, "127.0.0.2")).status).toBe(200);
    for (const [index, name] of lies.entries()) {
      const headers = { [name]: `198.51.100.${index}` };
      expect(await joinFrom(house, "127.0.0.2", { headers }), name).toMatchObject({
        status: 429,
        body: { code: "TOO_MANY_REQUESTS", retryAfterSeconds: expect.any(Number) },
      });
      expect(await sitDownFrom(house, "127.0.0.2", headers), name).toBe(refused);
    }
    expect(await sitDownFrom(house, "127.0.0.3")).toBe(joined);
    expect((await joinFrom(house, "127.0.0.3")).status).toBe(200);
    expect(await waitingIn(house)).toBe(4);
  });

  it("S43 counts by what the trusted proxy wrote, and by no more of the header", async () => {
    const house = server.open({ trustedProxyHops: 1, queue: { ...waiting, maxTicketsPerIp: 1 } });
    const room = await enter(sdkFrom(house, "8.8.8.8, 198.51.100.7"));
    expect(await refusal(enter(sdkFrom(house, "9.9.9.9, 198.51.100.7")))).toEqual({
      code: 429,
      message: "TOO_MANY_REQUESTS",
    });
    const asked = { headers: { "x-forwarded-for": "198.51.100.7" } };
    expect((await joinFrom(house, "127.0.0.4", asked)).status).toBe(429);
    await enter(sdkFrom(house, "8.8.8.8, 198.51.100.8"));
    await room.leave();
    await enter(sdkFrom(house, "198.51.100.7"));
  });

  it("S43 counts a /64 of IPv6 as one", async () => {
    const house = server.open({ trustedProxyHops: 1, queue: { ...waiting, maxTicketsPerIp: 1 } });
    await enter(sdkFrom(house, "2001:db8:0:7::1"));
    expect(await refusal(enter(sdkFrom(house, "2001:db8:0:7:ffff::2")))).toMatchObject({ code: 429 });
    await enter(sdkFrom(house, "2001:db8:0:8::1"));
    await enter(sdkFrom(house, "::ffff:198.51.100.7"));
    expect(await refusal(enter(sdkFrom(house, "198.51.100.7")))).toMatchObject({ code: 429 });
  });

  it("honours a ticket wherever its holder is, in the room and over HTTP, and counts it there", async () => {
    const house = server.open({ trustedProxyHops: 1, queue: { ...waiting, maxTicketsPerIp: 1 } });
    const [home, cafe] = ["198.51.100.1", "198.51.100.2"];
    const room = await enter(sdkFrom(house, home));
    const { ticket } = room.state;
    const elsewhere = await enter(sdkFrom(house, cafe), { ticket });
    expect(elsewhere.state).toMatchObject({ status: "waiting", position: 1, queueLength: 1 });
    expect(await refusal(enter(sdkFrom(house, cafe)))).toMatchObject({ code: 429 });
    await enter(sdkFrom(house, home));
    expect(await refusal(enter(sdkFrom(house, home)))).toMatchObject({ code: 429 });
    const polled = await joinFrom(house, "127.0.0.2", { headers: { "x-forwarded-for": cafe }, body: { ticket } });
    expect(polled).toMatchObject({ status: 200, body: { position: 1, queueLength: 2 } });
    expect(await waitingIn(house)).toBe(2);
  });

  it("keeps nobody from the place that a lost connection left", async () => {
    const house = server.open({ queue: { ...waiting, maxTicketsPerIp: 1 } });
    const room = await house.player("Ann").queue();
    room.reconnection.enabled = true;
    room.reconnection.minUptime = 0;
    room.reconnection.delay = 0;
    room.reconnection.minDelay = 0;
    const back = new Promise<void>((resolve) => room.onReconnect.once(() => resolve()));
    drop(room);
    await back;
    expect(await untilState(room, ({ status }) => status === "waiting")).toMatchObject({ position: 1, queueLength: 1 });
    expect(await refusal(house.player("Bob").queue())).toMatchObject({ code: 429 });
  });

  it("can be changed while players wait", async () => {
    const house = server.open({ queue: { ...waiting, maxTicketsPerIp: 1 } });
    await house.player("Ann").queue();
    expect(await refusal(house.player("Bob").queue())).toMatchObject({ code: 429 });
    await house.login.queue.configure({ maxTicketsPerIp: 2 });
    await house.player("Bob").queue();
    expect(await refusal(house.player("Cid").queue())).toMatchObject({ code: 429 });
  });
});

describe("maxQueueLength", () => {
  it("refuses newcomers of a full queue with 503, in the room and over HTTP, and nobody who has a place", async () => {
    const house = server.open({ queue: { ...waiting, maxQueueLength: 2 } });
    const first = await house.player("Ann").queue();
    const place = await house.player("Bob").takePlace();
    expect(await refusal(house.player("Cid").queue())).toEqual({ code: 503, message: "QUEUE_FULL" });
    expect(await house.player("Cid").post("/auth/queue", {})).toMatchObject({
      status: 503,
      body: { code: "QUEUE_FULL" },
    });
    await house.player("Bob").pollPlace(place.ticket);
    await house.player("Ann").queue({ ticket: first.state.ticket });
    expect(await waitingIn(house)).toBe(2);
  });
});

describe("the hook beforeQueue", () => {
  type BeforeQueue = NonNullable<LoginHooks["beforeQueue"]>;

  function guarded(beforeQueue: BeforeQueue, queue: Record<string, unknown> = {}): House {
    return server.open({ queue: { ...waiting, ...queue }, hooks: { beforeQueue } });
  }

  const onlySolved: BeforeQueue = ({ hint }) => {
    if (hint !== "solved") throw new LoginError("FORBIDDEN", "Solve the captcha.");
  };

  it("turns newcomers away, in the room and over HTTP, before they have a ticket", async () => {
    const house = guarded(onlySolved);
    expect(await refusal(house.player("Ann").queue({ hint: "guessed" }))).toEqual({ code: 403, message: "FORBIDDEN" });
    const answer = await house.player("Ann").post("/auth/queue", { hint: "guessed" });
    expect(answer).toMatchObject({ status: 403, body: { code: "FORBIDDEN", message: "Solve the captcha." } });
    expect(await waitingIn(house)).toBe(0);
    await house.player("Ann").queue({ hint: "solved" });
    await house.player("Bob").takePlace({ hint: "solved" });
    expect(await waitingIn(house)).toBe(2);
  });

  it("may refuse with a code of its own, and refuses with FORBIDDEN where it fails", async () => {
    let error: Error = new LoginError("TOO_MANY_REQUESTS", "Not so fast.", { retryAfterSeconds: 7 });
    const house = guarded(async () => {
      throw error;
    });
    const player = house.player("Ann");
    const answer = await player.post("/auth/queue", {});
    expect(answer).toMatchObject({ status: 429, body: { code: "TOO_MANY_REQUESTS", retryAfterSeconds: 7 } });
    expect(answer.headers.get("retry-after")).toBe("7");
    error = new Error("the captcha service is away");
    expect(await refusal(player.queue())).toEqual({ code: 403, message: "FORBIDDEN" });
    expect((await player.post("/auth/queue", {})).body).toEqual({ code: "FORBIDDEN", message: expect.any(String) });
    expect(house.logger.lines.splice(0).filter(({ level }) => level === "error")).toHaveLength(2);
  });

  it("is told who asks, with what, and from where", async () => {
    const asked: [QueueHookRequest, string | null, string | null, string | null][] = [];
    const house = server.open({
      trustedProxyHops: 1,
      queue: { targetCcuLimit: 1 },
      hooks: {
        beforeQueue(request, { address, headers }) {
          asked.push([request, address, headers.get("x-device"), headers.get("authorization")]);
        },
      },
    });
    const ann = await house.loggedIn("Ann");
    const headers = { "x-forwarded-for": "198.51.100.7", "x-device": "phone" };
    const client = new Client(house.url, { headers });
    client.auth.token = ann.login.token;
    const { roomId } = await enter(client, { hint: { captcha: "c" } });
    const [seated] = matchMaker.getLocalRoomById(roomId).clients;
    expect(seated?.auth).toEqual({ sid: ann.sid, address: "198.51.100.7" });
    client.auth.token = "";
    await enter(client);
    await joinFrom(house, "127.0.0.2", { headers, body: { hint: 5 } });
    const known = { userId: ann.userId, sid: ann.sid, username: ann.login.user.username };
    const address = "198.51.100.7";
    expect(asked).toEqual([
      [{ session: expect.objectContaining(known), hint: { captcha: "c" }, address }, address, "phone", null],
      [{ session: null, hint: undefined, address }, address, "phone", null],
      [{ session: null, hint: 5, address }, address, "phone", null],
    ]);
  });

  it("is not asked of those who come back, by ticket, session, poll or a lost connection", async () => {
    let count = 0;
    const house = guarded(() => {
      count += 1;
    });
    await house.login.queue.configure({ targetCcuLimit: 1 });
    const ann = await house.loggedIn("Ann");
    await ann.logOut();
    await house.login.queue.configure({ targetCcuLimit: 0 });
    const bob = house.player("Bob");
    const room = await bob.queue();
    const place = await bob.takePlace({ ticket: room.state.ticket });
    await bob.pollPlace(place.ticket);
    const back = await bob.queue({ ticket: place.ticket });
    drop(back);
    back.reconnection.enabled = false;
    await bob.queue({ ticket: place.ticket });
    expect(count).toBe(1);
    expect(await waitingIn(house)).toBe(1);
  });

  it("S41 is asked again of who shows a ticket that is over, however often", async () => {
    let isOpen = true;
    const house = guarded(() => {
      if (!isOpen) throw new LoginError("FORBIDDEN", "Solve the captcha.");
    });
    const player = house.player("Ann");
    const { ticket } = await player.takePlace();
    expect((await player.delete("/auth/queue", ticket)).status).toBe(204);
    isOpen = false;
    expect((await player.post("/auth/queue", { ticket })).status).toBe(403);
    expect(await refusal(player.queue({ ticket }))).toMatchObject({ code: 403 });
    expect((await player.post("/auth/queue", { ticket: "no.such.ticket" })).status).toBe(403);
    expect(await waitingIn(house)).toBe(0);
  });

  it("is not asked where the queue is full or the address has its tickets", async () => {
    let count = 0;
    const house = guarded(
      () => {
        count += 1;
      },
      { maxTicketsPerIp: 1 },
    );
    await house.player("Ann").queue();
    expect(await refusal(house.player("Bob").queue())).toMatchObject({ code: 429 });
    await house.login.queue.configure({ maxTicketsPerIp: 0, maxQueueLength: 1 });
    expect(await refusal(house.player("Bob").queue())).toMatchObject({ code: 503 });
    expect(count).toBe(1);
  });

  it("S44 lets no two in where there is room for one, however long it takes", async () => {
    const waitingHooks: (() => void)[] = [];
    const house = guarded(() => new Promise<void>((resolve) => void waitingHooks.push(resolve)), {
      maxTicketsPerIp: 1,
    });
    const answers = [1, 2, 3].map((name) => house.player(`${name}`).post("/auth/queue", {}));
    while (waitingHooks.length < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const goOn of waitingHooks) goOn();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 429, 429]);
    expect(await waitingIn(house)).toBe(1);
  });
});

it("S43 tells identity providers and hooks the address too", async () => {
  const seen: (string | null)[] = [];
  const house = server.open({
    hooks: {
      beforeAuthenticate: (_request, { address }) => void seen.push(address),
      afterAuthenticate: (_session, { address }) => void seen.push(address),
    },
  });
  const body = { id: "the device of Ann" };
  const headers = { "x-forwarded-for": "8.8.8.8" };
  await callFrom(house, "127.0.0.9", "/auth/authenticate/device", { headers, body });
  expect(seen).toEqual(["127.0.0.9", "127.0.0.9"]);
});

it("S44 a crowd that joins and leaves again and again leaves nothing in the line", async () => {
  const house = server.open({ queue: { ...waiting, maxTicketsPerIp: 3 } });
  const player = house.player("Ann");
  for (let round = 0; round < 200; round += 1) {
    const { ticket } = await player.takePlace();
    expect((await player.delete("/auth/queue", ticket)).status).toBe(204);
  }
  expect(await waitingIn(house)).toBe(0);
  await house.login.queue.configure({ targetCcuLimit: 1 });
  const room = await player.queue();
  await house.clock.advance(1_000);
  await untilAdmitted(room);
});
