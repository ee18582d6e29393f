// A field that holds a setting: it follows what is in force until somebody types, and never changes under a hand that is on it.
import { fromField, isSame, toField } from "./setting-words.js";

export class SettingField {
  #name;
  #input;
  #inForce;
  #isTyped = false;

  constructor(name, input) {
    this.#name = name;
    this.#input = input;
    input.addEventListener("input", () => {
      this.#isTyped = this.differs;
    });
    input.addEventListener("blur", () => this.#write());
  }

  /** What is in force now. */
  follow(inForce) {
    this.#inForce = inForce;
    if (!this.differs) this.#isTyped = false;
    if (document.activeElement !== this.#input) this.#write();
  }

  /** What was typed is given up. */
  clear() {
    this.#isTyped = false;
    this.#write();
  }

  /** `{ value }` or `{ problem }`, which is marked in the field. */
  read() {
    const read = fromField(this.#name, this.#input.value);
    this.#input.setAttribute("aria-invalid", String(read.problem !== undefined));
    return read;
  }

  /** Whether it holds another value than the one in force. */
  get differs() {
    return !isSame(this.read().value, this.#inForce);
  }

  focus() {
    this.#input.focus();
  }

  #write() {
    if (this.#isTyped || this.#inForce === undefined) return;
    const text = toField(this.#name, this.#inForce);
    if (this.#input.value !== text) this.#input.value = text;
    this.#input.setAttribute("aria-invalid", "false");
  }
}
