// The page: logs in, waits in the queue, plays, and says in words whatever goes wrong.
import { createLoginClient } from "/lib/colyseus-login/index.js";
import { Arena } from "./arena.js";
import { Caller } from "./caller.js";
import { IdleQuestion } from "./idle-question.js";
import { QueueView } from "./queue-view.js";
import { SessionPanel } from "./session-panel.js";
import { deviceId, look, rememberLook, rememberWantsCall, wantsCall } from "./storage.js";
import { sayClosing, sayError } from "./words.js";

const client = new globalThis.Colyseus.Client(location.origin);
const login = createLoginClient(client);

const by = (id) => document.getElementById(id);
const views = { welcome: by("welcome"), queue: by("queue"), play: by("play") };
const caller = new Caller();
const queue = new QueueView(
  {
    status: by("queue-status"),
    place: by("place"),
    length: by("queue-length"),
    progress: by("progress"),
    eta: by("eta"),
    mode: by("mode"),
    notice: by("notice"),
    link: by("link"),
    news: by("queue-news"),
  },
  caller,
);
const arena = new Arena({ players: by("players"), crowd: by("crowd"), pad: by("pad") });
// Any message says that somebody is there; this one changes nothing.
const idle = new IdleQuestion({ question: by("idle"), left: by("idle-left"), stay: by("stay") }, () => arena.stand());
const panel = new SessionPanel({ user: by("user"), vars: by("vars"), expires: by("expires") });

/** The arena's room while this page is in it. */
let room = null;
/** Why the server ended the session, where a closing of the arena said so. */
let farewell = "";
const endings = [4401, 4403, 4408, 4409];

async function logIn(provider, credentials) {
  // The queue comes first: in an empty one the turn comes at once.
  await login.authenticate(provider, credentials, { vars: look(), queueFirst: true });
  await enterArena();
}

async function enterArena() {
  const joined = await login.joinOrCreate("game");
  room = joined;
  farewell = "";
  arena.enter(joined);
  joined.onDrop(() => showGone("The connection was lost. Coming back…"));
  joined.onReconnect(() => showGone(null));
  joined.onLeave((code, reason) => {
    if (room !== joined) return;
    room = null;
    arena.leave();
    idle.stop();
    farewell = endings.includes(code) ? sayClosing(code, reason) : "";
    showGone(sayClosing(code, reason), { mayRejoin: true });
  });
  showGone(null);
  show("play");
}

async function leaveArena() {
  const left = room;
  room = null;
  arena.leave();
  idle.stop();
  if (left?.connection.isOpen) await left.leave();
}

async function logOut() {
  // A player's slot goes to the next in the queue once their sockets are closed.
  void leaveArena();
  await login.logout({ disconnectSockets: true });
}

async function refresh() {
  rememberLook({ name: by("name").value.trim(), colour: by("colour").value });
  await login.refresh(look());
  room?.send("refreshed");
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
  say("");
  by("news").textContent = "";
  try {
    await action();
  } catch (error) {
    queue.stop();
    if (login.session === null) show("welcome");
    else showSessionWithout(error);
    if (error.name !== "AbortError") say(sayError(error));
  } finally {
    control.disabled = false;
  }
}

/** Logged in, but not in the arena: that can be tried again. */
function showSessionWithout(error) {
  show("play");
  if (room === null) showGone(sayError(error), { mayRejoin: true });
}

function showGone(why, { mayRejoin = false } = {}) {
  by("gone").hidden = why === null;
  by("gone-why").textContent = why ?? "";
  by("rejoin").hidden = !mayRejoin;
}

function show(name) {
  if (!views[name].hidden) return;
  if (name !== "queue") queue.stop();
  const first = Object.values(views).every((view) => view.hidden);
  for (const [key, view] of Object.entries(views)) view.hidden = key !== name;
  // The page's first view leaves the focus where the browser put it; later ones take it along.
  if (!first) views[name].querySelector("h2").focus();
}

function say(problem) {
  by("problem").textContent = problem;
}

login.on("queue", (update) => {
  if (update.status === "admitted") queue.admit();
  if (update.status !== "waiting") return;
  say("");
  show("queue");
  queue.update(update);
});
login.on("stale", () => {
  if (views.queue.hidden) say("The server does not answer. Still trying…");
  else queue.lost();
});
login.on("idle", ({ secondsLeft, room: asking }) => {
  if (asking === room) idle.ask(secondsLeft);
});
login.on("session", (session, error) => {
  if (session !== null) {
    panel.show(session);
    const isBusy = by("guest").disabled || by("device").disabled;
    // Logged in on another tab: in here too.
    if (!views.welcome.hidden && !isBusy) void act(by("guest"), enterArena);
    return;
  }
  void leaveArena();
  show("welcome");
  if (error !== null) say(farewell || sayError(error));
});

by("guest").addEventListener("click", ({ currentTarget }) => act(currentTarget, () => logIn("anonymous", {})));
by("device").addEventListener("click", ({ currentTarget }) =>
  act(currentTarget, () => logIn("device", { id: deviceId() })),
);
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
addEventListener("pagehide", () => void leaveArena());
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

const { name = "", colour } = look();
by("name").value = name;
by("colour").value = colour;
by("call-me").checked = caller.isWanted = wantsCall();
try {
  if ((await login.restore()) === null) show("welcome");
  else await enterArena();
} catch (error) {
  if (login.session === null) show("welcome");
  else showSessionWithout(error);
  say(sayError(error));
}
