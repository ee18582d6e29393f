// The dashboard on a phone, in the dark, by keyboard alone, and while the server does not answer: what is to be seen and reached.
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ExampleServer, startExample } from "./support/example.ts";
import { newTokens } from "./support/keys.ts";
import { faintParts, focused, namelessControls, overflow, smallTargets, tabTo } from "./support/look.ts";
import { makeToken, type Operator } from "./support/operator.ts";
import { usePlayers } from "./support/players.ts";
import { QueueBot } from "./support/queue-bot.ts";

const tokens = newTokens();
const operatorToken = makeToken({ tokens });
const shots = process.env["SCREENSHOTS"];
const phone = { viewport: { width: 360, height: 740 } };
const parts = ["Now", "Tickets", "Sessions", "Access", "Audit"] as const;
const longName = `<b>${"W".repeat(61)}`;
const players = usePlayers();
let server: ExampleServer;

const operate = async (options = {}): Promise<Operator> => {
  const operator = await players.operate(server.url, options);
  await operator.signIn(operatorToken);
  await operator.sees();
  return operator;
};

const configure = async (patch: object): Promise<void> => {
  const answer = await fetch(`${server.url}/auth/operator/queue`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${operatorToken}`, "content-type": "application/json" },
    body: JSON.stringify(patch),
  });
  expect(answer.status).toBe(200);
};

/** With SCREENSHOTS=<folder>, for somebody to look at. */
const show = async ({ page }: Operator, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

/** One part after the other, each with something in it and, where there is one, a question open. */
async function* walk(operator: Operator): AsyncGenerator<(typeof parts)[number]> {
  const { page } = operator;
  for (const part of parts) {
    await operator.goTo(part);
    if (part === "Now") {
      if (!(await page.locator("#more-settings[open]").isVisible())) await page.locator("summary").click();
      await operator.lever("mode").locator(".value").selectOption("paused");
      await operator.press("Change the mode…");
    }
    if (part === "Tickets") await page.getByRole("button", { name: "Remove…" }).first().click();
    if (part === "Sessions") {
      await page.getByLabel("Name or id").fill(longName);
      await page.keyboard.press("Enter");
      await operator.press("Ban…");
    }
    if (part === "Access") await operator.press("Set access…");
    if (part === "Audit") await page.locator("#audit-list > li").first().waitFor();
    else await page.locator(".confirm").waitFor();
    yield part;
  }
}

beforeAll(async () => {
  server = await startExample({ tokens, queue: { restoreSeconds: 0, targetCcuLimit: 1 } });
  const login = await fetch(`${server.url}/auth/authenticate/device`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "W".repeat(300) },
    body: JSON.stringify({ id: "the device of somebody with a long name", username: longName }),
  });
  expect(login.status).toBe(200);
  for (let bot = 0; bot < 3; bot += 1) await new QueueBot(server.url, 0).join();
});

afterEach(async () => {
  // A test that failed may have left it halted.
  server.program.freeze(false);
  await players.leave();
});
afterAll(() => server.program.stop());

describe("on a phone", () => {
  it.each(["dark", "light"] as const)("in %s every part fits, is legible, and can be pressed", async (colorScheme) => {
    const operator = await operate({ ...phone, colorScheme, reducedMotion: "reduce" });
    for await (const part of walk(operator)) {
      await show(operator, `${part}-${colorScheme}`);
      expect([part, await overflow(operator.page)]).toEqual([part, 0]);
      expect([part, await smallTargets(operator.page, 44)]).toEqual([part, []]);
      expect([part, await faintParts(operator.page)]).toEqual([part, []]);
    }
    // As narrow as phones are, and as a page is that was enlarged to 400 %.
    await operator.page.setViewportSize({ width: 320, height: 640 });
    for (const part of parts) {
      await operator.goTo(part);
      expect([part, await overflow(operator.page)]).toEqual([part, 0]);
    }
    expect(operator.complaints).toEqual([]);
  });
});

it("names every control, and says what is where", async () => {
  const operator = await players.operate(server.url);
  const { page } = operator;
  expect(await namelessControls(page)).toEqual([]);
  expect(await page.getByRole("main").count()).toBe(1);
  await operator.signIn(operatorToken);
  await operator.sees();
  for await (const part of walk(operator)) {
    expect([part, await namelessControls(page)]).toEqual([part, []]);
    for (const landmark of ["banner", "navigation", "main"] as const) {
      expect([part, landmark, await page.getByRole(landmark).count()]).toEqual([part, landmark, 1]);
    }
    const headings = await page.getByRole("heading").evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    // No level is left out on the way down.
    expect([part, headings.filter((level, index) => level > (headings[index - 1] ?? 0) + 1)]).toEqual([part, []]);
    expect(await page.locator("nav [aria-current=page]").textContent()).toBe(part);
  }
  expect(operator.complaints).toEqual([]);
});

it("can be used by the keyboard alone: the focus is always to be seen, and returns from where it was led", async () => {
  const operator = await players.operate(server.url);
  const { keyboard } = operator.page;
  const limit = operator.lever("limit");
  const hasFocus = async (words: string): Promise<void> => expect((await focused(operator.page)).words).toBe(words);
  await hasFocus("Operator token");
  await keyboard.insertText(operatorToken);
  await keyboard.press("Enter");
  await operator.sees();

  await tabTo(operator.page, "Players at once");
  await keyboard.press("Control+A");
  await keyboard.type("30");
  await keyboard.press("Enter");
  await limit.getByText("Limit 1 → 30?").waitFor();
  // A second Enter answers nothing.
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  await limit.locator(".confirm").waitFor({ state: "detached" });
  await hasFocus("Change the limit…");

  await keyboard.press("Enter");
  await limit.getByText("Limit 1 → 30?").waitFor();
  await tabTo(operator.page, "Change the limit");
  await keyboard.press("Enter");
  await limit.getByText(/^Done: Limit 1 → 30/).waitFor();
  await hasFocus("Change the limit…");
  await tabTo(operator.page, "Take back: Limit 1 → 30");
  await keyboard.press("Enter");
  await limit.getByText("taken back").waitFor();
  expect((await focused(operator.page)).isSeen).toBe(true);
  await limit.getByText("now 1", { exact: true }).waitFor();
  expect(operator.complaints).toEqual([]);
});

describe("what was done", () => {
  it("is taken back at once, however old and late the figures are", async () => {
    const operator = await operate();
    const { page } = operator;
    const limit = operator.lever("limit");
    const [asked, changed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route("**/operator/status", () => {});
    await page.route(
      "**/operator/status",
      async (route) => {
        const ofBefore = await route.fetch();
        asked.resolve();
        await changed.promise;
        await route.fulfill({ response: ofBefore });
      },
      { times: 1 },
    );
    await asked.promise;
    await operator.pull("limit", "30");
    const ofBefore = page.waitForResponse("**/operator/status");
    changed.resolve();
    await (await ofBefore).finished();
    await limit.getByRole("button", { name: /^Take back/ }).click();
    await limit.getByText("taken back").waitFor();
    await page.unrouteAll();
    await limit.getByText("now 1", { exact: true }).waitFor();
    expect(operator.complaints).toEqual([]);
  });

  it("is taken back after a question alone where somebody else changed the same since", async () => {
    const operator = await operate();
    const limit = operator.lever("limit");
    await operator.pull("limit", "30");
    await configure({ targetCcuLimit: 40 });
    await limit.getByText("now 40", { exact: true }).waitFor();
    await limit.getByRole("button", { name: /^Take back/ }).click();
    await limit.getByText("Somebody changed this since.").waitFor();
    await limit.getByText(/Meanwhile: Limit 30 → 40\. Taking back/).waitFor();
    await operator.confirm("Take back all the same");
    await limit.getByText("taken back").waitFor();
    await limit.getByText("now 1", { exact: true }).waitFor();
    expect(operator.complaints).toEqual([]);
  });
});

describe("what is typed", () => {
  const preview = (lever: Locator): Promise<string | null> => lever.locator(".preview").textContent();

  it("is not taken when it is no number, and stays while others change the same", async () => {
    const operator = await operate();
    const [limit, rate] = [operator.lever("limit"), operator.lever("rate")];
    const field = limit.locator(".value");
    for (const wrong of ["12abc", "1e99", "-1", "1.5", "1,000", "0x10", ""]) {
      await field.fill(wrong);
      await field.press("Enter");
      expect([wrong, await preview(limit)]).toEqual([wrong, expect.stringMatching(/^Enter /)]);
    }
    expect(await operator.page.locator(".confirm").count()).toBe(0);

    await field.fill("77");
    await field.blur();
    await configure({ targetCcuLimit: 5, targetLoginRatePerSecond: 3 });
    await limit.getByText("now 5", { exact: true }).waitFor();
    await rate.getByText("now 3", { exact: true }).waitFor();
    expect([await field.inputValue(), await rate.locator(".value").inputValue()]).toEqual(["77", "3"]);
    // What the question asks is what stands in the field.
    await field.press("Enter");
    await limit.getByText("Limit 5 → 77?").waitFor();
    await field.press("End");
    await field.press("8");
    await limit.locator(".confirm").waitFor({ state: "detached" });
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await configure({ targetCcuLimit: 1, targetLoginRatePerSecond: null });
    expect(operator.complaints).toEqual([]);
  });

  it("is not said to be done when the answer is lost, and is there again after a new token", async () => {
    const operator = await operate();
    const { page } = operator;
    const limit = operator.lever("limit");
    await limit.locator(".value").fill("9");
    await limit.locator(".value").press("Enter");
    await page.route("**/operator/queue", (route) => route.abort("connectionreset"));
    await limit.locator(".confirm").getByRole("button", { name: "Change the limit", exact: true }).click();
    await limit.getByText(/It is not known whether the change was made/).waitFor();

    await page.route("**/operator/status", (route) =>
      route.fulfill({ status: 401, json: { code: "TOKEN_EXPIRED", message: "" } }),
    );
    await operator.reads(/your token has expired.*What was asked was not done: “Limit 1 → 9\?”/);
    await page.unrouteAll();
    await operator.signIn(operatorToken);
    await operator.sees();
    expect(await limit.locator(".value").inputValue()).toBe("9");
    expect(await page.locator(".confirm").count()).toBe(0);
    await limit.getByText("now 1", { exact: true }).waitFor();
    await operator.press("Sign out");
    await operator.signIn(operatorToken);
    await operator.sees();
    expect(await limit.locator(".value").inputValue()).toBe("1");
  });
});

it("tells that the server is lost, how old the figures are, and that it is back", async () => {
  const operator = await operate();
  const { page } = operator;
  server.program.freeze(true);
  // Before it is known to be lost, the age is told already.
  await page
    .locator("#connection[data-state=wait]")
    .getByText(/^Stale: \d+ s$/)
    .waitFor();
  expect(await page.title()).toMatch(/^Stale/);
  await operator.reads(/The server does not answer in time\. The figures are from \d+ seconds ago\./);
  await show(operator, "outage");
  expect(await faintParts(page)).toEqual([]);
  await page.getByRole("button", { name: "Try now" }).focus();
  server.program.freeze(false);
  await page.keyboard.press("Enter");
  await operator.sees();
  await page.locator("#outage").waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  expect(await page.title()).toMatch(/^\d+ waiting/);
  expect(operator.complaints).toEqual([]);
});
