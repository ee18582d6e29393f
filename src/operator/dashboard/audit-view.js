// The audit list: who did what, newest first, page after page.
import { isLook, sayAction, sayBeforeAfter, sayOutcome } from "./audit-words.js";
import { by, el, foreign, setHidden, setText, whileBusy } from "./dom.js";
import { sayMany, sayMoment } from "./durations.js";
import { sayError } from "./error-words.js";

const pageLength = 50;

export class AuditView {
  #api;
  #live;
  #list = by("audit-list");
  #next = null;

  constructor(api, live) {
    this.#api = api;
    this.#live = live;
    const [again, more] = [by("audit-again"), by("audit-more")];
    again.addEventListener("click", () => whileBusy(again, () => this.#look()));
    more.addEventListener("click", () => whileBusy(more, () => this.#more()));
  }

  /** The page is shown: what happened meanwhile is in the list. */
  open() {
    if (this.#live.status === null) return;
    if (this.#live.can("events:read")) void this.#look();
    else this.#say("Your token lacks the scope events:read.", { isBad: true });
  }

  clear() {
    this.#list.replaceChildren();
    setHidden(by("audit-more"), true);
    this.#say("");
  }

  async #look() {
    const found = await this.#load(null);
    if (found !== null) this.#list.replaceChildren(...found.map(toItem));
    this.#sayCount(found);
  }

  async #more() {
    const found = await this.#load(this.#next);
    if (found === null) return;
    const items = found.map(toItem);
    this.#list.append(...items);
    items[0]?.focus();
    this.#sayCount(found);
  }

  async #load(before) {
    try {
      const { events, next = null } = await this.#api.get("events", { before, limit: pageLength });
      this.#next = next;
      setHidden(by("audit-more"), next === null);
      return events;
    } catch (error) {
      this.#say(sayError(error), { isBad: true });
      return null;
    }
  }

  #sayCount(found) {
    if (found === null) return;
    const count = this.#list.children.length;
    this.#say(
      count === 0
        ? "Nobody has done anything yet."
        : `${sayMany(count, "entry", "entries")}${this.#next === null ? "" : ", and older ones"}, as of ${sayMoment(this.#live.now)}.`,
    );
  }

  #say(words, { isBad = false } = {}) {
    by("audit-answer").classList.toggle("bad", isBad);
    setText(by("audit-answer"), words);
  }
}

function toItem({ at, actor, action, target, outcome, reason, before, after }) {
  const changes = sayBeforeAfter({ before, after, reason });
  return el(
    "li",
    { class: `item ${isLook(action) ? "look" : ""}`, tabIndex: -1 },
    el(
      "p",
      { class: "item-title" },
      el("strong", {}, sayAction(action)),
      el("span", { class: `badge ${outcome === "done" ? "" : "warn"}` }, sayOutcome(outcome)),
      el("time", { class: "item-name", dateTime: new Date(at).toISOString() }, sayMoment(at)),
    ),
    el(
      "p",
      { class: "small" },
      "by ",
      foreign(actor.name),
      ` (${actor.kind}, token ${actor.tokenId.slice(0, 8)})`,
      ...(target === null ? [] : [" · to ", foreign(target)]),
    ),
    reason === null || reason === "" ? null : el("p", {}, "“", foreign(reason), "”"),
    changes.length === 0
      ? null
      : el("ul", { class: "diff small" }, ...changes.map((line) => el("li", {}, foreign(line)))),
  );
}
