// This page's visit to the arena: going in, losing the connection, coming back, leaving.
import { sayClosing, sayError } from "./words.js";

/** Closings that end the session as well, so that there is nothing to rejoin with. */
const endings = [4401, 4403, 4408, 4409];

export class Visit {
  #view;
  #join;
  #arena;
  #idle;
  #room = null;

  /** Why the server ended the session, where a closing of the arena said so. */
  farewell = "";

  constructor(view, { join, arena, idle }) {
    this.#view = view;
    this.#join = join;
    this.#arena = arena;
    this.#idle = idle;
  }

  async enter() {
    const room = await this.#join();
    this.#room = room;
    this.farewell = "";
    this.#arena.enter(room);
    room.onDrop(() => this.#showGone("The connection was lost. Coming back…"));
    room.onReconnect(() => this.#showGone(null));
    room.onLeave((code, reason) => {
      if (this.#room !== room) return;
      this.#forget();
      this.farewell = endings.includes(code) ? sayClosing(code, reason) : "";
      this.#showGone(sayClosing(code, reason), { mayRejoin: true });
    });
    this.#showGone(null);
  }

  /** Logged in, but not in the arena: that can be tried again. */
  stayOutside(error) {
    if (this.#room === null) this.#showGone(sayError(error), { mayRejoin: true });
  }

  async leave() {
    const room = this.#room;
    this.#forget();
    if (room?.connection.isOpen) await room.leave();
  }

  isIn(room) {
    return this.#room === room;
  }

  /** The session's vars or name are others now: everyone in the arena is shown them. */
  showChanges() {
    this.#room?.send("refreshed");
  }

  #forget() {
    this.#room = null;
    this.#arena.leave();
    this.#idle.stop();
  }

  #showGone(why, { mayRejoin = false } = {}) {
    this.#view.gone.hidden = why === null;
    this.#view.why.textContent = why ?? "";
    this.#view.rejoin.hidden = !mayRejoin;
  }
}
