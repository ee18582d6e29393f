// The tickets: by lane and status page after page, or those of one id.
import { by, onSubmit, setHidden, setText, whileBusy } from "./dom.js";
import { sayMany, sayMoment } from "./durations.js";
import { sayError } from "./error-words.js";
import { toTicketItem } from "./ticket-item.js";

export class TicketsView {
  #api;
  #live;
  #showUser;
  #list = by("tickets-list");
  /** What the list shows, and where its next page begins. */
  #query = {};
  #next = null;

  constructor(api, live, showUser) {
    this.#api = api;
    this.#live = live;
    this.#showUser = showUser;
    onSubmit(by("tickets-list-form"), () =>
      this.#look({ status: by("tickets-status").value, lane: by("tickets-lane").value }),
    );
    onSubmit(by("tickets-search-form"), () => this.#search());
    const more = by("tickets-more");
    more.addEventListener("click", () => whileBusy(more, () => this.#more()));
  }

  /** The page is shown: the first time, with the front of the queue. */
  open() {
    const status = this.#live.status;
    if (status === null) return;
    if (status.queue === null) return this.#say("This server has no login queue, and so no tickets.");
    this.#showLanes(Object.keys(status.queue.lanes));
    if (!this.#live.can("tickets:read")) return this.#say("Your token lacks the scope tickets:read.", { isBad: true });
    if (this.#list.children.length === 0 && by("tickets-q").value === "") {
      void this.#look({ status: by("tickets-status").value, lane: by("tickets-lane").value });
    }
  }

  clear() {
    this.#list.replaceChildren();
    by("tickets-q").value = "";
    this.#say("");
    setHidden(by("tickets-more"), true);
  }

  #showLanes(names) {
    const select = by("tickets-lane");
    const shown = [...select.options].map(({ value }) => value);
    const wanted = ["", ...names];
    if (shown.join("\n") === wanted.join("\n")) return;
    const chosen = select.value;
    select.replaceChildren(...wanted.map((name) => new Option(name === "" ? "all lanes" : name, name)));
    select.value = wanted.includes(chosen) ? chosen : "";
  }

  #search() {
    const q = by("tickets-q").value.trim();
    if (q !== "") return this.#look({ q });
    this.#say("Enter the id of a ticket or of a user.", { isBad: true });
    by("tickets-q").focus();
  }

  async #look(query) {
    this.#query = query;
    this.#list.replaceChildren();
    await this.#load(null);
  }

  async #more() {
    const before = this.#list.children.length;
    await this.#load(this.#next);
    this.#list.children[before]?.focus();
  }

  async #load(after) {
    const query = this.#query;
    this.#say("Reading…");
    try {
      const { tickets, next = null } = await this.#api.get("tickets", { ...query, after });
      if (query !== this.#query) return;
      const actions = {
        call: (path, body) => this.#api.post(path, body),
        mayWrite: this.#live.can("tickets:write"),
        showUser: this.#showUser,
        now: this.#live.now,
      };
      this.#list.append(...tickets.map((ticket) => toTicketItem(ticket, actions)));
      this.#next = next;
      setHidden(by("tickets-more"), next === null);
      this.#say(sayFound(query, this.#list.children.length, next !== null, sayMoment(this.#live.now)));
    } catch (error) {
      if (query === this.#query) this.#say(sayError(error), { isBad: true });
    }
  }

  #say(words, { isBad = false } = {}) {
    by("tickets-answer").classList.toggle("bad", isBad);
    setText(by("tickets-answer"), words);
  }
}

/** What a search found, and when: the line moves on while the list stands still. */
export function sayFound({ q, status }, count, hasMore, moment) {
  if (count > 0) return `${sayMany(count, "ticket")}${hasMore ? ", and more" : ""}, as of ${moment}.`;
  if (q !== undefined)
    return "No ticket has this id, and nobody of this id waits. It may have been admitted, left or lapsed.";
  return `${status === "waiting" ? "Nobody waits here" : "Nobody holds an unused pass here"}, as of ${moment}.`;
}
