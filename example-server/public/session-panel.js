// The session as its owner sees it: who, which vars, and how long it still lasts.

export class SessionPanel {
  #view;
  #session = null;

  constructor(view) {
    this.#view = view;
    setInterval(() => this.#tick(), 500);
  }

  show(session) {
    this.#session = session;
    this.#view.user.textContent = session.username;
    this.#view.user.title = session.userId;
    const vars = Object.entries(session.vars).map(([key, value]) => {
      const chip = document.createElement("span");
      chip.textContent = `${key}: ${value}`;
      return chip;
    });
    this.#view.vars.replaceChildren(...(vars.length === 0 ? ["none"] : vars));
    this.#tick();
  }

  #tick() {
    if (this.#session === null) return;
    const text = sayDuration(this.#session.expiresIn());
    if (this.#view.expires.textContent !== text) this.#view.expires.textContent = text;
  }
}

function sayDuration(ms) {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
