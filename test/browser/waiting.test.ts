// What a waiting player is told in Chromium: place, countdown, modes, refusals, a silent server, a restarted one, and the call when it is their turn.
import { generateKeyPairSync } from "node:crypto";
import { Client, type Room } from "@colyseus/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { type ExampleServer, startExample, startOperatedExample } from "./support/example.ts";
import type { Player } from "./support/player.ts";
import { usePlayers } from "./support/players.ts";

let server: ExampleServer;
const players = usePlayers();
const strangers: Room[] = [];

afterEach(async () => {
  await players.leave();
  for (const { connection } of strangers.splice(0)) connection.close();
  await server.program.stop();
});

const arrive = (): Promise<Player> => players.arrive(server.url);

/** Takes a place for somebody else. */
async function takePlace(): Promise<Room> {
  const room: Room = await new Client(server.url).joinOrCreate("login_queue");
  room.reconnection.enabled = false;
  strangers.push(room);
  return room;
}

/** Logs a guest in, who stays. */
async function fillArena(): Promise<void> {
  const answer = await fetch(`${server.url}/auth/anonymous`, { method: "POST" });
  expect(answer.status).toBe(200);
}

/** Notes each text that the element shows from now on. */
async function listenTo(player: Player, selector: string): Promise<() => Promise<string[]>> {
  await player.page.evaluate((what) => {
    const texts: string[] = [];
    Object.assign(window, { [what]: texts });
    const element = document.querySelector(what) as Element;
    const note = () => texts.push(element.textContent ?? "");
    new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
  }, selector);
  return () => player.page.evaluate((what) => Reflect.get(window, what) as string[], selector);
}

/** Complaints about anything but a server that cannot be reached. */
function complaintsOf(player: Player): string[] {
  return player.complaints.filter(
    (complaint) => !/net::ERR_(?:CONNECTION_\w+|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|WebSocket/.test(complaint),
  );
}

describe("a paused queue", () => {
  it("says so, and shows the place in the title", async () => {
    server = await startExample({ queue: { mode: "paused" } });
    await takePlace();
    const player = await arrive();
    expect(await player.page.title()).toBe("The little arena");
    await player.press("Play as guest");
    await player.waitsAt(2);
    await player.reads("The queue is paused. Your place is safe.");
    expect(await player.page.title()).toBe("2nd — The little arena");
    expect(await player.page.locator("#queue-news").textContent()).toBe(
      "Your place is 2. The queue is paused. Your place is safe.",
    );
    await player.press("Leave the queue");
    await player.reads("Come in and play");
    expect(await player.page.title()).toBe("The little arena");
    expect(player.complaints).toEqual([]);
  });
});

it("shows what the operator says and does, at once and without a reload", async () => {
  server = await startOperatedExample({ queue: { targetCcuLimit: 1 } });
  const { program } = server;
  await fillArena();
  const player = await arrive();
  await player.press("Play as guest");
  await player.waitsAt(1);
  const notice = player.page.locator("#notice");
  expect(await notice.isVisible()).toBe(false);

  await program.operate({ notice: "<b>More servers</b> are on their way." });
  await player.reads("<b>More servers</b> are on their way.");
  await expect
    .poll(() => player.page.locator("#queue-news").textContent())
    .toBe("Notice: <b>More servers</b> are on their way.");
  await program.operate({ notice: "" });
  await notice.waitFor({ state: "hidden" });

  for (const [mode, words] of [
    ["paused", "The queue is paused. Your place is safe."],
    ["closed", "Nobody is let in at the moment. Your place is safe."],
    ["always", "Everyone passes through the queue at the moment."],
  ] as const) {
    await program.operate({ configure: { mode } });
    await player.reads(words);
  }
  await program.operate({ configure: { mode: "open" } });
  await player.plays();
  expect(await player.page.title()).toBe("The little arena");
  expect(player.complaints).toEqual([]);
});

describe("a refusal in words", () => {
  it("of a full queue", async () => {
    server = await startExample({ queue: { mode: "paused", maxQueueLength: 1 } });
    await takePlace();
    const player = await arrive();
    await player.press("Play as guest");
    await player.reads("The queue itself is full. Please try again in a few minutes.");
  });

  it("of a place that was taken over by another page", async () => {
    server = await startExample({ queue: { mode: "paused" } });
    const player = await arrive();
    await player.press("Play as guest");
    await player.waitsAt(1);
    const tab = await player.page.context().newPage();
    await tab.goto(server.url);
    await tab.getByRole("button", { name: "Play as guest" }).click();
    await tab.getByText("The queue is paused. Your place is safe.").first().waitFor();
    await player.reads("Come in and play");
    expect(await player.page.locator("#problem").textContent()).not.toBe("");
    expect(await tab.locator("#place").textContent()).toBe("1");
    expect(player.complaints).toEqual([]);
  });
});

it("reads out what matters, not every second, and goes on with its progress after a reload", async () => {
  server = await startExample({ queue: { targetCcuLimit: 1 } });
  await fillArena();
  const others: Room[] = [];
  for (let places = 0; places < 12; places++) others.push(await takePlace());
  const player = await arrive();
  const news = await listenTo(player, "#queue-news");
  await player.press("Play as guest");
  await player.waitsAt(13);
  for (const other of others.splice(0, 2)) await other.leave();
  await player.waitsAt(11);
  expect(await news()).toHaveLength(1);
  for (const other of others.splice(0)) await other.leave();
  await player.waitsAt(1);
  await expect.poll(news, { timeout: 20_000 }).toHaveLength(2);
  expect((await news())[1]).toMatch(/^Your place is 1\. /);

  const progress = async () => Number(await player.page.locator("#progress").getAttribute("value"));
  const before = await progress();
  expect(before).toBeGreaterThan(0.5);
  await player.page.reload();
  await player.press("Play as guest");
  await player.waitsAt(1);
  expect(await progress()).toBeGreaterThanOrEqual(before);
  expect(player.complaints).toEqual([]);
});

it("warns of a silent server, and takes the warning back when it speaks again", async () => {
  server = await startExample({ queue: { mode: "paused" } });
  await takePlace();
  const player = await arrive();
  await player.press("Play as guest");
  await player.waitsAt(2);
  const warning = player.page.getByText("The connection is lost. Coming back to your place…");
  server.program.freeze(true);
  try {
    await warning.first().waitFor();
    expect(await player.page.locator("#link").isVisible()).toBe(true);
  } finally {
    server.program.freeze(false);
  }
  await player.page.locator("#link").waitFor({ state: "hidden" });
  await player.waitsAt(2);
  expect(await player.page.locator("#queue-news").textContent()).toMatch(/^The connection is back\. Your place is 2\./);
  expect(complaintsOf(player)).toEqual([]);
});

it("keeps everyone's place over a restart of the server, by itself", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const config = {
    tokens: { keys: { current: privateKey.export({ format: "jwk" }) } },
    queue: { mode: "paused" },
  };
  server = await startExample(config);
  const first = await arrive();
  await first.press("Play as guest");
  await first.waitsAt(1);
  const second = await arrive();
  await second.press("Play as guest");
  await second.waitsAt(2);
  const third = await arrive();
  await third.press("Play as guest");
  await third.waitsAt(3);
  const progress = await third.page.locator("#progress").getAttribute("value");

  const port = Number(new URL(server.url).port);
  await server.program.stop("SIGKILL");
  await third.reads("The connection is lost. Coming back to your place…");
  server = await startExample(config, port);
  for (const player of [first, second, third]) await player.page.locator("#link").waitFor({ state: "hidden" });
  const newcomer = await arrive();
  await newcomer.press("Play as guest");
  await newcomer.waitsAt(4);
  for (const [index, player] of [first, second, third].entries()) {
    // Those who come back before the others see nobody ahead of them yet, and no place rises again.
    expect(Number(await player.page.locator("#place").textContent())).toBeLessThanOrEqual(index + 1);
  }
  expect(Number(await third.page.locator("#progress").getAttribute("value"))).toBeGreaterThanOrEqual(Number(progress));
  for (const player of [first, second, third, newcomer]) expect(complaintsOf(player)).toEqual([]);
});

it("asks an idle player whether they are there, and lets the next in where nobody answers", async () => {
  server = await startExample({ queue: { targetCcuLimit: 1, idleMinutes: 0.1 } });
  const idler = await arrive();
  await idler.press("Play as guest");
  await idler.plays();
  const player = await arrive();
  await player.press("Play as guest");
  await player.waitsAt(1);

  await idler.reads("Are you still there?");
  expect(await idler.page.locator("#idle-left").textContent()).toMatch(
    /^Others are waiting\. Your place is given away in [1-3] seconds\.$/,
  );
  await idler.press("I am still here");
  await idler.page.locator("#idle").waitFor({ state: "hidden" });
  await idler.reads("Are you still there?");
  await player.waitsAt(1);

  await player.plays();
  await idler.reads("You were away for too long, and others were waiting for your place.");
  expect(await idler.page.locator("#idle").isVisible()).toBe(false);
  for (const each of [idler, player]) expect(each.complaints).toEqual([]);
});

describe("the call", () => {
  async function waitBehindFive(wantsCall: boolean) {
    server = await startExample({ queue: { targetCcuLimit: 1 } });
    const first = await arrive();
    await first.press("Play as guest");
    await first.plays();
    const others: Room[] = [];
    for (let places = 0; places < 5; places++) others.push(await takePlace());
    const player = await arrive();
    const titles = await listenTo(player, "title");
    await player.page.evaluate("document.hasFocus = () => false");
    await player.press("Play as guest");
    await player.waitsAt(6);
    if (wantsCall) await player.page.getByLabel("Tell me when it is my turn").check();
    const come = async () => {
      for (const other of others) await other.leave();
      await player.waitsAt(1);
      await first.press("Log out");
      await player.plays();
    };
    return { player, titles, come };
  }

  it("flashes the title near the front and at the turn, for those who asked for it", async () => {
    const { player, titles, come } = await waitBehindFive(true);
    await come();
    await expect.poll(titles).toContain("You are in! — The little arena");
    expect(await titles()).toContain("Soon your turn — The little arena");
    await player.page.evaluate("dispatchEvent(new Event('focus'))");
    expect(await player.page.title()).toBe("The little arena");
    expect(player.complaints).toEqual([]);
    await player.page.reload();
    await player.plays();
    expect(await player.page.getByLabel("Tell me when it is my turn").isChecked()).toBe(true);
  });

  it("leaves the others alone: their title says the place, and nothing else", async () => {
    const { player, titles, come } = await waitBehindFive(false);
    await come();
    expect((await titles()).filter((title) => !/^(\d+(st|nd|rd|th) — )?The little arena$/.test(title))).toEqual([]);
    expect(player.complaints).toEqual([]);
  });
});
