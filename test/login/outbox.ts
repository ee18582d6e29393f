// The mails of a test, as a player would find them.
import type { EmailMessage } from "../../src/accounts/mails.ts";

export class Outbox {
  readonly mails: EmailMessage[] = [];
  #waiting: (() => void)[] = [];

  readonly send = (mail: EmailMessage): void => {
    this.mails.push(mail);
    for (const look of this.#waiting.splice(0)) look();
  };

  /** The token of the first mail of a purpose that was not read yet; waits for one. */
  async token(purpose: EmailMessage["purpose"]): Promise<string> {
    const { token } = await this.next(purpose);
    if (token === undefined) throw new Error(`expected a token in a mail (${purpose})`);
    return token;
  }

  /** The first mail of a purpose that was not read yet; waits for one. */
  async next(purpose: EmailMessage["purpose"]): Promise<EmailMessage> {
    for (;;) {
      const index = this.mails.findIndex((mail) => mail.purpose === purpose);
      const [mail] = index === -1 ? [] : this.mails.splice(index, 1);
      if (mail !== undefined) return mail;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
