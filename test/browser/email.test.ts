// E-mail and password on the page of the example: registering, confirming, logging in, forgetting, and everything done wrong.
import { afterEach, expect, it } from "vitest";
import { ExampleProgram, type ExampleServer, startExample } from "./support/example.ts";
import type { Player } from "./support/player.ts";
import { usePlayers } from "./support/players.ts";

const ada = { "E-mail": "ada@example.org" };
const password = "a horse of one colour";
const other = "another horse entirely";

let server: ExampleServer;
const players = usePlayers();

afterEach(async () => {
  await players.leave();
  await server.program.stop();
});

const arrive = (path = "/"): Promise<Player> => players.arrive(server.url + path);

async function register(player: Player, fields: Readonly<Record<string, string>> = {}): Promise<void> {
  await player.press("Log in with e-mail");
  await player.press("Register");
  await player.fill({ ...ada, "New password": password, ...fields });
  await player.press("Register");
}

async function logIn(player: Player, word: string): Promise<void> {
  await player.fill({ ...ada, Password: word });
  await player.press("Log in");
}

it("registers, confirms the address by the mail in the outbox, and logs in again as the same player", async () => {
  server = await startExample();
  const player = await arrive();
  await register(player, { "Username, if you like": "Ada" });
  await player.plays();
  expect(await player.session("user")).toBe("Ada");
  const userId = await player.userId();
  await player.reads("Not confirmed yet: the mail in the outbox below has the link.");
  await player.reads("For development alone.");

  await player.followMail("Confirm the address", 1);
  await player.reads("Your address is confirmed.");
  await player.reads("Confirmed.");
  expect(player.page.url()).toBe(`${server.url}/`);
  expect(player.complaints).toEqual([]);
  await player.followMail("Confirm the address", 1);
  await player.reads("This link was used already, or is too old. Ask for a new one.");

  await player.press("Log out");
  await player.press("Log in with e-mail");
  await logIn(player, password);
  await player.plays();
  expect(await player.userId()).toBe(userId);
});

it("waits in the queue with a registration, and with a login after it", async () => {
  server = await startExample({ queue: { targetCcuLimit: 1 } });
  const first = await arrive();
  await first.press("Play as guest");
  await first.plays();
  const second = await arrive();
  await register(second);
  await second.waitsAt(1);
  await second.press("Leave the queue");
  await second.reads("Make an account");
  await second.press("Register");
  await second.waitsAt(1);

  await first.press("Log out");
  await second.plays();
  await first.press("Log in with e-mail");
  await logIn(first, "a wrong password");
  await first.waitsAt(1);
  await second.press("Log out");
  await first.reads("The address or the password is wrong.");
  expect(second.complaints).toEqual([]);

  // The pass that the wait brought is still good.
  await logIn(first, password);
  await first.plays();
});

it("says in words what is wrong, and sends nothing that cannot be right", async () => {
  server = await startExample();
  const player = await arrive();
  await player.press("Log in with e-mail");
  await player.press("Log in");
  const isWrong = (label: string) =>
    player.page
      .getByLabel(label, { exact: true })
      .filter({ visible: true })
      .evaluate((field: HTMLInputElement) => !field.checkValidity());
  expect(await isWrong("E-mail")).toBe(true);
  await player.fill({ "E-mail": "no address", Password: password });
  await player.press("Log in");
  expect(await isWrong("E-mail")).toBe(true);

  await player.press("Register");
  await player.page.getByLabel("New password", { exact: true }).filter({ visible: true }).pressSequentially("short");
  expect(await isWrong("New password")).toBe(true);
  expect(player.complaints).toEqual([]);
  // A browser takes this one for an address.
  await player.fill({ "E-mail": "ada@example", "New password": password });
  await player.page.keyboard.press("Enter");
  await player.reads("This does not look like an e-mail address.");

  const known = await arrive();
  await register(known);
  await known.plays();
  await player.fill({ "E-mail": "Ada@Example.org", "New password": other });
  await player.press("Register");
  await player.reads("This address has an account already. Log in with it instead.");
  await player.press("Log in instead");
  expect(await player.page.getByLabel("E-mail", { exact: true }).filter({ visible: true }).inputValue()).toBe(
    "Ada@Example.org",
  );
  await player.fill({ Password: other });
  await player.press("Log in");
  await player.reads("The address or the password is wrong.");
  await player.press("Back");
  await player.reads("Come in and play");
});

it("sets a new password by a mail, once, and ends the sessions of the old one", async () => {
  server = await startExample();
  const player = await arrive();
  await register(player);
  await player.plays();

  const elsewhere = await arrive();
  await elsewhere.press("Log in with e-mail");
  await elsewhere.press("Forgotten password?");
  await elsewhere.fill({ "E-mail": "nobody@example.org" });
  await elsewhere.press("Mail me a link");
  await elsewhere.reads("If this address has an account, a mail is on its way.");
  await elsewhere.fill(ada);
  await elsewhere.press("Mail me a link");
  const link = elsewhere.page.getByRole("link", { name: "Choose a new password" });
  const href = (await link.getAttribute("href")) ?? "";
  await elsewhere.followMail("Choose a new password", 2);
  await elsewhere.fill({ "New password": other });
  await elsewhere.press("Set the password");
  await elsewhere.reads("Your password is new. Log in with it.");
  await player.reads("Your session has ended.");

  await logIn(elsewhere, password);
  await elsewhere.reads("The address or the password is wrong.");
  await logIn(elsewhere, other);
  await elsewhere.plays();

  const again = await arrive(href);
  await again.fill({ "New password": "a third horse" });
  await again.press("Set the password");
  await again.reads("This link was used already, or is too old. Ask for a new one.");
  expect(player.complaints).toEqual([]);
});

it("keeps no mail in production, where anybody could read it", async () => {
  const program = new ExampleProgram(["src/server.ts"], { PORT: "0", NODE_ENV: "production" });
  const [, url = ""] = await program.printed(/^listening on (http:\/\/localhost:\d+)$/m);
  server = { url, program };
  const player = await arrive();
  await register(player);
  await player.plays();
  await program.printed(/a mail \(verify-email\) could not be sent/);
  expect(await (await fetch(`${url}/demo/outbox`)).json()).toEqual({ isOpen: false, mails: [] });
  expect(await player.page.locator("#outbox").isVisible()).toBe(false);
  expect(player.complaints).toEqual([]);
});
