// The settings that nobody needs every night: one form for all of them, changed in one step.
import { ask, dropQuestion } from "./confirm.js";
import { by, el, setText, whileBusy } from "./dom.js";
import { previewOf } from "./preview.js";
import { SettingField } from "./setting-field.js";
import { isSame, leverNames, moreNames, pick, sayChange, sayValue, settings } from "./setting-words.js";

export class MoreSettings {
  #api;
  #live;
  #changes;
  #fields;
  #form = by("more-settings-form");
  #slot = by("more-settings").querySelector(".slot");
  #inForce = null;

  constructor(api, live, changes) {
    this.#api = api;
    this.#live = live;
    this.#changes = changes;
    const inputs = moreNames.map((name) => [name, toInput(name)]);
    this.#fields = new Map(inputs.map(([name, input]) => [name, new SettingField(name, input)]));
    by("more-settings-fields").append(...inputs.map(([name, input]) => toRow(name, input)));
    // A question about other values than those that stand here would be answered by mistake.
    this.#form.addEventListener("input", () => dropQuestion(this.#slot));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void whileBusy(this.#form.querySelector("button[type=submit]"), () => this.#askChange());
    });
    by("reset-settings").addEventListener("click", () => this.#askReset());
  }

  show({ settings: inForce }, mayWrite) {
    this.#inForce = inForce;
    for (const [name, field] of this.#fields) {
      field.follow(inForce[name]);
      setText(by(`setting-${name}-now`), `now ${sayValue(name, inForce[name])}`);
    }
    for (const control of this.#form.elements) if (control.disabled === mayWrite) control.disabled = !mayWrite;
  }

  /** What was done leaves the page; what was typed stays with `keepsDrafts`. */
  clear({ keepsDrafts }) {
    this.#slot.replaceChildren();
    if (!keepsDrafts) for (const field of this.#fields.values()) field.clear();
  }

  async #askChange() {
    const patch = {};
    for (const [name, field] of this.#fields) {
      const { value, problem } = field.read();
      if (problem !== undefined) {
        field.focus();
        return this.#say(`${settings[name].label}: ${problem}`);
      }
      if (!isSame(value, this.#inForce[name])) patch[name] = value;
    }
    if (Object.keys(patch).length === 0)
      return this.#say("These are the values that hold now. Enter other ones first.");
    void this.#question(patch, { title: "Change these settings?", confirm: "Change the settings" });
  }

  async #askReset() {
    const patch = Object.fromEntries([...leverNames, ...moreNames].map((name) => [name, null]));
    const words = ["Rate, limit, mode, notice and all settings here become what the options of the server say."];
    void this.#question(patch, {
      title: "Put everything back to the server's options?",
      words,
      confirm: "Put everything back",
      isDanger: true,
    });
  }

  async #question(patch, { words, ...question }) {
    const lines = words ?? [
      sayChange(pick(this.#inForce, patch), patch),
      ...(await previewOf(this.#api, patch, this.#live.status.queue)),
    ];
    this.#slot.replaceChildren();
    ask(this.#slot, {
      ...question,
      words: lines,
      action: async () => {
        const change = await this.#changes.changeQueue(patch);
        this.#changes.showIn(this.#slot, change);
      },
    });
  }

  #say(words) {
    this.#slot.replaceChildren(el("p", { class: "answer bad", role: "alert" }, words));
  }
}

function toInput(name) {
  const { kind } = settings[name];
  const id = `setting-${name}`;
  const describedBy = { "aria-describedby": `${id}-now ${id}-help` };
  if (kind === "lanes") return el("textarea", { id, rows: 3, spellcheck: false, ...describedBy });
  return el("input", { id, inputMode: kind === "count" ? "numeric" : "decimal", autocomplete: "off", ...describedBy });
}

function toRow(name, input) {
  const { label, unit, help } = settings[name];
  const id = `setting-${name}`;
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, unit === "" ? label : `${label} (${unit})`),
    input,
    el("p", { class: "small soft" }, el("span", { id: `${id}-now` }), el("br"), el("span", { id: `${id}-help` }, help)),
  );
}
