// A player's whole journey in Chromium: the page of the example, as its visitors press and read it.
import type { BrowserContextOptions } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ExampleServer, startExample } from "./support/example.ts";
import type { Player } from "./support/player.ts";
import { usePlayers } from "./support/players.ts";

let server: ExampleServer;
const players = usePlayers();

afterEach(async () => {
  await players.leave();
  await server.program.stop();
});

const arrive = (options?: BrowserContextOptions): Promise<Player> => players.arrive(server.url, options);

describe("with room for one", () => {
  beforeEach(async () => {
    server = await startExample({ queue: { targetCcuLimit: 1 } });
  });

  it("lets the second in when the first logs out", async () => {
    const first = await arrive();
    await first.press("Play as guest");
    await first.plays();

    const second = await arrive();
    await second.press("Play as guest");
    await second.reads(/Your place/);
    await second.waitsAt(1);
    expect(await second.page.locator("#queue-news").textContent()).toMatch(/^Your place is 1\./);
    expect(await second.me.count()).toBe(0);

    const third = await arrive();
    await third.press("Log in with this device");
    await third.waitsAt(2);
    await third.press("Leave the queue");
    await third.reads("Come in and play");

    await first.press("Log out");
    await first.reads("Come in and play");
    await second.plays();
    for (const player of [first, second, third]) expect(player.complaints).toEqual([]);
  });

  it("keeps the place of a player whose page is loaded again", async () => {
    const first = await arrive();
    await first.press("Play as guest");
    await first.plays();
    const second = await arrive();
    await second.press("Play as guest");
    await second.waitsAt(1);
    const third = await arrive();
    await third.press("Play as guest");
    await third.waitsAt(2);

    await second.page.reload();
    await second.press("Play as guest");
    await second.waitsAt(1);
    expect(await third.page.locator("#place").textContent()).toBe("2");
    expect(second.complaints).toEqual([]);
  });
});

describe("with room for many", () => {
  beforeEach(async () => {
    server = await startExample();
  });

  it("shows everyone how everyone moves, by keyboard alone", async () => {
    const watcher = await arrive();
    await watcher.press("Play as guest");
    await watcher.plays();

    const walker = await arrive();
    await walker.page.getByRole("button", { name: "Play as guest" }).waitFor();
    await walker.page.keyboard.press("Tab");
    await walker.page.keyboard.press("Enter");
    await walker.plays();
    const marker = watcher.marker(await walker.session("user"));
    await marker.waitFor();

    await walker.page.keyboard.down("ArrowLeft");
    const { width } = (await watcher.page.locator("#players").boundingBox())!;
    const left = (await watcher.page.locator("#players").boundingBox())!.x;
    await expect
      .poll(async () => (await watcher.where(marker)).x - left, { timeout: 10_000 })
      .toBeLessThan(width * 0.08);
    await walker.page.keyboard.up("ArrowLeft");

    await walker.page.locator("#players").click({ position: { x: width - 5, y: 10 } });
    await expect
      .poll(async () => (await watcher.where(marker)).x - left, { timeout: 10_000 })
      .toBeGreaterThan(width * 0.8);
    await walker.page.close();
    await marker.waitFor({ state: "detached" });
    for (const player of [watcher, walker]) expect(player.complaints).toEqual([]);
  });

  it("refreshes with new vars, which everyone sees", async () => {
    const watcher = await arrive();
    await watcher.press("Play as guest");
    await watcher.plays();
    const player = await arrive();
    await player.press("Play as guest");
    await player.plays();

    await player.page.getByLabel("Name", { exact: true }).fill("<b>Ada</b>");
    await player.page.getByLabel("Colour", { exact: true }).fill("#123456");
    await player.press("Refresh");
    await player.reads("Refreshed: new tokens, new vars.");
    expect(await player.session("vars")).toContain("name: <b>Ada</b>");
    expect(await player.session("vars")).toContain("colour: #123456");
    await watcher.marker("<b>Ada</b>").waitFor();
    expect(await player.session("expires")).toMatch(/^(24:00:00|23:59:\d\d)$/);

    await player.page.reload();
    await player.plays();
    expect(await player.session("vars")).toContain("colour: #123456");
    await expect.poll(() => watcher.page.locator(".player").count(), { timeout: 10_000 }).toBe(2);
    for (const each of [watcher, player]) expect(each.complaints).toEqual([]);
  });

  it("says why the server disconnected, and offers the way back", async () => {
    const player = await arrive();
    await player.press("Log in with this device");
    await player.plays();
    const user = await player.session("user");

    await player.press("Disconnect me");
    await player.reads("You asked the server to disconnect you.");
    await player.press("Rejoin the arena");
    await player.plays();

    await player.press("Log out");
    await player.press("Log in with this device");
    await player.plays();
    expect(await player.session("user")).toBe(user);
    expect(player.complaints).toEqual([]);
  });

  it("shows one session in two tabs, and ends it in both", async () => {
    const player = await arrive();
    await player.press("Play as guest");
    await player.plays();
    const tab = await player.page.context().newPage();
    await tab.goto(server.url);
    await expect.poll(() => tab.locator(".player").count(), { timeout: 10_000 }).toBe(2);
    expect(await tab.locator("#user").textContent()).toBe(await player.session("user"));

    await tab.getByRole("button", { name: "Log out" }).click();
    await tab.getByText("Come in and play").waitFor();
    await player.reads("Come in and play");

    await tab.getByRole("button", { name: "Play as guest" }).click();
    await player.plays();
    expect(await tab.locator("#user").textContent()).toBe(await player.session("user"));
    expect(player.complaints).toEqual([]);
  });

  it("fits on a phone, and walks by the pad", async () => {
    const player = await arrive({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const width = () => player.page.evaluate("document.documentElement.scrollWidth");
    expect(await width()).toBe(390);
    await player.press("Play as guest");
    await player.plays();
    expect(await width()).toBe(390);

    const arena = (await player.page.locator("#players").boundingBox())!;
    const pad = player.page.getByRole("button", { name: "Walk up" });
    await pad.dispatchEvent("pointerdown", { pointerId: 1, isPrimary: true, bubbles: true });
    await expect
      .poll(async () => (await player.where(player.me)).y - arena.y, { timeout: 10_000 })
      .toBeLessThan(arena.height * 0.08);
    await pad.dispatchEvent("pointerup", { pointerId: 1, isPrimary: true, bubbles: true });
  });

  it("says so when the server is gone, and when it has forgotten the session", async () => {
    const player = await arrive();
    await player.press("Play as guest");
    await player.plays();
    const port = Number(new URL(server.url).port);

    await server.program.stop();
    await player.reads("The server is shutting down.");
    await player.press("Rejoin the arena");
    await player.reads("The server cannot be reached. Check your connection and try again.");

    server = await startExample({}, port);
    await player.press("Rejoin the arena");
    await player.reads("Your session has ended. Please log in again.");
    await player.press("Play as guest");
    await player.plays();
  });

  it("says so when the server is gone before the login", async () => {
    const player = await arrive();
    await server.program.stop();
    await player.press("Play as guest");
    await player.reads("The server cannot be reached. Check your connection and try again.");
  });
});

it("counts the wait down, with progress that never goes back", async () => {
  server = await startExample({ queue: { targetLoginRatePerSecond: 0.2 } });
  const logIn = async () => (await fetch(`${server?.url}/auth/anonymous`, { method: "POST" })).json();
  // The page is there when the only login of the next five seconds is taken.
  const player = await arrive();
  await logIn();
  // The server looks at its bucket once a second: until then it does not know how long the next one waits.
  for (let refused = await logIn(); !(refused.etaMs > 4_000); refused = await logIn()) {
    expect(refused.code).toBe("QUEUE_REQUIRED");
  }
  await player.page.evaluate(() => {
    const said: { progress: number; eta: string }[] = [];
    Object.assign(window, { said });
    const progress = document.querySelector("progress")!;
    const eta = document.querySelector("#eta")!;
    new MutationObserver(() => said.push({ progress: progress.value, eta: eta.textContent ?? "" })).observe(progress, {
      attributes: true,
    });
  });
  await player.press("Play as guest");
  await player.plays();
  const said = await player.page.evaluate(() => Reflect.get(window, "said") as { progress: number; eta: string }[]);
  const progress = said.map((each) => each.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBeGreaterThan(0.5);
  const seconds = said
    .map(({ eta }) => Number(/About (\d+) seconds/.exec(eta)?.[1] ?? Number.NaN))
    .filter(Number.isFinite);
  expect(seconds.length).toBeGreaterThan(2);
  expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
  expect(player.complaints).toEqual([]);
});

it("says that nobody is let in", async () => {
  server = await startExample({ queue: { mode: "closed" } });
  const player = await arrive();
  await player.press("Play as guest");
  await player.reads("The game lets nobody in at the moment. Please try again later.");
});

it("says that the session ran out, and takes the player back", async () => {
  server = await startExample({ tokens: { sessionMaxMinutes: 0.05 } });
  const player = await arrive();
  await player.press("Play as guest");
  await player.plays();
  await player.reads("Your session has run out.");
  await player.press("Play as guest");
  await player.plays();
});
