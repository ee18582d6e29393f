// Access: who may come in now and when that changes, and the form that sets it as a whole.
import { rulesOf, sayRules, toLocal } from "./access-form.js";
import { ask, dropQuestion } from "./confirm.js";
import { by, el, onSubmit, setHidden, setText, whileBusy } from "./dom.js";
import { sayMoment } from "./durations.js";
import { sayError } from "./error-words.js";
import { sayAccess, sayAllowed } from "./mode-words.js";
import { isSame } from "./setting-words.js";

export class AccessView {
  #api;
  #live;
  #changes;
  #form = by("access-form");
  #slot = by("access-slot");
  /** The fields as they were filled last, and from what; null before. */
  #filled = null;

  constructor(api, live, changes) {
    this.#api = api;
    this.#live = live;
    this.#changes = changes;
    onSubmit(this.#form, () => this.#ask());
    // A question about other rules than those that stand here would be answered by mistake.
    this.#form.addEventListener("input", () => dropQuestion(this.#slot));
    const reload = by("access-reload");
    reload.addEventListener("click", () => whileBusy(reload, () => this.#read()));
  }

  /** What is in force, after every status. */
  show({ access }) {
    setText(by("access-now"), `In force now: ${sayAccess(access, sayMoment)}`);
    this.#lock(access);
    if (this.#filled === null || (this.#isOvertaken && !this.#isTouched)) this.#fill(access);
  }

  /** Whether somebody has changed or is about to change the fields. */
  get #isTouched() {
    return this.#form.contains(document.activeElement) || !isSame(this.#fields, this.#filled.fields);
  }

  /** Whether other rules are in force than those that the fields were filled with. */
  get #isOvertaken() {
    const { access } = this.#live.status;
    return !isSame(rulesIn(access), this.#filled.rules);
  }

  open() {
    if (this.#live.status !== null) this.show(this.#live.status);
  }

  /** What was done leaves the page; what was typed stays with `keepsDrafts`. */
  clear({ keepsDrafts }) {
    if (!keepsDrafts) this.#filled = null;
    this.#slot.replaceChildren();
  }

  #lock({ allow }) {
    const locked = by("access-locked");
    const why = this.#live.can("access:write")
      ? (allow.notListed ?? 0) > 0
        ? "The list in force is too long for this page, which would cut it short: set access from the server's own code."
        : ""
      : "Your token lacks the scope access:write: you can look, but not change anything here.";
    setHidden(locked, why === "");
    setText(locked, why);
    for (const control of this.#form.elements) if (control.disabled === (why === "")) control.disabled = why !== "";
  }

  get #fields() {
    return {
      isLimited: by("access-limited").checked,
      users: by("access-users").value,
      groups: by("access-groups").value,
      rule: by("access-rule").value,
      opens: by("access-opens").value,
      closes: by("access-closes").value,
    };
  }

  #fill(access) {
    const { mode, allow, opensAt, closesAt } = access;
    by("access-open").checked = mode === "open";
    by("access-limited").checked = mode === "limited";
    by("access-users").value = allow.userIds.join("\n");
    by("access-groups").value = allow.groups.join("\n");
    by("access-rule").value = allow.rule ?? "";
    by("access-opens").value = toLocal(opensAt);
    by("access-closes").value = toLocal(closesAt);
    this.#filled = { fields: this.#fields, rules: rulesIn(access) };
  }

  async #read() {
    try {
      const access = await this.#api.get("access");
      this.#fill(access);
      this.#say("The fields show what is in force.");
    } catch (error) {
      this.#say(sayError(error), { isBad: true });
    }
  }

  #ask() {
    const { rules, problem, field } = rulesOf(this.#fields);
    if (problem !== undefined) {
      this.#say(problem, { isBad: true });
      return by(`access-${field}`).focus();
    }
    this.#slot.replaceChildren();
    const words =
      rules.mode === "open" ? "Access set: open to everybody" : `Access set: limited to ${sayAllowed(rules.allow)}`;
    const overtaken = this.#isOvertaken
      ? [
          "Somebody has set access since these fields were filled: yours takes the place of what is in force now, above.",
        ]
      : [];
    ask(this.#slot, {
      title: "Set access?",
      words: [...overtaken, ...sayRules(rules, sayAllowed, sayMoment)],
      confirm: "Set access",
      isDanger: rules.mode === "limited",
      from: this.#form.querySelector("button[type=submit]"),
      action: async () => {
        const change = await this.#changes.changeAccess(rules, words);
        this.#filled = { fields: this.#fields, rules };
        this.#changes.showIn(this.#slot, change);
      },
    });
  }

  #say(words, { isBad = false } = {}) {
    this.#slot.replaceChildren(
      el("p", { class: `answer ${isBad ? "bad" : ""}`, role: isBad ? "alert" : "status" }, words),
    );
  }
}

/** The rules in force, as the call to set them takes them. */
function rulesIn({ mode, allow: { userIds, groups, rule }, opensAt, closesAt }) {
  return { mode, allow: { userIds, groups, rule }, opensAt, closesAt };
}
