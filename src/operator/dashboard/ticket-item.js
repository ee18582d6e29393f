// One ticket in the list: where it stands, whose it is, and what may be done to it.

import { segment } from "./api.js";
import { ask } from "./confirm.js";
import { button, el, foreign } from "./dom.js";
import { announceIn } from "./done.js";
import { sayAgo, sayCount, sayMoment, saySpan } from "./durations.js";

/** `actions`: `call(path, body)`, `mayWrite`, `showUser(userId)`, `now` by the store's clock. */
export function toTicketItem(ticket, actions) {
  const item = el("li", { class: "item", tabIndex: -1, "data-ticket": ticket.id });
  const slot = el("div", { class: "slot" });
  item.append(toTitle(ticket), toFacts(ticket, actions.now), toButtons(ticket, item, slot, actions), slot);
  return item;
}

function toTitle({ status, position, lane, isPresent, username, userId }) {
  const place = status === "waiting" ? `Place ${sayCount(position)}` : "Admitted";
  return el(
    "p",
    { class: "item-title" },
    el("strong", {}, place),
    el("span", { class: "badge" }, "lane ", foreign(lane)),
    status === "waiting"
      ? el("span", { class: `badge ${isPresent ? "" : "warn"}` }, isPresent ? "here" : "away")
      : null,
    el(
      "span",
      { class: "item-name" },
      username === null ? (userId === null ? "not logged in before" : "") : foreign(username),
    ),
  );
}

function toFacts({ id, status, userId, enqueuedAt, etaMs, admittedAt, passExpiresAt }, now) {
  const facts = [
    ["Waits since", `${sayMoment(enqueuedAt)}, ${sayAgo(now - enqueuedAt)}`],
    ...(status === "waiting" ? [["Left to wait", etaMs < 0 ? "not known" : `about ${saySpan(etaMs / 1_000)}`]] : []),
    ...(admittedAt === null ? [] : [["Admitted", sayMoment(admittedAt)]]),
    ...(passExpiresAt === null ? [] : [["Pass ends", sayMoment(passExpiresAt)]]),
    ["Ticket", foreign(id)],
    ...(userId === null ? [] : [["User", foreign(userId)]]),
  ];
  return el(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function toButtons({ id, status, position, userId }, item, slot, { call, mayWrite, showUser }) {
  const path = `tickets/${segment(id)}`;
  const finish = (words) => announceIn(item, words);
  const admit = () =>
    ask(slot, {
      title: "Admit this ticket now?",
      words: ["It goes ahead of the line, of the rate and of a mode that admits nobody; not beyond the limit."],
      confirm: "Admit now",
      action: async () => {
        await call(`${path}/admit`);
        finish("Admitted.");
      },
    });
  const move = () => {
    const place = el("input", {
      type: "number",
      min: "1",
      step: "1",
      max: "1000000000",
      required: true,
      inputMode: "numeric",
    });
    ask(slot, {
      title: "Move this ticket?",
      words: [
        `It was at place ${sayCount(position)} when this list was read. 1 is next. Nobody else's place gets higher than it was shown.`,
      ],
      fields: [el("label", { class: "field" }, "To place", place)],
      confirm: "Move",
      action: async () => {
        const moved = await call(`${path}/move`, { position: Number(place.value) });
        finish(`Moved to place ${sayCount(moved.position)}.`);
      },
    });
  };
  const remove = () => {
    const reason = el("input", { maxLength: 500, required: true, autocomplete: "off", dir: "auto" });
    ask(slot, {
      title: "Remove this ticket?",
      words: ["The player loses the place and reads your reason. They may queue again, at the end."],
      fields: [el("label", { class: "field" }, "Reason, told to the player", reason)],
      confirm: "Remove",
      isDanger: true,
      action: async () => {
        await call(`${path}/remove`, { reason: reason.value.trim() });
        finish("Removed.");
      },
    });
  };
  const locked = mayWrite ? {} : { disabled: true, title: "Your token lacks the scope tickets:write" };
  return el(
    "div",
    { class: "buttons item-buttons" },
    ...(status === "waiting" ? [button("Admit now…", admit, locked), button("Move to…", move, locked)] : []),
    button("Remove…", remove, locked),
    userId === null
      ? null
      : button("Sessions", () => showUser(userId), { "aria-label": `Sessions of ${userId.slice(0, 80)}` }),
  );
}
