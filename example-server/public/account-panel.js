// The player's own account: username, address, password.
import { sayAccountError } from "./account-words.js";
import { answer, onSubmit } from "./form.js";

export class AccountPanel {
  #view;
  #calls;
  #userId = "";

  /** `renamed()` is called when the username is another; `mailComes()` when a mail is on its way; `othersLeft()` when other sessions ended. */
  constructor(view, { calls, renamed, mailComes, othersLeft }) {
    this.#view = view;
    this.#calls = calls;
    const { rename, addEmail, changePassword } = view;
    onSubmit(
      rename,
      async ({ username }) => {
        await calls.patch("/user", { username });
        await renamed();
        return "This is your name now.";
      },
      sayAccountError,
    );
    onSubmit(
      addEmail,
      async ({ email, password }) => {
        this.#show(await calls.post("/link/email", { email, password }));
        addEmail.reset();
        mailComes();
        answer(changePassword, "This address is yours. From now on you can log in with it.");
      },
      sayAccountError,
    );
    onSubmit(
      changePassword,
      async ({ password, newPassword }) => {
        await calls.post("/change-password", { password, newPassword });
        for (const name of ["password", "newPassword"]) changePassword.elements[name].value = "";
        mailComes();
        othersLeft();
        return "Your password is new. Your other sessions have ended.";
      },
      (error) =>
        error.code === "INVALID_CREDENTIALS" ? "The password you have is another one." : sayAccountError(error),
    );
  }

  /** Shows whose session this is; asks the server where it is another player's. */
  async show({ userId, username }) {
    const name = this.#view.rename.elements["username"];
    if (document.activeElement !== name) name.value = username;
    if (userId === this.#userId) return;
    this.clear();
    this.#userId = userId;
    try {
      await this.look();
    } catch {
      // Asked again at the session's next refresh.
      this.#userId = "";
    }
  }

  /** Asks the server which ways in this account has. */
  async look() {
    if (this.#userId === "") return;
    this.#show(await this.#calls.get("/link"));
  }

  /** Nobody else at this browser finds what was typed. */
  clear() {
    this.#userId = "";
    const { rename, addEmail, changePassword } = this.#view;
    for (const form of [rename, addEmail, changePassword]) answer(form, "");
    for (const form of [addEmail, changePassword]) {
      form.reset();
      form.hidden = true;
    }
  }

  #show({ identities }) {
    const { addEmail, changePassword, confirmed } = this.#view;
    const address = identities.find(({ email }) => email !== undefined);
    addEmail.hidden = address !== undefined;
    changePassword.hidden = address === undefined;
    if (address === undefined) return;
    changePassword.elements["email"].value = address.email;
    confirmed.textContent = address.emailVerified
      ? "Confirmed."
      : "Not confirmed yet: the mail in the outbox below has the link.";
  }
}
