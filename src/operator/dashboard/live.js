// What the page knows of the moment: the last status, the last hour, and whether the server still answers.
import { alarm, announce } from "./announcer.js";
import { by, setHidden, setText } from "./dom.js";
import { sayAgo, sayCount, saySpan } from "./durations.js";
import { isSignedOutBy, sayOutage } from "./error-words.js";
import { History } from "./history.js";
import { Poller } from "./poller.js";

/** The server's own history is read anew this often: it knows the estimates that the status may not tell. */
const historyEveryMs = 10_000;
/** A token that ends within this is told of. */
const endsSoonMs = 60 * 60_000;
/** Figures older than this are not those of the moment, be the server's answer late or lost. */
const freshMs = 5_000;

export class Live {
  #api;
  #listeners = [];
  #poller;
  #timer;
  #heardAt = 0;
  #historyAt = 0;
  /** The store's clock against this device's. */
  #aheadMs = 0;
  #outage = null;
  /** Grows with every start and stop: an answer to the token of before counts no more. */
  #visit = 0;
  #asked = 0;
  #shown = 0;
  status = null;
  history = new History();

  constructor(api) {
    this.#api = api;
    this.#poller = new Poller({
      ask: () => this.#ask(),
      onFailure: (error, delayMs) => this.#failed(error, delayMs),
    });
    by("try-now").addEventListener("click", () => {
      if (this.#outage !== null) this.#outage.againAt = Date.now();
      this.#showConnection();
      this.#poller.now();
    });
  }

  /** Called after every status. */
  onStatus(listener) {
    this.#listeners.push(listener);
  }

  /** Whether the token may do this. */
  can(scope) {
    return this.status?.operator.scopes.includes(scope) ?? false;
  }

  /** Now, by the store's clock. */
  get now() {
    return Date.now() + this.#aheadMs;
  }

  /** How far the store's clock is ahead of this device's, ms. */
  get aheadMs() {
    return this.#aheadMs;
  }

  start() {
    this.#visit += 1;
    this.#poller.start();
    this.#timer = setInterval(() => this.#showConnection(), 1_000);
    this.#showConnection();
  }

  stop() {
    this.#visit += 1;
    this.#poller.stop();
    clearInterval(this.#timer);
    this.status = null;
    this.history = new History();
    this.#heardAt = 0;
    this.#historyAt = 0;
    this.#outage = null;
  }

  /** Reads the status at once, after a change: a status that was asked for before it tells nothing any more. */
  look() {
    this.#shown = this.#asked + 1;
    this.#poller.now();
  }

  /** Settings that the answer to a change tells hold from now on. */
  learnSettings(settings) {
    if (this.status !== null) this.status = { ...this.status, settings };
    this.look();
  }

  async #ask() {
    const visit = this.#visit;
    this.#asked += 1;
    const turn = this.#asked;
    const status = await this.#api.get("status");
    const heardAt = Date.now();
    if (status.queue !== null) await this.#keepHistory(status.queue, visit);
    // An answer of before a change may come after the one that shows it.
    if (visit !== this.#visit || turn < this.#shown) return;
    this.#shown = turn;
    this.#heardAt = heardAt;
    this.#aheadMs = status.asOf - heardAt;
    this.status = status;
    if (this.#outage !== null) announce("The connection is back.");
    this.#outage = null;
    for (const listener of this.#listeners) listener(status);
    this.#showConnection();
  }

  async #keepHistory(queue, visit) {
    const isDue = Date.now() - this.#historyAt > historyEveryMs || this.history.hasHole(queue.asOf);
    if (isDue) {
      const answer = await this.#api.get("history");
      if (visit !== this.#visit) return;
      this.history.load(answer);
      this.#historyAt = Date.now();
    }
    this.history.add({
      at: queue.asOf,
      waiting: queue.waiting,
      away: queue.away,
      admittedPerSecond: queue.admittedPerSecond["10"],
      liveSlots: queue.liveSlots,
      limit: queue.limit,
      etaMs: queue.etaMs ?? null,
    });
  }

  #failed(error, delayMs) {
    if (isSignedOutBy(error)) return;
    if (this.#outage === null) alarm(sayOutage(error));
    this.#outage = { words: sayOutage(error), againAt: Date.now() + delayMs };
    this.#showConnection();
  }

  #showConnection() {
    const outage = this.#outage;
    const agoMs = Date.now() - this.#heardAt;
    if (outage === null && by("outage").contains(document.activeElement)) by("main").focus();
    setHidden(by("outage"), outage === null);
    if (outage !== null) {
      const leftMs = outage.againAt - Date.now();
      const again = leftMs > 0 ? `Next try in ${saySpan(Math.ceil(leftMs / 1_000))}.` : "Trying now…";
      const age = this.#heardAt === 0 ? "There are no figures yet" : `The figures are from ${sayAgo(agoMs)}`;
      setText(by("outage-words"), `${outage.words} ${age}. ${again}`);
    }
    const isStale = outage !== null || agoMs > freshMs;
    by("connection").dataset.state = outage !== null ? "lost" : isStale ? "wait" : "live";
    by("app").classList.toggle("stale", isStale);
    setText(by("connection-words"), this.#sayAge(isStale, agoMs));
    document.title = this.#title(isStale);
    this.#showTokenEnd();
  }

  #sayAge(isStale, agoMs) {
    if (this.#heardAt === 0) return this.#outage === null ? "Connecting…" : "No connection";
    return isStale ? `Stale: ${saySpan(agoMs / 1_000)}` : "Live";
  }

  /** What the tab says among the other tabs: a figure only while it is fresh, for a page that nobody sees asks for none. */
  #title(isStale) {
    const name = "Login operator";
    if (document.hidden || this.status === null || this.status.queue === null) return name;
    return isStale ? `Stale – ${name}` : `${sayCount(this.status.queue.waiting)} waiting – ${name}`;
  }

  #showTokenEnd() {
    const leftMs = (this.status?.operator.expiresAt ?? Number.POSITIVE_INFINITY) - this.now;
    setText(by("token-end"), leftMs < endsSoonMs ? `token ends in ${saySpan(Math.max(0, leftMs / 1_000))}` : "");
  }
}
