// One session in the list: from where it came, when it was in use, and how it can be cut off or ended.
import { segment } from "./api.js";
import { ask } from "./confirm.js";
import { button, el, foreign } from "./dom.js";
import { announceIn } from "./done.js";
import { sayAgo, sayMany, sayMoment } from "./durations.js";

const endings = {
  logout: "logged out",
  expired: "ran out",
  reuse: "ended because its refresh token was used twice: it may have been stolen",
  banned: "ended by a ban",
  replaced: "replaced by a newer login",
};

/** How a session ended, or that it lives. */
export function sayEnded(ended) {
  if (ended === null || ended === undefined) return "live";
  return `${Object.hasOwn(endings, ended.reason) ? endings[ended.reason] : ended.reason}, ${sayMoment(ended.at)}`;
}

/** `actions`: `call(path, body)`, `mayWrite`, `now` by the store's clock. */
export function toSessionItem(session, actions) {
  const item = el("li", { class: "item", tabIndex: -1, "data-sid": session.sid });
  const slot = el("div", { class: "slot" });
  item.append(toTitle(session), toFacts(session, actions.now), toButtons(session, item, slot, actions), slot);
  return item;
}

function toTitle({ username, kind, ended, agent }) {
  return el(
    "p",
    { class: "item-title" },
    el("strong", {}, foreign(username)),
    el("span", { class: "badge" }, kind),
    el("span", { class: `badge ${ended === null ? "" : "warn"}` }, sayEnded(ended)),
    el("span", { class: "item-name" }, foreign(agent ?? "unknown program", 120)),
  );
}

function toFacts({ sid, address, createdAt, lastSeenAt, expiresAt, groups, vars }, now) {
  const pairs = Object.entries(vars ?? {});
  const facts = [
    ["Address", foreign(address ?? "not known")],
    ["Made", sayMoment(createdAt)],
    ["Last seen", `${sayMoment(lastSeenAt)}, ${sayAgo(now - lastSeenAt)}`],
    ["Token ends", sayMoment(expiresAt)],
    ...(groups.length === 0 ? [] : [["Groups", foreign(groups.join(", "))]]),
    ...(pairs.length === 0 ? [] : [["Vars", foreign(pairs.map(([name, value]) => `${name}: ${value}`).join(", "))]]),
    ["Session", foreign(sid)],
  ];
  return el(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function toButtons({ sid, ended }, item, slot, { call, mayWrite }) {
  const path = `sessions/${segment(sid)}`;
  const toReason = () => el("input", { maxLength: 256, autocomplete: "off", dir: "auto" });
  const given = (reason) => (reason.value.trim() === "" ? {} : { reason: reason.value.trim() });
  const disconnect = () => {
    const reason = toReason();
    ask(slot, {
      title: "Disconnect this session?",
      words: [
        "All its connections are closed, on every process, and its slot is given up. Its tokens stay good: the player can come back, through the queue if there is a line.",
      ],
      fields: [el("label", { class: "field" }, "Reason, told to the player (may be empty)", reason)],
      confirm: "Disconnect",
      action: async () => {
        const { socketsClosed } = await call(`${path}/disconnect`, given(reason));
        announceIn(item, `Disconnected: ${sayMany(socketsClosed, "connection")} closed.`, { keepsButtons: true });
      },
    });
  };
  const logOut = () => {
    const reason = toReason();
    const sockets = el("input", { type: "checkbox", checked: true });
    ask(slot, {
      title: "Log this session out?",
      words: ["Its tokens die at once, everywhere. The player has to log in again, and to queue if there is a line."],
      fields: [
        el("label", { class: "field" }, "Reason, told to the player (may be empty)", reason),
        el("label", { class: "choice" }, sockets, " Close its connections too"),
      ],
      confirm: "Log out",
      isDanger: true,
      action: async () => {
        const answer = await call(`${path}/logout`, { ...given(reason), disconnectSockets: sockets.checked });
        announceIn(item, answer.ended ? "Logged out." : "It had ended before.");
      },
    });
  };
  const locked = mayWrite ? {} : { disabled: true, title: "Your token lacks the scope sessions:write" };
  return el(
    "div",
    { class: "buttons item-buttons" },
    button("Disconnect…", disconnect, locked),
    ended === null ? button("Log out…", logOut, locked) : null,
  );
}
