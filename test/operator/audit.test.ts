// The audit list over the operator's calls: every change with who, what, before and after; reads now and then; nothing secret.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { FragileStore } from "../login/fragile-store.ts";
import { loginServer } from "../login/server.ts";
import { Desk } from "./desk.ts";
import { samples, setScene } from "./samples.ts";

const server = loginServer();
const tenMinutes = 600_000;
type Values = Record<string, unknown>;

describe("S60 the audit list names the actor", () => {
  it("and tells each change with its target, its words, before and after", async () => {
    const house = server.open({ queue: { targetCcuLimit: 100 } });
    const desk = await Desk.open(house, "Änne");
    const scene = await setScene(house);
    const listed = await desk.ok(desk.get("/tickets"));
    for (const { method, path, body } of samples(scene).filter((sample) => sample.method !== "GET"))
      await desk.ok(desk.send(method, path, { body }));

    const done = { id: expect.any(String), at: house.clock.now(), outcome: "done" };
    const actor = { kind: "operator", name: "Änne", tokenId: expect.stringMatching(/^[\w-]{16,}$/) };
    const { userId } = (await house.login.sessions.get(scene.sid)) ?? { userId: "" };
    const holder = { userId, username: expect.any(String) };
    const sid = scene.sid.slice(0, 8);
    const openToAll = { mode: "open", allow: { userIds: [], groups: [], rule: null }, opensAt: null, closesAt: null };
    expect((await desk.changes()).reverse()).toEqual(
      [
        { action: "queue.configure", target: null, reason: null, before: { notice: "" }, after: { notice: "Soon." } },
        {
          action: "ticket.move",
          target: scene.ticketId,
          reason: null,
          before: { status: "waiting", lane: "default", position: 1, userId: null },
          after: { position: 1 },
        },
        {
          action: "ticket.admit",
          target: scene.ticketId,
          reason: null,
          before: { status: "waiting", lane: "default", position: 1, userId: null },
          after: { status: "admitted" },
        },
        {
          action: "ticket.remove",
          target: scene.ticketId,
          reason: "Two places.",
          before: { status: "admitted", lane: "default", position: 0, userId: null },
          after: null,
        },
        { action: "session.disconnect", target: sid, reason: "A break.", before: holder, after: { socketsClosed: 0 } },
        { action: "session.logout", target: sid, reason: null, before: holder, after: { ended: true } },
        {
          action: "user.ban",
          target: scene.userId,
          reason: "again",
          before: { reason: "cheating", until: null },
          after: { reason: "again", until: null },
        },
        {
          action: "user.unban",
          target: scene.userId,
          reason: null,
          before: { reason: "again", until: null },
          after: null,
        },
        {
          action: "access.set",
          target: null,
          reason: null,
          before: { ...openToAll, modeNow: "open" },
          after: { ...openToAll, mode: "limited", modeNow: "limited" },
        },
      ].map((entry) => ({ ...done, actor, ...entry })),
    );
    expect(listed).toMatchObject({ tickets: [{ id: scene.ticketId }] });
  });

  it.each([
    ["PATCH", "/queue", (index: number) => ({ notice: `${index}` }), (values: Values) => values["notice"]],
    ["PUT", "/bans/ann", (index: number) => ({ reason: `${index}` }), (values: Values) => values["reason"]],
    [
      "PUT",
      "/access",
      (index: number) => ({ mode: "limited", allow: { groups: [`${index}`] } }),
      (values: Values) => Object(values["allow"]).groups[0],
    ],
  ])("and tells of changes at the same moment each what it changed: %s %s", async (method, path, body, wordOf) => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const desk = await Desk.open(house);
    const all = Array.from({ length: 10 }, (_, index) => index);
    // All of them go on from here at once.
    let asked = 0;
    const together = Promise.withResolvers<void>();
    store.gates.set("access.isTokenRevoked", () => {
      asked += 1;
      if (asked === all.length) together.resolve();
      return together.promise;
    });
    const answers = await Promise.all(all.map((index) => desk.send(method, path, { body: body(index) })));
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200));
    const entries = await desk.changes();
    const after = entries.map((entry) => wordOf(Object(entry["after"])));
    const before = entries.map((entry) => wordOf(Object(entry["before"])));
    expect(after.sort()).toEqual(all.map(String));
    // Nobody's value was changed by two.
    expect(new Set(before).size).toBe(all.length);
    const previous = answers.map((answer) => Object(answer.body["previous"]));
    expect(new Set(previous.map((values) => (values === null ? undefined : wordOf(values)))).size).toBe(all.length);
  });

  it("tells a partner from an operator", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const token = await house.login.tokens.issuePartnerToken({ name: "Shop" });
    await desk.send("PATCH", "/queue", { token, body: { notice: "Sale" } });
    expect(await desk.changes()).toMatchObject([{ actor: { kind: "partner", name: "Shop" } }]);
  });

  it("keeps what was refused, with its code", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const { ticketId } = await setScene(house);
    await house.login.queue.configure({ targetCcuLimit: 0 });
    await desk.post("/tickets/nobody/admit");
    await desk.post(`/tickets/${ticketId}/admit`);
    await desk.post("/tickets/nobody/remove", { reason: "why" });
    await desk.patch("/queue", { mode: "off" });
    await desk.delete("/bans/nobody");
    await desk.send("POST", "/sessions/%00/logout");
    expect((await desk.changes()).reverse()).toMatchObject([
      { action: "ticket.admit", target: "nobody", outcome: "NOT_FOUND", before: null, after: null },
      { action: "ticket.admit", target: ticketId, outcome: "CONFLICT" },
      { action: "ticket.remove", target: "nobody", outcome: "NOT_FOUND", reason: "why" },
      { action: "queue.configure", target: null, outcome: "INVALID_REQUEST" },
      { action: "user.unban", target: "nobody", outcome: "NOT_FOUND" },
      { action: "session.logout", target: null, outcome: "INVALID_REQUEST" },
    ]);
  });
});

describe("S60 the audit list is bounded", () => {
  it("notes a read once in ten minutes for each token and call", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const reads = async (): Promise<string[]> => {
      const found = await desk.events();
      return found
        .map(({ action, actor }) => `${Object(actor).name} ${action}`)
        .filter((read) => read.startsWith("Ol"));
    };
    for (let count = 0; count < 5; count += 1) {
      await Promise.all([desk.get("/status"), desk.get("/status"), desk.get("/tickets")]);
    }
    expect((await reads()).sort()).toEqual(["Olga status.read", "Olga tickets.read"]);
    await house.clock.advance(tenMinutes - 1);
    await desk.get("/status");
    expect(await reads()).toHaveLength(3);
    await house.clock.advance(1);
    await desk.get("/status");
    expect((await reads()).filter((read) => read === "Olga status.read")).toHaveLength(2);
    const other = await Desk.open(house, "Ola");
    await other.get("/status");
    expect((await reads()).filter((read) => read === "Ola status.read")).toHaveLength(1);
  });

  it("notes a read that was refused as often, with its code, and a good one beside it", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const { sid } = await setScene(house);
    for (const query of ["sid=nobody", "userId=nobody", "", `sid=${sid}`, "what=else"])
      await desk.get(`/sessions?${query}`);
    const noted = (await desk.events()).filter(({ action }) => action === "sessions.read");
    expect(noted.map(({ outcome }) => outcome)).toEqual(["done", "INVALID_REQUEST", "NOT_FOUND"]);
  });

  it("a token that lacks the scope of a call is noted there once in ten minutes", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const scraper = await desk.with("Scraper", ["metrics:read"]);
    const tried = async () => (await desk.events()).filter(({ outcome }) => outcome === "FORBIDDEN");
    for (let count = 0; count < 20; count += 1) await scraper.patch("/queue", { mode: "open" });
    expect(await tried()).toMatchObject([{ actor: { name: "Scraper" }, action: "queue.configure", after: null }]);
    await house.clock.advance(tenMinutes);
    await scraper.patch("/queue", { mode: "open" });
    expect(await tried()).toHaveLength(2);
  });

  it("comes in pages, the newest first, each entry once", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const words = "é".repeat(480);
    for (let count = 1; count <= 100; count += 1) await desk.ok(desk.patch("/queue", { notice: `${count} ${words}` }));
    const seen: string[] = [];
    let pages = 0;
    for (let next: unknown = ""; next !== undefined; pages += 1) {
      const page = await desk.ok(desk.get(`/events${next === "" ? "" : `?before=${next}`}`));
      for (const { after } of Object(page["events"]))
        if (after !== null) seen.push(String(after.notice).split(" ")[0] ?? "");
      next = page["next"];
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => String(100 - index)));
    expect(pages).toBeGreaterThan(3);
    const two = await desk.ok(desk.get("/events?limit=2"));
    expect(two["events"]).toHaveLength(2);
    expect(two["next"]).toBe(Object(two["events"])[1].id);
    expect((await desk.ok(desk.get("/events?before=1")))["events"]).toEqual([]);
  });

  it("counts long lists, so that an entry stays small", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const userIds = Array.from({ length: 600 }, (_, index) => `user-${index}`);
    await desk.ok(desk.put("/access", { mode: "limited", allow: { userIds } }));
    const { allow } = Object((await desk.changes())[0]?.["after"]);
    expect(allow.userIds.slice(0, 2)).toEqual(["user-0", "user-1"]);
    expect(allow.userIds.length).toBeLessThan(100);
    expect(allow.userIds.length + allow.notListed).toBe(600);
  });
});

describe("what the log says", () => {
  it("is one line for a change, with who, what, before and after", async () => {
    const house = server.open({ queue: { targetCcuLimit: 100 } });
    const desk = await Desk.open(house, "ann");
    await desk.patch("/queue", { targetCcuLimit: 200, targetLoginRatePerSecond: null });
    await desk.post("/tickets/nobody/remove", { reason: "two\nplaces" });
    await desk.get("/status");
    const lines = house.logged.filter(({ text }) => text.includes("operator ann"));
    const [{ actor = {} } = {}] = await desk.changes();
    const token = String(Object(actor).tokenId).slice(0, 8);
    expect(lines).toEqual([
      {
        level: "info",
        text: `colyseus-login: operator ann (token ${token}): queue.configure targetCcuLimit 100 → 200`,
      },
      {
        level: "info",
        text: `colyseus-login: operator ann (token ${token}): ticket.remove nobody "two places" refused: NOT_FOUND`,
      },
    ]);
  });

  it("has no token, and no more of a session's id than eight characters", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const scene = await setScene(house);
    for (const { method, path, body } of samples(scene)) await desk.send(method, path, { body });
    const all = JSON.stringify([await desk.events(), house.logged]);
    expect(all).toContain(scene.sid.slice(0, 8));
    for (const secret of [scene.sid, desk.token, desk.token.split(".")[2] ?? "?"]) expect(all).not.toContain(secret);
  });
});

describe("while the list cannot be written", () => {
  it("a change stands, and the log has the entry as a warning", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const desk = await Desk.open(house);
    store.broken.set("audit.append", new LoginError("STORE_UNAVAILABLE", "away"));
    await desk.ok(desk.patch("/queue", { notice: "Soon." }));
    expect((await house.login.queue.status()).notice).toBe("Soon.");
    const warnings = house.logged.filter(({ level }) => level === "warn");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.text).toContain('"action":"queue.configure"');
    expect(warnings[0]?.text).toContain('"notice":"Soon."');

    // A read that could not be noted is noted the next time.
    await desk.ok(desk.get("/status"));
    store.broken.clear();
    await desk.ok(desk.get("/status"));
    expect(await desk.changes()).toEqual([]);
    expect((await desk.events()).filter(({ action }) => action === "status.read")).toHaveLength(1);
  });
});

it("tells the game of what was noted", async () => {
  const house = server.open({ queue: {} });
  const desk = await Desk.open(house);
  const heard: unknown[] = [];
  house.login.on("operatorAction", ({ action, outcome }) => void heard.push([action, outcome]));
  await desk.patch("/queue", { mode: "off" });
  await desk.patch("/queue", { mode: "open" });
  await desk.get("/history");
  await desk.get("/history");
  expect(heard).toEqual([
    ["queue.configure", "INVALID_REQUEST"],
    ["queue.configure", "done"],
    ["history.read", "done"],
  ]);
});
