// "Are you still there?": asked when the server is about to give an idle player's place away. Any touch of the page answers.

/** How long after the end the server may take to close the connection. */
const patienceMs = 3_000;

export class IdleQuestion {
  #view;
  #answer;
  #endsAt = 0;
  #timer;

  /** `answer` tells the server that the player is there. */
  constructor(view, answer) {
    this.#view = view;
    this.#answer = answer;
    for (const type of ["keydown", "pointerdown"]) addEventListener(type, () => this.#stay());
    view.stay.addEventListener("click", () => this.#stay());
  }

  ask(secondsLeft) {
    this.#endsAt = Date.now() + secondsLeft * 1_000;
    this.#view.question.hidden = false;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#view.question.hidden = true;
  }

  #stay() {
    if (this.#view.question.hidden) return;
    this.stop();
    this.#answer();
  }

  #tick() {
    const seconds = Math.max(0, Math.ceil((this.#endsAt - Date.now()) / 1_000));
    // Still here: by then nobody waits any more.
    if (Date.now() > this.#endsAt + patienceMs) this.stop();
    this.#view.left.textContent = `Others are waiting. Your place is given away in ${seconds} seconds.`;
  }
}
