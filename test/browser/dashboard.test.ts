// The operator at the dashboard of a running game, with players on its page: levers, tickets, sessions, bans, and the way in.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ExampleServer, startExample } from "./support/example.ts";
import { newTokens } from "./support/keys.ts";
import { makeToken, type Operator } from "./support/operator.ts";
import { usePlayers } from "./support/players.ts";
import { QueueBot } from "./support/queue-bot.ts";

const tokens = newTokens();
const operatorToken = makeToken({ tokens });
const shots = process.env["SCREENSHOTS"];
const players = usePlayers();
let server: ExampleServer;

const start = async (queue: object): Promise<void> => {
  server = await startExample({ tokens, queue: { restoreSeconds: 0, ...queue } });
};

const operate = async (token = operatorToken): Promise<Operator> => {
  const operator = await players.operate(server.url);
  await operator.signIn(token);
  await operator.sees();
  return operator;
};

/** With SCREENSHOTS=<folder>, for somebody to look at. */
const show = async ({ page }: Operator, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

afterEach(() => players.leave());

describe("the way in", () => {
  beforeAll(() => start({}));
  afterAll(() => server.program.stop());

  it("asks for a token, says what is wrong with one, and keeps a good one in the tab alone", async () => {
    const operator = await players.operate(server.url);
    const { page } = operator;
    await operator.signIn("");
    await operator.reads("Paste your token first.");
    await operator.signIn("nonsense");
    await operator.reads(/This token is not valid here/);
    const login = await fetch(`${server.url}/auth/anonymous`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    await operator.signIn((await login.json()).token);
    await operator.reads(/This token is not valid here/);
    await show(operator, "wrong-token");
    await operator.signIn(makeToken({ tokens }, ["partner", "--name", "Prometheus", "--scope", "metrics:read"]));
    await operator.reads(/lacks the scope status:read/);
    expect(await page.locator("#app").isVisible()).toBe(false);

    await operator.signIn(operatorToken);
    await operator.sees();
    await operator.reads("Ann");
    expect(page.url()).not.toContain(operatorToken);
    expect(await page.evaluate("JSON.stringify(localStorage)")).toBe("{}");
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await operator.sees();
    await operator.press("Sign out");
    await page.getByLabel("Operator token").waitFor();
    expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain(operatorToken);
    // What was refused is told by the browser as well; nothing else is.
    expect(operator.complaints.filter((complaint) => !/status of 40[13]/.test(complaint))).toEqual([]);
  });

  it("sends an operator whose token runs out back to it, and does not take that token again", async () => {
    const shortLived = makeToken({ tokens: { ...tokens, operatorTokenExpirationMinutes: 0.15 } });
    const operator = await operate(shortLived);
    await operator.reads(/your token has expired/i);
    expect(await operator.page.locator("#app").isVisible()).toBe(false);
    await operator.signIn(shortLived);
    await operator.reads(/This token has expired/);
    await show(operator, "expired");
  });

  it("lets who may only look pull no lever", async () => {
    const operator = await operate(makeToken({ tokens }, ["operator", "--name", "Guest", "--scope", "status:read"]));
    await operator.reads(/lacks the scope queue:write/);
    expect(await operator.lever("limit").getByRole("button").isDisabled()).toBe(true);
    await operator.goTo("Audit");
    await operator.reads(/lacks the scope events:read/);
  });
});

it("raises the limit under 200 bots: they drain, and what was said comes true", async () => {
  await start({ targetCcuLimit: 20, targetLoginRatePerSecond: 40, passSeconds: 30 });
  const bots = Array.from({ length: 200 }, () => new QueueBot(server.url, 30));
  const seated = 50;
  for (let first = 0; first < bots.length; first += seated)
    await Promise.all(bots.slice(first, first + seated).map((bot) => bot.join()));
  const operator = await operate();
  await operator.figure("slots", "20");
  await operator.figure("waiting", "180");
  await show(operator, "full");

  const words = await operator.pull("limit", "300");
  expect(words).toContain("Limit 20 → 300?");
  expect(words).toMatch(/The last one waits about \d+ s/);
  await operator.figure("waiting", "0");
  await operator.figure("slots", "200");
  await operator.page.locator("#forecast-now-empty").getByText("now: nobody waits", { exact: true }).waitFor();
  await Promise.all(bots.map((bot) => bot.entered));
  expect(bots.flatMap(({ logins }) => logins).every((status) => status === 200)).toBe(true);
  await show(operator, "drained");

  await operator
    .lever("limit")
    .getByRole("button", { name: /^Take back/ })
    .click();
  await operator.lever("limit").getByText("taken back").waitFor();
  await operator.page.locator("#tile-slots .more", { hasText: "of 20 " }).waitFor();
  expect(operator.complaints).toEqual([]);
  await server.program.stop();
});

describe("with players at the page", () => {
  beforeEach(() => start({ targetCcuLimit: 1, targetLoginRatePerSecond: 10 }));
  afterEach(() => server.program.stop());

  it("pauses the queue and lets it go on, tells a notice as it was written, and all of it is in the audit list", async () => {
    const operator = await operate();
    const words = await operator.pull("mode", "paused");
    expect(words).toContain("Nobody is admitted. New players may still queue");
    const player = await players.arrive(server.url);
    await player.press("Play as guest");
    await player.reads("The queue is paused. Your place is safe.");
    await operator.figure("waiting", "1");
    await operator.pull("notice", "<img src=x onerror=alert(1)> back at <b>9</b>");
    await player.reads("<img src=x onerror=alert(1)> back at <b>9</b>");
    await operator.page
      .locator("#notice-shown", { hasText: "<img src=x onerror=alert(1)> back at <b>9</b>" })
      .waitFor();
    expect(await operator.page.locator("#notice-shown *").count()).toBe(0);
    await show(operator, "paused");

    await operator
      .lever("mode")
      .getByRole("button", { name: /^Take back/ })
      .click();
    await player.plays();
    await operator.figure("mode", "Automatic");
    await operator.goTo("Audit");
    const entries = operator.page.locator("#audit-list > li");
    await entries.filter({ hasText: "Mode: Paused → Automatic" }).waitFor();
    await entries.filter({ hasText: "Mode: Automatic → Paused" }).waitFor();
    await entries.filter({ hasText: "<b>9</b>" }).waitFor();
    await show(operator, "audit");
    for (const person of [operator, player]) expect(person.complaints).toEqual([]);
  });

  it("removes a ticket, and its player reads why", async () => {
    const first = await players.arrive(server.url);
    await first.press("Play as guest");
    await first.plays();
    const second = await players.arrive(server.url);
    await second.press("Play as guest");
    await second.waitsAt(1);
    const third = await players.arrive(server.url);
    await third.press("Play as guest");
    await third.waitsAt(2);

    const operator = await operate();
    await operator.goTo("Tickets");
    const ticket = operator.page.locator("#tickets-list > li").first();
    await ticket.getByText("Place 1").waitFor();
    await ticket.getByRole("button", { name: "Remove…" }).click();
    await show(operator, "remove");
    await operator.confirm("Remove", { "Reason, told to the player": "You <b>left</b> your seat." });
    await ticket.getByText("Removed.").waitFor();
    await second.reads(/You <b>left<\/b> your seat\./);
    await third.waitsAt(1);

    // The next one goes ahead of a full house only where there is a slot.
    const next = operator.page.locator("#tickets-list > li").nth(1);
    await next.getByRole("button", { name: "Admit now…" }).click();
    await operator.page.locator(".confirm").getByRole("button", { name: "Admit now", exact: true }).click();
    await operator.page.locator(".confirm .bad", { hasText: "The limit of concurrent users is reached." }).waitFor();
    await operator.page.keyboard.press("Escape");
    await operator.page.locator(".confirm").waitFor({ state: "detached" });
    expect(operator.complaints.filter((complaint) => !complaint.includes("409"))).toEqual([]);
  });

  it("S59 shows a name with markup in it as text", async () => {
    const username = "<img src=x onerror=alert(1)>";
    const login = await fetch(`${server.url}/auth/authenticate/device`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "<b>bold</b>" },
      body: JSON.stringify({ id: "the device of somebody with a name", username }),
    });
    expect(login.status).toBe(200);
    const operator = await operate();
    await operator.goTo("Sessions");
    await operator.page.getByLabel("Name or id").fill(username);
    await operator.page.getByLabel("Name or id").press("Enter");
    const item = operator.page.locator("#sessions-list > li");
    await item.getByText(username).waitFor();
    await item.getByText("<b>bold</b>").waitFor();
    expect(await operator.page.locator("#sessions img, #sessions b").count()).toBe(0);
    expect(operator.complaints).toEqual([]);
  });

  it("bans a player in the arena, and their page says why", async () => {
    const player = await players.arrive(server.url);
    await player.press("Play as guest");
    await player.plays();
    const userId = await player.userId();
    const operator = await operate();
    await operator.goTo("Sessions");
    await operator.page.getByLabel("Search by").selectOption("userId");
    await operator.page.getByLabel("Name or id").fill(userId);
    await operator.page.getByLabel("Name or id").press("Enter");
    await operator.page.locator("#sessions-list > li").waitFor();
    await show(operator, "sessions");
    await operator.press("Ban…");
    await operator.confirm("Ban", { "Reason, told to the player": "<i>Aimbot</i> & wallhack" });
    await operator.reads(/^Banned for ever\./);
    await player.reads(/<i>Aimbot<\/i> & wallhack/);
    expect(await operator.page.locator("#user i").count()).toBe(0);
    await show(operator, "banned");

    // A reload does not bring the player back, and a ban that is lifted does.
    await player.page.reload();
    expect(await player.me.count()).toBe(0);
    await operator.press("Lift the ban…");
    await operator.confirm("Lift the ban");
    await operator.reads("Not banned.");
  });
});
