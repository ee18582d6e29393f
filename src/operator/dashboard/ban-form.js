// The ban of a user: what is in force, banning until a moment or for ever, and lifting it again. Each can be taken back.
import { segment } from "./api.js";
import { ask } from "./confirm.js";
import { button, el, foreign } from "./dom.js";
import { sayMany, sayMoment } from "./durations.js";
import { quote } from "./setting-words.js";

const hourMs = 3_600_000;
const lengths = [
  ["ever", "for ever", null],
  ["1", "for 1 hour", hourMs],
  ["24", "for 24 hours", 24 * hourMs],
  ["168", "for 7 days", 168 * hourMs],
  ["date", "until a date…", null],
];

/** When a ban ends: null for never. `now` is the store's. */
export function untilOf(length, date, now) {
  if (length === "date") return new Date(date).getTime();
  const ms = lengths.find(([value]) => value === length)?.[2] ?? null;
  return ms === null ? null : now + ms;
}

export function sayBan(ban) {
  if (ban === null) return "Not banned.";
  return `Banned ${ban.until === null ? "for ever" : `until ${sayMoment(ban.until)}`}.`;
}

/**
 * What is in force and the buttons for it. `tools`: `api`, `live`, `changes`, and `changed(ban)`, which is told what is in force then.
 */
export function toBanPart(user, tools) {
  const { live } = tools;
  const { ban } = user;
  const slot = el("div", { class: "slot" });
  const locked = live.can("bans:write") ? {} : { disabled: true, title: "Your token lacks the scope bans:write" };
  const buttons = [
    button(ban === null ? "Ban…" : "Change the ban…", () => askBan(slot, user, tools), { class: "ban", ...locked }),
    ban === null ? null : button("Lift the ban…", () => askUnban(slot, user, tools), { class: "unban", ...locked }),
  ];
  return el(
    "div",
    { class: "ban-part" },
    el(
      "p",
      { class: ban === null ? "soft" : "banned" },
      sayBan(ban),
      ...(ban === null ? [] : [" Reason: ", foreign(ban.reason)]),
    ),
    el("div", { class: "buttons" }, ...buttons.filter((made) => made !== null)),
    slot,
  );
}

function askBan(slot, { userId, username }, tools) {
  const reason = el("input", { maxLength: 256, required: true, autocomplete: "off", dir: "auto" });
  const date = el("input", { type: "datetime-local", step: "60" });
  const dateField = el("label", { class: "field", hidden: true }, "Until (this device's time)", date);
  const length = el("select", {}, ...lengths.map(([value, words]) => new Option(words, value)));
  length.addEventListener("change", () => {
    dateField.hidden = length.value !== "date";
    date.required = length.value === "date";
  });
  ask(slot, {
    title: `Ban ${quote(username)}?`,
    words: [
      "All their sessions end, their connections are closed, and their place in the queue is lost, everywhere and at once.",
    ],
    fields: [
      el("label", { class: "field" }, "Reason, told to the player", reason),
      el("label", { class: "field" }, "How long", length),
      dateField,
    ],
    confirm: "Ban",
    isDanger: true,
    action: () =>
      ban(userId, { reason: reason.value.trim(), until: untilOf(length.value, date.value, tools.live.now) }, tools),
  });
}

function askUnban(slot, { userId, username }, tools) {
  ask(slot, {
    title: `Lift the ban of ${quote(username)}?`,
    words: ["The user may log in again. The sessions that the ban ended stay ended."],
    confirm: "Lift the ban",
    action: () => unban(userId, tools),
  });
}

async function ban(userId, wanted, tools) {
  const { api, changes, changed } = tools;
  const { ban: made, previous, socketsClosed } = await api.put(`bans/${segment(userId)}`, wanted);
  const change = changes.add({
    words: `Banned user ${userId.slice(0, 64)}${made.until === null ? " for ever" : ` until ${sayMoment(made.until)}`}`,
    takeBack: () => (previous === null ? unban(userId, tools) : ban(userId, previous, tools)),
  });
  changed(made, change, `${sayMany(socketsClosed, "connection")} closed.`);
  return change;
}

async function unban(userId, tools) {
  const { api, changes, changed } = tools;
  const { previous } = await api.delete(`bans/${segment(userId)}`);
  const change = changes.add({
    words: `Lifted the ban of user ${userId.slice(0, 64)}`,
    takeBack: () => ban(userId, previous, tools),
  });
  changed(null, change, "");
  return change;
}
