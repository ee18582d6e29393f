// The two panels of what is the player's own and asked for by calls: the account, and the list of their sessions.
import { AccountPanel } from "./account-panel.js";
import { SessionsPanel } from "./sessions-panel.js";

export class OwnPanels {
  #account;
  #sessions;
  #sid = "";

  constructor(by, { calls, mailComes, renamed }) {
    this.#sessions = new SessionsPanel(
      { list: by("session-list"), again: by("look-again"), others: by("logout-others"), answer: by("sessions-answer") },
      calls,
    );
    this.#account = new AccountPanel(
      {
        rename: by("rename"),
        addEmail: by("add-email"),
        changePassword: by("change-password"),
        confirmed: by("confirmed"),
      },
      { calls, mailComes, renamed, othersLeft: () => this.#sessions.look().catch(() => {}) },
    );
  }

  /** A session that was refreshed is the same one, and asks nothing anew. */
  show(session) {
    void this.#account.show(session);
    if (session.sid === this.#sid) return;
    this.#sid = session.sid;
    this.#sessions.look().catch(() => {});
  }

  lookAtAccount() {
    return this.#account.look();
  }

  clear() {
    this.#sid = "";
    this.#account.clear();
    this.#sessions.clear();
  }
}
