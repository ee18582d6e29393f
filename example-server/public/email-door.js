// The way in by e-mail: log in, register, ask for a new password, and set it by the link from the mail.
import { sayAccountError, sayLinkError } from "./account-words.js";
import { answer, onSubmit } from "./form.js";

const titles = {
  "email-log-in": "Log in with e-mail",
  "email-register": "Make an account",
  "email-forgot": "Forgotten password",
  "email-reset": "Choose a new password",
};

export class EmailDoor {
  #section;
  #forms;
  /** Of the link that the player came by, until it is used. */
  #resetToken = "";

  /** `logIn(credentials, options)` waits in the queue if it must; `mailComes()` is called when a mail is on its way. */
  constructor(section, { calls, logIn, mailComes }) {
    this.#section = section;
    this.#forms = Object.fromEntries(Object.keys(titles).map((id) => [id, section.querySelector(`#${id}`)]));
    for (const button of section.querySelectorAll("[data-form]")) {
      button.addEventListener("click", () => this.open(button.dataset.form));
    }
    const {
      "email-log-in": known,
      "email-register": fresh,
      "email-forgot": forgot,
      "email-reset": reset,
    } = this.#forms;
    onSubmit(known, async ({ email, password }) => await logIn({ email, password }), sayAccountError);
    onSubmit(
      fresh,
      async ({ email, password, username }) => {
        const name = username.trim();
        await logIn({ email, password, register: true }, name === "" ? {} : { username: name });
        mailComes();
      },
      sayAccountError,
    );
    onSubmit(
      forgot,
      async ({ email }) => {
        await calls.post("/forgot-password", { email });
        mailComes();
        return "If this address has an account, a mail is on its way.";
      },
      sayAccountError,
    );
    onSubmit(
      reset,
      async ({ password }) => {
        await calls.post("/reset-password", { token: this.#resetToken, password });
        mailComes();
        this.#resetToken = "";
        reset.reset();
        this.open("email-log-in");
        answer(known, "Your password is new. Log in with it.");
      },
      sayLinkError,
    );
    this.open("email-log-in");
  }

  /** Shows one of the forms, with the address that was typed into the one before. */
  open(id) {
    const shown = Object.values(this.#forms).find((form) => !form.hidden);
    const typed = shown?.elements["email"]?.value ?? "";
    for (const [key, form] of Object.entries(this.#forms)) form.hidden = key !== id;
    const form = this.#forms[id];
    const address = form.elements["email"];
    if (address !== undefined && typed !== "") address.value = typed;
    answer(form, "");
    this.#section.querySelector("h2").textContent = titles[id];
    for (const button of this.#section.querySelectorAll("[data-form]")) button.hidden = button.dataset.form === id;
    if (!this.#section.hidden) [...form.querySelectorAll("input")].find(({ value }) => value === "")?.focus();
  }

  /** The player came by the link of a mail. */
  openReset(token) {
    this.#resetToken = token;
    this.open("email-reset");
  }

  /** Nobody else at this browser finds what was typed. */
  clear() {
    for (const form of Object.values(this.#forms)) form.reset();
    this.open("email-log-in");
  }
}
