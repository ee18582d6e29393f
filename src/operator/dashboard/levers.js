// The four big levers: each shows what holds, says what a change will do, asks, changes, and offers the way back.
import { ask, dropQuestion } from "./confirm.js";
import { by, el, setHidden, setText, whileBusy } from "./dom.js";
import { queueModes } from "./mode-words.js";
import { previewOf, sayConsequences } from "./preview.js";
import { SettingField } from "./setting-field.js";
import { isSame, sayChange, sayLabel, sayValue } from "./setting-words.js";

/** The server is asked for a forecast when the typing has come to rest. */
const restMs = 350;
const dangerousModes = ["open", "paused", "closed"];

export class Levers {
  #levers;

  constructor(api, live, changes) {
    const mode = by("lever-mode-value");
    mode.append(...Object.entries(queueModes).map(([value, { name }]) => el("option", { value }, name)));
    this.#levers = ["rate", "limit", "mode", "notice"].map(
      (name) => new Lever(by(`lever-${name}`), api, live, changes),
    );
    by("notice-change").addEventListener("click", () => by("lever-notice-value").focus());
  }

  show(status, mayWrite) {
    const locked = by("levers-locked");
    setHidden(locked, mayWrite);
    setText(
      locked,
      mayWrite ? "" : "Your token lacks the scope queue:write: you can look, but not change anything here.",
    );
    for (const lever of this.#levers) lever.show(status, mayWrite);
  }

  /** What was done leaves the page; what was typed stays with `keepsDrafts`. */
  clear({ keepsDrafts }) {
    for (const lever of this.#levers) lever.clear({ keepsDrafts });
  }
}

class Lever {
  #card;
  #form;
  #name;
  #field;
  #preview;
  #slot;
  #api;
  #live;
  #changes;
  #inForce;
  #timer;
  #turn = 0;

  constructor(card, api, live, changes) {
    this.#card = card;
    this.#form = card.querySelector("form");
    this.#name = card.dataset.setting;
    this.#field = new SettingField(this.#name, card.querySelector(".value"));
    this.#preview = card.querySelector(".preview");
    this.#slot = card.querySelector(".slot");
    this.#api = api;
    this.#live = live;
    this.#changes = changes;
    card.querySelector(".value").addEventListener("input", () => this.#look());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void whileBusy(this.#form.querySelector("button"), () => this.#ask());
    });
  }

  show({ settings }, mayWrite) {
    const value = settings[this.#name];
    this.#inForce = value;
    this.#field.follow(value);
    this.#mark();
    setText(this.#card.querySelector(".current"), this.#name === "notice" ? "" : `now ${sayValue(this.#name, value)}`);
    for (const control of this.#form.elements) if (control.disabled === mayWrite) control.disabled = !mayWrite;
  }

  clear({ keepsDrafts }) {
    this.#slot.replaceChildren();
    if (keepsDrafts) return;
    this.#field.clear();
    this.#forgetPreview();
  }

  /** The button stands out when there is something to change. */
  #mark() {
    this.#form.classList.toggle("touched", this.#field.differs);
  }

  /** What a change to what the field holds would do, below the field. */
  #look() {
    this.#forgetPreview();
    const turn = this.#turn;
    // A question about another value than the one that stands here would be answered by mistake.
    dropQuestion(this.#slot);
    this.#mark();
    const { value, problem } = this.#field.read();
    if (problem !== undefined) return setText(this.#preview, problem);
    if (isSame(value, this.#inForce)) return;
    const patch = { [this.#name]: value };
    setText(this.#preview, sayConsequences(patch, this.#live.status.queue).join(" "));
    this.#timer = setTimeout(async () => {
      const sentences = await previewOf(this.#api, patch, this.#live.status.queue);
      if (turn === this.#turn) setText(this.#preview, sentences.join(" "));
    }, restMs);
  }

  async #ask() {
    const { value, problem } = this.#field.read();
    if (problem !== undefined) {
      setText(this.#preview, problem);
      return this.#field.focus();
    }
    if (isSame(value, this.#inForce))
      return setText(this.#preview, "That is what holds now. Enter another value first.");
    const patch = { [this.#name]: value };
    const turn = this.#turn;
    const words = await previewOf(this.#api, patch, this.#live.status.queue);
    // Meanwhile another value was typed, or another part of the page opened.
    if (turn !== this.#turn || this.#card.offsetParent === null) return;
    const change = sayChange({ [this.#name]: this.#inForce }, patch);
    this.#slot.replaceChildren();
    ask(this.#slot, {
      title: `${change}?`,
      words,
      confirm: `Change the ${sayLabel(this.#name).toLowerCase()}`,
      isDanger: this.#name === "mode" && dangerousModes.includes(value),
      from: this.#form.querySelector("button"),
      action: () => this.#change(patch),
    });
  }

  async #change(patch) {
    const change = await this.#changes.changeQueue(patch);
    this.#inForce = patch[this.#name];
    this.#field.follow(this.#inForce);
    this.#forgetPreview();
    this.#mark();
    this.#changes.showIn(this.#slot, change);
  }

  #forgetPreview() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    setText(this.#preview, "");
  }
}
