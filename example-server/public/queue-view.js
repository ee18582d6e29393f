// The queue as the player sees it: a place, a countdown, and whatever else there is to know while they wait.
import { createCountdown } from "/lib/colyseus-login/index.js";
import { forgetProgress, progressAt, rememberProgress } from "./storage.js";
import { sayMode, sayPlace, sayWait } from "./words.js";

const ticksPerSecond = 4;
/** What is read out to those who do not see the page: no more often than this, and only what matters. */
const newsEveryMs = 10_000;
const nearPlace = 3;
const nearMs = 15_000;

export class QueueView {
  #view;
  #caller;
  #countdown = null;
  #place = null;
  #timer;
  #isLost = false;
  #isNear = false;
  /** The place and the moment of the last reading out. */
  #told = { place: 0, at: 0 };

  /** `caller` shows the place in the title, and calls a player who looks elsewhere. */
  constructor(view, caller) {
    this.#view = view;
    this.#caller = caller;
    addEventListener("pagehide", () => {
      if (this.#place !== null) rememberProgress(this.#place.position, this.#countdown.read().progress);
    });
  }

  /** Shows what the server said of the place; between two calls the view goes on by itself. */
  update(place) {
    const isFirst = this.#place === null;
    const before = this.#place ?? this.#start(place);
    const wasLost = this.#isLost;
    this.#place = place;
    this.#isLost = false;
    this.#countdown.update(place);
    this.#showPlace(place);
    const { leftMs } = this.#tick();
    if (wasLost) this.#tell(`The connection is back. ${this.#sayNews()}`);
    else if (place.notice !== before.notice && place.notice !== "") this.#tell(`Notice: ${place.notice}`);
    else if (place.mode !== before.mode || this.#isNews(place.position)) this.#tell(this.#sayNews());
    this.#callIfNear(place, leftMs, isFirst);
  }

  /** Nothing was heard for a while: the helper is on its way back to the place. */
  lost() {
    if (this.#place === null) return;
    this.#isLost = true;
    this.#tick();
    this.#tell(this.#view.link.textContent);
  }

  /** The turn has come. */
  admit() {
    if (this.#place !== null) this.#caller.call("You are in!");
  }

  stop() {
    if (this.#place === null) return;
    clearInterval(this.#timer);
    forgetProgress();
    this.#place = null;
    this.#isLost = false;
    this.#isNear = false;
    this.#told = { place: 0, at: 0 };
    this.#caller.show("");
    this.#view.news.textContent = "";
  }

  #start(place) {
    this.#countdown = createCountdown({ progress: progressAt(place.position) });
    this.#view.notice.textContent = "";
    this.#timer = setInterval(() => this.#tick(), 1_000 / ticksPerSecond);
    return { ...place, notice: "" };
  }

  #showPlace({ position, queueLength, mode, notice }) {
    const { place, length, mode: modeLine, notice: noticeLine } = this.#view;
    place.textContent = position || "–";
    length.textContent = position > 0 ? `of ${Math.max(queueLength, position)} in the queue` : "";
    setLine(modeLine, sayMode(mode));
    setLine(noticeLine, notice);
    this.#caller.show(position > 0 ? sayPlace(position) : "");
  }

  #tick() {
    const { progress, eta, link, status } = this.#view;
    const reading = this.#countdown.read();
    progress.value = reading.progress;
    const words = sayWait(reading.leftMs, this.#place.mode, this.#place.position);
    if (eta.textContent !== words) eta.textContent = words;
    status.classList.toggle("lost", this.#isLost);
    setLine(link, this.#isLost ? "The connection is lost. Coming back to your place…" : "");
    return reading;
  }

  #sayNews() {
    const { position } = this.#place;
    return `${position > 0 ? `Your place is ${position}. ` : ""}${this.#view.eta.textContent}`;
  }

  /** Whether the place changed so much that it is worth hearing: by a quarter, or any step near the front. */
  #isNews(position) {
    const { place, at } = this.#told;
    if (place === 0) return true;
    if (position === place || Date.now() - at < newsEveryMs) return false;
    return position <= nearPlace || position <= place * 0.75;
  }

  #tell(words) {
    this.#told = { place: this.#place.position, at: Date.now() };
    this.#view.news.textContent = words;
  }

  /** Once, and not for those who are near from the start. */
  #callIfNear({ position, mode }, leftMs, isFirst) {
    if (position === 0) return;
    const isNear =
      mode !== "paused" && mode !== "unavailable" && (position <= nearPlace || (leftMs !== null && leftMs <= nearMs));
    if (isNear && !this.#isNear && !isFirst) this.#caller.call("Soon your turn");
    this.#isNear ||= isNear;
  }
}

function setLine(element, words) {
  element.hidden = words === "";
  if (element.textContent !== words) element.textContent = words;
}
