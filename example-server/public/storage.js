// What this browser remembers besides the session: which device it is, and how its player looks.

const colours = ["#5b5bd6", "#e0568f", "#d97706", "#2fa37a", "#3b8fe0", "#a855f7", "#e5484d", "#0d9488"];

/** The id this device logs in with, made once. Whoever has it is this player: it is a secret of this browser. */
export function deviceId() {
  let id = read("arena:device");
  if (id === null) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    write("arena:device", id);
  }
  return id;
}

/** The vars this player logs in with: a colour, and a name where they chose one. */
export function look() {
  const saved = read("arena:look");
  if (saved !== null) return saved;
  return rememberLook({ name: "", colour: colours[Math.floor(Math.random() * colours.length)] });
}

export function rememberLook({ name, colour }) {
  const vars = name === "" ? { colour } : { name, colour };
  write("arena:look", vars);
  return vars;
}

/** Whether this player wants to be called when it is their turn. */
export function wantsCall() {
  return read("arena:call") === true;
}

export function rememberWantsCall(wants) {
  write("arena:call", wants);
}

/** How far the progress bar of this wait had come before the page was loaded again. A worse place is another wait. */
export function progressAt(position) {
  const saved = read("arena:progress", "sessionStorage");
  return saved !== null && position <= saved.position ? saved.progress : 0;
}

export function rememberProgress(position, progress) {
  write("arena:progress", { position, progress }, "sessionStorage");
}

export function forgetProgress() {
  write("arena:progress", null, "sessionStorage");
}

// A browser may forbid the storage, or it may be full: then this page remembers as long as it is open.
const unwritten = new Map();

function read(key, storage = "localStorage") {
  try {
    return unwritten.get(key) ?? JSON.parse(globalThis[storage].getItem(key));
  } catch {
    return null;
  }
}

function write(key, value, storage = "localStorage") {
  try {
    globalThis[storage].setItem(key, JSON.stringify(value));
  } catch {
    unwritten.set(key, value);
  }
}
