// Where the player is logged in: every session of theirs, and the end of all but this one.
import { sayAccountError, sayAgent, saySeen } from "./account-words.js";

export class SessionsPanel {
  #view;
  #calls;

  constructor(view, calls) {
    this.#view = view;
    this.#calls = calls;
    view.again.addEventListener("click", () => this.#act(view.again, () => this.look()));
    view.others.addEventListener("click", () => this.#act(view.others, () => this.#logOutOthers()));
  }

  /** Asks the server for the list. */
  async look() {
    const { sessions } = await this.#calls.get("/sessions");
    this.#view.list.replaceChildren(...sessions.toSorted(byUse).map(toEntry));
    this.#view.others.hidden = sessions.length < 2;
  }

  clear() {
    this.#view.list.replaceChildren();
    this.#say("");
  }

  async #logOutOthers() {
    await this.#calls.post("/logout", { others: true, disconnectSockets: true });
    await this.look();
    this.#say("All others are logged out.");
  }

  async #act(button, action) {
    if (button.disabled) return;
    button.disabled = true;
    this.#say("");
    try {
      await action();
    } catch (error) {
      this.#say(sayAccountError(error), { isBad: true });
    } finally {
      button.disabled = false;
    }
  }

  #say(words, { isBad = false } = {}) {
    this.#view.answer.classList.toggle("bad", isBad);
    this.#view.answer.textContent = words;
  }
}

/** This one first, then the one in use last. */
function byUse(one, other) {
  return Number(other.current) - Number(one.current) || other.lastSeenAt - one.lastSeenAt;
}

function toEntry({ agent, address, createdAt, lastSeenAt, current }) {
  const entry = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = sayAgent(agent);
  title.title = agent ?? "";
  entry.append(title);
  if (current) {
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.textContent = "this one";
    entry.append(" ", badge);
  }
  const made = document.createElement("time");
  made.dateTime = new Date(createdAt).toISOString();
  made.textContent = new Date(createdAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const more = document.createElement("p");
  more.className = "small soft";
  more.append(`${address ?? "address unknown"} · since `, made, ` · ${saySeen(Date.now() - lastSeenAt)}`);
  entry.append(more);
  return entry;
}
