// The page: logs in, waits in the queue, plays, and says in words whatever goes wrong.
import { createLoginClient } from "/lib/colyseus-login/index.js";
import { sayLinkError } from "./account-words.js";
import { Calls } from "./calls.js";
import { EmailDoor } from "./email-door.js";
import { IdleQuestion } from "./idle-question.js";
import { onMailLink } from "./mail-links.js";
import { OwnPanels } from "./own-panels.js";
import { arena, bag, by, caller, outbox, panel, queue, screen } from "./parts.js";
import { deviceId, look, rememberLook, rememberWantsCall, wantsCall } from "./storage.js";
import { Visit } from "./visit.js";
import { sayError } from "./words.js";

const client = new globalThis.Colyseus.Client(location.origin);
const login = createLoginClient(client);
const calls = new Calls(client, login);

// Any message says that somebody is there; this one changes nothing.
const idle = new IdleQuestion({ question: by("idle"), left: by("idle-left"), stay: by("stay") }, () => arena.stand());
const visit = new Visit(
  { gone: by("gone"), why: by("gone-why"), rejoin: by("rejoin") },
  { join: () => login.joinOrCreate("game"), arena, idle },
);
const mailComes = () => void outbox.expect();
const own = new OwnPanels(by, { calls, mailComes, renamed: () => refreshWith() });
const door = new EmailDoor(by("email"), { calls, mailComes, logIn: (...how) => logIn("email", ...how) });

/** Whether this page is on its way in by itself: it begins by looking for the session of an earlier visit. */
let isEntering = true;
let isLoggedIn = false;

async function logIn(provider, credentials, options = {}) {
  isEntering = true;
  screen.say("");
  try {
    // By the link of a mail, somebody who is logged in can come to the form for it.
    if (login.session !== null) await logOut();
    // The queue comes first: in an empty one the turn comes at once.
    await login.authenticate(provider, credentials, { ...options, vars: look(), queueFirst: true });
    await enterArena();
  } finally {
    isEntering = false;
    if (login.session === null) screen.show(screen.door);
  }
}

/** Goes in, or shows the session without the arena and says why. */
async function enterArena() {
  try {
    await visit.enter();
  } catch (error) {
    if (login.session === null) throw error;
    visit.stayOutside(error);
    if (error.name !== "AbortError") screen.say(sayError(error));
  }
  screen.show("play");
}

async function logOut() {
  // A player's slot goes to the next in the queue once their sockets are closed.
  void visit.leave();
  await login.logout({ disconnectSockets: true });
}

async function refreshWith(vars) {
  await login.refresh(vars);
  visit.showChanges();
}

async function refresh() {
  rememberLook({ name: by("name").value.trim(), colour: by("colour").value });
  await refreshWith(look());
  by("news").textContent = "Refreshed: new tokens, new vars.";
}

async function disconnectMe() {
  const { data } = await client.http.post("/demo/disconnect-me");
  if (data.disconnected === 0) by("news").textContent = "There was no connection to close.";
}

/** Runs what a control does; while it runs, the control does nothing, and a failure is said in words. */
async function act(control, action) {
  if (control.disabled) return;
  control.disabled = true;
  screen.say("");
  by("news").textContent = "";
  try {
    await action();
  } catch (error) {
    if (error.name !== "AbortError") screen.say(sayError(error));
  } finally {
    control.disabled = false;
  }
}

/** Opens the forms for e-mail, or leaves them for where the player was before. */
function goTo(next) {
  screen.say("");
  if (next !== "email") door.clear();
  if (login.session === null) screen.door = next;
  screen.show(login.session !== null && next === "welcome" ? "play" : next);
}

function goHome() {
  screen.door = "welcome";
  door.clear();
}

async function confirmAddress(token) {
  try {
    await calls.post("/verify-email", { token });
    screen.tell("Your address is confirmed.");
    await own.lookAtAccount();
  } catch (error) {
    screen.say(sayLinkError(error));
  }
}

login.on("queue", (update) => {
  if (update.status === "admitted") queue.admit();
  if (update.status !== "waiting") return;
  screen.say("");
  screen.show("queue");
  queue.update(update);
});
login.on("stale", () => {
  if (screen.shows("queue")) queue.lost();
  else screen.say("The server does not answer. Still trying…");
});
login.on("idle", ({ secondsLeft, room }) => {
  if (visit.isIn(room)) idle.ask(secondsLeft);
});
login.on("session", (session, error) => {
  const wasLoggedIn = isLoggedIn;
  isLoggedIn = session !== null;
  if (session !== null) {
    panel.show(session);
    bag.show(session.loginData);
    own.show(session);
    if (!wasLoggedIn) goHome();
    // Logged in on another tab: in here too.
    if (!wasLoggedIn && !isEntering && !screen.shows("queue")) void act(by("guest"), enterArena);
    return;
  }
  own.clear();
  void visit.leave();
  screen.show(screen.door);
  if (error !== null) screen.say(visit.farewell || sayError(error));
});

by("guest").addEventListener("click", ({ currentTarget }) => act(currentTarget, () => logIn("anonymous", {})));
by("device").addEventListener("click", ({ currentTarget }) =>
  act(currentTarget, () => logIn("device", { id: deviceId() })),
);
by("by-email").addEventListener("click", () => goTo("email"));
by("email-back").addEventListener("click", () => goTo("welcome"));
by("leave-queue").addEventListener("click", () => login.leaveQueue());
by("call-me").addEventListener("change", ({ currentTarget }) => {
  caller.isWanted = currentTarget.checked;
  rememberWantsCall(caller.isWanted);
});
by("rejoin").addEventListener("click", ({ currentTarget }) => act(currentTarget, enterArena));
by("logout").addEventListener("click", ({ currentTarget }) => act(currentTarget, logOut));
by("disconnect").addEventListener("click", ({ currentTarget }) => act(currentTarget, disconnectMe));
by("refresh").addEventListener("submit", (event) => {
  event.preventDefault();
  void act(event.submitter ?? by("refresh").querySelector("button"), refresh);
});

// A page that goes away leaves the arena, so that a reload does not meet its own ghost.
addEventListener("pagehide", () => void visit.leave());
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

const { name = "", colour } = look();
by("name").value = name;
by("colour").value = colour;
by("call-me").checked = caller.isWanted = wantsCall();
void outbox.look();
try {
  if ((await login.restore()) === null) screen.show(screen.door);
  else await enterArena();
} catch (error) {
  screen.show(login.session === null ? screen.door : "play");
  screen.say(sayError(error));
}
isEntering = false;
onMailLink({
  "verify-email": (token) => void confirmAddress(token),
  "reset-password": (token) => {
    goTo("email");
    screen.door = "email";
    door.openReset(token);
  },
});
