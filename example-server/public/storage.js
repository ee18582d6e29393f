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

// A browser may forbid the storage, or it may be full: then this page remembers as long as it is open.
const unwritten = new Map();

function read(key) {
  try {
    return unwritten.get(key) ?? JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    unwritten.set(key, value);
  }
}
