// The queue as the player sees it: a place, progress that never goes back, and an estimate that counts down by itself.

/** A new estimate moves the shown one only when they differ by this much, or by a quarter of what is left. */
const toleranceMs = 4_000;
const newsEveryMs = 6_000;
/** The server says something every few seconds; after so long the link is dead, and the helper connects again. */
const quietMs = 12_000;

export class QueueView {
  #view;
  #startedAt = 0;
  #firstPosition = 0;
  #finishAt = null;
  #newsAt = 0;
  #heardAt = 0;
  #place = null;
  #timer;

  constructor(view) {
    this.#view = view;
  }

  /** Shows what the server said of the place; between two calls the view goes on by itself. */
  update(place) {
    const now = Date.now();
    if (this.#timer === undefined) {
      this.#startedAt = now;
      this.#firstPosition = place.position;
      this.#view.progress.value = 0;
      this.#timer = setInterval(() => this.#tick(), 250);
    }
    this.#heardAt = now;
    this.#place = place;
    this.#correct(place.etaMs, now);
    this.#view.place.textContent = place.position;
    this.#view.length.textContent = `of ${Math.max(place.queueLength, place.position)} in the queue`;
    this.#view.notice.hidden = place.notice === "";
    this.#view.notice.textContent = place.notice;
    this.#tick();
    if (now - this.#newsAt >= newsEveryMs) {
      this.#newsAt = now;
      this.#view.news.textContent = `Your place is ${place.position}. ${this.#view.eta.textContent}`;
    }
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#finishAt = null;
    this.#newsAt = 0;
    this.#view.news.textContent = "";
  }

  #correct(etaMs, now) {
    if (etaMs < 0) {
      this.#finishAt = null;
      return;
    }
    const finishAt = now + etaMs;
    const left = this.#finishAt === null ? 0 : Math.max(0, this.#finishAt - now);
    if (this.#finishAt === null || Math.abs(finishAt - this.#finishAt) > Math.max(toleranceMs, left / 4))
      this.#finishAt = finishAt;
  }

  #tick() {
    const { progress, eta } = this.#view;
    const now = Date.now();
    const left = this.#finishAt === null ? null : Math.max(0, this.#finishAt - now);
    const byPlace = 1 - this.#place.position / Math.max(1, this.#firstPosition);
    const byTime = left === null ? 0 : (now - this.#startedAt) / (now - this.#startedAt + left + 1);
    progress.value = Math.max(progress.value, Math.min(0.97, left === null ? byPlace : byTime));
    const quiet = now - this.#heardAt > quietMs;
    eta.textContent = quiet ? "The connection was lost. Coming back to your place…" : sayWait(left, this.#place.mode);
  }
}

function sayWait(leftMs, mode) {
  if (mode === "paused") return "The queue is paused for now. Your place is safe.";
  if (mode === "closed") return "Nobody is let in for now. Your place is safe.";
  if (leftMs === null) return "We cannot say yet how long it takes.";
  const seconds = Math.ceil(leftMs / 1_000);
  if (seconds <= 2) return "Any moment now";
  if (seconds < 100) return `About ${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `About ${minutes} minutes` : `About ${Math.ceil(minutes / 60)} hours`;
}
