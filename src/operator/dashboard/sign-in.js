// The sign-in: takes a token, tries it, and says in words what is wrong with one that is not taken.
import { by, whileBusy } from "./dom.js";
import { saySignInError } from "./error-words.js";
import { cleanToken } from "./token.js";

export class SignIn {
  #try;
  #field = by("token");
  #answer = by("sign-in-answer");

  /** `tryToken` resolves when the token was taken. */
  constructor(tryToken) {
    this.#try = tryToken;
    const send = by("sign-in-button");
    by("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void whileBusy(send, () => this.#submit());
    });
  }

  /** Shows the form, with a word why where there is one. */
  show(why = "") {
    document.title = "Sign in – login operator";
    by("app").hidden = true;
    by("sign-in").hidden = false;
    this.#say(why);
    this.#field.focus();
  }

  hide() {
    by("sign-in").hidden = true;
    by("app").hidden = false;
    this.#field.value = "";
    this.#say("");
  }

  async #submit() {
    const token = cleanToken(this.#field.value);
    this.#say("");
    if (token === "") return this.#refuse("Paste your token first.");
    try {
      await this.#try(token);
    } catch (error) {
      this.#refuse(saySignInError(error));
    }
  }

  #refuse(words) {
    this.#say(words);
    this.#field.setAttribute("aria-invalid", "true");
    this.#field.focus();
    this.#field.select();
  }

  #say(words) {
    this.#answer.textContent = words;
    this.#field.removeAttribute("aria-invalid");
  }
}
