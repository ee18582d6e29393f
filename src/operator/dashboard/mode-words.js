// What the modes of the queue and of access are called, and what each does to the players.

/** By mode of the queue: its name, and what holds while it is in force. */
export const queueModes = {
  auto: {
    name: "Automatic",
    meaning: "Whoever comes while nobody waits and there is room goes straight in; everybody else queues.",
  },
  always: {
    name: "Everyone queues",
    meaning: "Even while there is room, everybody goes through the queue, at the rate and below the limit.",
  },
  paused: {
    name: "Paused",
    meaning: "Nobody is admitted. New players may still queue, places are kept, and who plays goes on playing.",
  },
  closed: {
    name: "Closed",
    meaning: "Only players whom the access rules name may queue and are admitted. Places of the others are kept.",
  },
  open: {
    name: "Open",
    meaning: "Everybody is admitted at once. The rate and the limit hold nobody back; slots are only counted.",
  },
};

export function sayModeName(mode) {
  return Object.hasOwn(queueModes, mode) ? queueModes[mode].name : String(mode);
}

/** What changing the mode will do. `waiting`: tickets that wait. */
export function sayModeChange(from, to, waiting) {
  if (from === to) return "This is the mode in force.";
  const meaning = Object.hasOwn(queueModes, to) ? queueModes[to].meaning : "";
  return `${meaning}${sayConsequence(from, to, waiting)}`;
}

/** What changes for those who wait at this moment. */
function sayConsequence(from, to, waiting) {
  if (!(waiting > 0)) return "";
  const all = waiting === 1 ? "The one who waits" : `All ${waiting.toLocaleString("en")} who wait`;
  if (to === "open") return ` ${all} will be let in at once, whatever the server can carry.`;
  if (to === "paused") return ` ${all} will stand still until the mode is changed again.`;
  const stoodStill = from === "paused" || from === "closed";
  return stoodStill && to !== "closed" ? ` ${all} will move on, front first.` : "";
}

/** What is in force for players who come now. */
export function sayAccess({ modeNow, mode, allow, opensAt, closesAt }, sayMoment) {
  const now =
    modeNow === "open"
      ? "Open to everybody."
      : `Limited: ${sayWho(allow)} may come in. Players who are in already stay until their next refresh.`;
  const later = [
    ["opens to everybody", opensAt],
    ["becomes limited", closesAt],
  ]
    .filter(([, at]) => Number.isFinite(at))
    .map(([words, at]) => `It ${words} at ${sayMoment(at)}.`);
  const differs = modeNow === mode ? [] : [`(Set to ${mode}; a moment that was set has come.)`];
  return [now, ...later, ...differs].join(" ");
}

/** Whom an allowance lets in: `only 3 users`, or `nobody`. */
export function sayWho(allow) {
  const named = sayAllowed(allow);
  return named === "nobody" ? named : `only ${named}`;
}

/** Whom an allowance names, counted. */
export function sayAllowed({ userIds = [], groups = [], rule = null, notListed = 0 } = {}) {
  const parts = [
    userIds.length > 0 ? `${userIds.length.toLocaleString("en")} ${userIds.length === 1 ? "user" : "users"}` : "",
    groups.length > 0 ? `the ${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")}` : "",
    notListed > 0 ? `${notListed.toLocaleString("en")} more` : "",
    rule === null || rule === "" ? "" : `whom the rule ${rule} lets in`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nobody" : parts.join(" and ");
}
