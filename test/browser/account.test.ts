// What is the player's own on the page of the example: the account, the sessions, and what came with the login.
import type { BrowserContextOptions, Locator } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ExampleServer, startExample } from "./support/example.ts";
import type { Player } from "./support/player.ts";
import { usePlayers } from "./support/players.ts";

const address = { "E-mail": "ada@example.org" };
const password = "a horse of one colour";
const other = "another horse entirely";

let server: ExampleServer;
const players = usePlayers();

beforeEach(async () => {
  server = await startExample();
});

afterEach(async () => {
  await players.leave();
  await server.program.stop();
});

const arrive = (options?: BrowserContextOptions): Promise<Player> => players.arrive(server.url, options);

async function playAsGuest(): Promise<Player> {
  const player = await arrive();
  await player.press("Play as guest");
  await player.plays();
  return player;
}

async function addAddress(player: Player): Promise<void> {
  await player.fill({ ...address, "New password": password });
  await player.press("Add the address");
}

async function logIn(word: string, options?: BrowserContextOptions): Promise<Player> {
  const player = await arrive(options);
  await player.press("Log in with e-mail");
  await player.fill({ ...address, Password: word });
  await player.press("Log in");
  return player;
}

function sessions(player: Player): Locator {
  return player.page.locator("#session-list > li");
}

it("lets a guest keep the player, by an address and a password, without leaving the arena", async () => {
  const guest = await playAsGuest();
  const userId = await guest.userId();
  await addAddress(guest);
  await guest.reads("This address is yours. From now on you can log in with it.");
  await guest.plays();
  expect(await guest.userId()).toBe(userId);
  await guest.followMail("Confirm the address", 1);
  await guest.reads("Confirmed.");
  expect(guest.complaints).toEqual([]);

  const elsewhere = await logIn(password);
  await elsewhere.plays();
  expect(await elsewhere.userId()).toBe(userId);

  const stranger = await playAsGuest();
  await addAddress(stranger);
  await stranger.reads("This address has an account already. Log in with it instead.");
});

it("changes the username, which everyone sees", async () => {
  const watcher = await playAsGuest();
  const player = await playAsGuest();
  await player.fill({ Username: "<i>Grace</i>" });
  await player.page.keyboard.press("Enter");
  await player.reads("This is your name now.");
  expect(await player.session("user")).toBe("<i>Grace</i>");
  await watcher.marker("<i>Grace</i>").waitFor();
  expect(player.complaints).toEqual([]);

  await watcher.fill({ Username: "<I>grace</I>" });
  await watcher.press("Rename");
  await watcher.reads("This username is taken. Choose another one.");
});

it("lists where the player is logged in, and logs the others out", async () => {
  const guest = await playAsGuest();
  await addAddress(guest);
  await guest.reads("This address is yours. From now on you can log in with it.");
  expect(await sessions(guest).count()).toBe(1);

  const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
  const elsewhere = await logIn(password, { userAgent: phone });
  await elsewhere.plays();
  await sessions(elsewhere).nth(1).waitFor();
  expect(await sessions(elsewhere).first().textContent()).toMatch(
    /^Safari on iPhone this one(::1|127\.0\.0\.1) · since .+ · seen just now$/,
  );
  expect(await sessions(elsewhere).nth(1).textContent()).toMatch(/^Chrome on Linux/);

  await guest.press("Look again");
  await sessions(guest).nth(1).waitFor();
  await guest.press("Log out others");
  await guest.reads("All others are logged out.");
  expect(await sessions(guest).allTextContents()).toEqual([expect.stringMatching(/^Chrome on Linux this one/)]);
  await elsewhere.reads("Your session has ended.");
  await elsewhere.reads("Come in and play");
  await guest.plays();
  for (const player of [guest, elsewhere]) expect(player.complaints).toEqual([]);
});

it("changes the password, which ends the other sessions", async () => {
  const guest = await playAsGuest();
  await addAddress(guest);
  await guest.reads("Change the password");
  const elsewhere = await logIn(password);
  await elsewhere.plays();

  await guest.fill({ "Password you have": "a wrong password", "New password": other });
  await guest.press("Change password");
  await guest.reads("The password you have is another one.");
  await guest.fill({ "Password you have": password });
  await guest.press("Change password");
  await guest.reads("Your password is new. Your other sessions have ended.");
  await elsewhere.reads("The password was changed. Your session has ended.");
  await guest.plays();
  await (await logIn(other)).plays();
});

it("shows what the server's jobs brought with the login, also after a reload", async () => {
  const player = await arrive();
  await player.press("Log in with this device");
  await player.plays();
  const bag = () => player.page.locator("#inventory > li").allTextContents();
  expect(await bag()).toEqual(["Lantern", "Sugar cube × 3"]);
  await player.reads("Today's reward: Blue pebble");
  await player.page.reload();
  await player.plays();
  expect(await bag()).toEqual(["Lantern", "Sugar cube × 3"]);

  // The reward was put into the bag after that, and comes once a day.
  await player.press("Log out");
  await player.press("Log in with this device");
  await player.plays();
  expect(await bag()).toEqual(["Lantern", "Sugar cube × 3", "Blue pebble"]);
  await player.reads("Today's reward: Blue pebble");
  expect(player.complaints).toEqual([]);
});
