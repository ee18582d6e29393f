// The sessions of a user: found by name or id, with the user's ban above them.
import { toBanPart } from "./ban-form.js";
import { by, el, foreign, onSubmit, setHidden, setText, whileBusy } from "./dom.js";
import { sayMany, sayMoment } from "./durations.js";
import { sayError } from "./error-words.js";
import { toSessionItem } from "./session-item.js";

export class SessionsView {
  #api;
  #live;
  #changes;
  #list = by("sessions-list");
  #query = {};
  #next = null;
  #user = null;

  constructor(api, live, changes) {
    this.#api = api;
    this.#live = live;
    this.#changes = changes;
    onSubmit(by("sessions-form"), () => this.#search());
    const more = by("sessions-more");
    more.addEventListener("click", () => whileBusy(more, () => this.#load(this.#next)));
  }

  open() {
    if (this.#live.status === null || this.#live.can("sessions:read")) return;
    this.#say("Your token lacks the scope sessions:read.", { isBad: true });
  }

  /** Looks a user up who was met elsewhere. */
  showUser(userId) {
    by("sessions-by").value = "userId";
    by("sessions-q").value = userId;
    return this.#search();
  }

  clear() {
    this.#list.replaceChildren();
    by("sessions-q").value = "";
    by("user").replaceChildren();
    setHidden(by("user"), true);
    setHidden(by("sessions-more"), true);
    this.#say("");
  }

  async #search() {
    const q = by("sessions-q").value.trim();
    if (q === "") {
      this.#say("Enter a name or an id.", { isBad: true });
      return by("sessions-q").focus();
    }
    this.#query = { [by("sessions-by").value]: q };
    this.#list.replaceChildren();
    setHidden(by("user"), true);
    setHidden(by("sessions-more"), true);
    await this.#load(null);
  }

  async #load(from) {
    const query = this.#query;
    this.#say("Reading…");
    try {
      const { user, sessions, next = null } = await this.#api.get("sessions", { ...query, from });
      if (query !== this.#query) return;
      this.#user = user;
      this.#renderUser();
      const actions = {
        call: (path, body) => this.#api.post(path, body),
        mayWrite: this.#live.can("sessions:write"),
        now: this.#live.now,
      };
      this.#list.append(...sessions.map((session) => toSessionItem(session, actions)));
      this.#next = next;
      setHidden(by("sessions-more"), next === null);
      const count = this.#list.children.length;
      this.#say(
        count === 0
          ? "This user has no live session."
          : `${sayMany(count, "session")}${next === null ? "" : ", and more"}, as of ${sayMoment(this.#live.now)}.`,
      );
    } catch (error) {
      if (query !== this.#query) return;
      this.#say(error?.code === "NOT_FOUND" ? "No user and no session is known by that." : sayError(error), {
        isBad: true,
      });
    }
  }

  #renderUser() {
    const { userId, username, groups } = this.#user;
    const answer = el("div", { class: "user-answer" });
    const changed = (inForce, change, more) => {
      if (this.#user?.userId !== userId) return;
      this.#user = { ...this.#user, ban: inForce };
      if (inForce !== null) this.#endAll();
      this.#renderUser();
      const line = this.#changes.showIn(by("user").querySelector(".user-answer"), change, more);
      // The question that led here closes first, and would take the focus along.
      setTimeout(() => line.focus());
    };
    by("user").replaceChildren(
      el("h3", {}, foreign(username)),
      el(
        "dl",
        { class: "facts" },
        el("div", {}, el("dt", {}, "User id"), el("dd", {}, foreign(userId))),
        el("div", {}, el("dt", {}, "Groups"), el("dd", {}, groups.length === 0 ? "none" : foreign(groups.join(", ")))),
      ),
      toBanPart(this.#user, { api: this.#api, live: this.#live, changes: this.#changes, changed }),
      answer,
    );
    setHidden(by("user"), false);
  }

  /** A ban has ended all that the list shows. */
  #endAll() {
    this.#list.replaceChildren();
    setHidden(by("sessions-more"), true);
    this.#say("All sessions of this user have ended.");
  }

  #say(words, { isBad = false } = {}) {
    by("sessions-answer").classList.toggle("bad", isBad);
    setText(by("sessions-answer"), words);
  }
}
