// The changes made from this page, newest first, each with the way to take it back: exactly the values of before are put back.
import { announce } from "./announcer.js";
import { ask } from "./confirm.js";
import { button, by, el } from "./dom.js";
import { sayAgo, sayMoment } from "./durations.js";
import { sayError } from "./error-words.js";
import { isSame, pick, sayChange } from "./setting-words.js";

const mostListed = 20;
/** What was done just now is a slip that one press takes back. Later on, the press itself may be the slip. */
const slipMs = 60_000;

export class Changes {
  #api;
  #live;

  constructor(api, live) {
    this.#api = api;
    this.#live = live;
  }

  /** Changes settings of the queue, all in one step. Answers the change, for `showIn`. */
  async changeQueue(patch) {
    const { settings, previous } = await this.#api.patch("queue", patch);
    const [before, after] = [pick(previous, patch), pick(settings, patch)];
    this.#live.learnSettings(settings);
    return this.add({
      words: sayChange(before, after),
      takeBack: () => this.changeQueue(before),
      // What somebody else set since then, in words; empty where nobody did.
      overtakenBy: () => {
        const now = pick(this.#live.status?.settings ?? after, after);
        return isSame(now, after) ? "" : sayChange(after, now);
      },
    });
  }

  /** Sets the access rules as a whole. */
  async changeAccess(rules, words) {
    const { previous } = await this.#api.put("access", rules);
    this.#live.look();
    const { mode, allow, opensAt, closesAt } = previous;
    const { notListed = 0, ...allowed } = allow;
    const before = { mode, allow: allowed, opensAt, closesAt };
    // What this page was not told whole, it cannot put back.
    const takeBack = notListed > 0 ? null : () => this.changeAccess(before, "Access is as it was before");
    return this.add({ words, takeBack });
  }

  /**
   * Lists a change. `words` say what was done; `takeBack` undoes it and answers the change that this makes, null where that
   * cannot be; `overtakenBy` says what was changed by somebody else since.
   */
  add({ words, takeBack, overtakenBy = () => "" }) {
    const change = { words, takeBack, overtakenBy, madeAt: this.#live.now, places: new Set() };
    const entry = el(
      "li",
      { tabIndex: -1 },
      el("time", { class: "soft small" }, sayMoment(change.madeAt)),
      " ",
      el("span", {}, words),
      " ",
    );
    this.#offer(change, entry);
    by("changes").prepend(entry);
    while (by("changes").children.length > mostListed) by("changes").lastElementChild?.remove();
    by("no-changes").hidden = true;
    return change;
  }

  /** With `keepsDrafts` whoever was put out finds the ways back again. */
  clear({ keepsDrafts }) {
    if (keepsDrafts) return;
    by("changes").replaceChildren();
    by("no-changes").hidden = false;
  }

  /** Says what was done where it was asked for, with the way back beside it. */
  showIn(place, change, more = "") {
    const words = `Done: ${change.words}. ${more}`.trim();
    const line = el("p", { class: "answer good done", tabIndex: -1 }, `${words} `);
    this.#offer(change, line);
    place.replaceChildren(line);
    announce(words);
    return line;
  }

  #offer(change, place) {
    if (change.takeBack === null) return;
    change.places.add(place);
    const takeBack = button("Take back", () => this.#takeBack(change, place), {
      "aria-label": `Take back: ${change.words}`,
    });
    place.append(takeBack);
  }

  async #takeBack(change, place) {
    const overtaken = change.overtakenBy();
    if (overtaken !== "") {
      return ask(place, {
        title: "Somebody changed this since.",
        words: [`Meanwhile: ${overtaken}. Taking back puts the value of before your change in its place.`],
        confirm: "Take back all the same",
        action: () => this.#undo(change, place),
      });
    }
    const agoMs = this.#live.now - change.madeAt;
    if (agoMs <= slipMs) return this.#undo(change, place).catch((error) => this.#say(place, sayError(error)));
    ask(place, {
      title: "Take this back?",
      words: [`${change.words}: that was ${sayAgo(agoMs)}. What held before is put back.`],
      confirm: "Take back",
      action: () => this.#undo(change, place),
    });
  }

  async #undo(change, place) {
    const made = await change.takeBack();
    for (const where of change.places)
      where.querySelector("button")?.replaceWith(el("em", { class: "small soft" }, "taken back"));
    announce(`Taken back: ${made.words}.`);
    if (place.isConnected) place.focus();
  }

  #say(place, words) {
    place.querySelector(".bad")?.remove();
    place.append(el("span", { class: "bad", role: "alert" }, ` ${words}`));
  }
}
