// Mails to the owners of accounts: ordered and not waited for, and not too many to one mailbox.
import type { Logger } from "../logger.ts";
import type { EmailPurpose } from "../tokens/email-tokens.ts";
import type { Account } from "./account-store.ts";
import type { LoginLimits } from "./limits.ts";

/** A mail to be sent: the words, and the link around the token, are the server's own. */
export interface EmailMessage {
  /**
   * `verify-email` and `reset-password` bring a token for the call of that name. `already-registered` tells the owner that
   * somebody tried to register the address, with a token for a new password. `password-changed` tells of it, without a token.
   */
  readonly purpose: "verify-email" | "reset-password" | "already-registered" | "password-changed";
  readonly to: string;
  readonly userId: string;
  readonly username: string;
  readonly token?: string;
}

export interface MailOrder {
  readonly purpose: EmailMessage["purpose"];
  readonly to: string;
  readonly account: Account;
  /** Makes the token that the mail brings. */
  readonly issue?: () => Promise<string>;
}

export class Mails {
  readonly #limits: Pick<LoginLimits, "mayReceive">;
  readonly #sendEmail: (message: EmailMessage) => void | Promise<void>;
  readonly #logger: Pick<Logger, "error">;

  constructor(deps: {
    readonly limits: Pick<LoginLimits, "mayReceive">;
    readonly sendEmail: (message: EmailMessage) => void | Promise<void>;
    readonly logger: Pick<Logger, "error">;
  }) {
    this.#limits = deps.limits;
    this.#sendEmail = deps.sendEmail;
    this.#logger = deps.logger;
  }

  /** Returns at once: how long a mail takes would tell whether there is one. What brings no token is never one too many. */
  send(order: MailOrder): void {
    // What a mailer says of its failure may well name the address (S10).
    this.#send(order).catch(() => this.#logger.error(`colyseus-login: a mail (${order.purpose}) could not be sent`));
  }

  async #send({ purpose, to, account, issue }: MailOrder): Promise<void> {
    if (issue !== undefined && !(await this.#limits.mayReceive(to, whatOpens(purpose)))) return;
    const token = issue === undefined ? {} : { token: await issue() };
    await this.#sendEmail({ purpose, to, userId: account.userId, username: account.username, ...token });
  }
}

/**
 * Mails with tokens for one thing are counted together, and apart from the others: whoever set a trap can have its address
 * confirmed over and over, and must not keep the owner from a new password by that.
 */
function whatOpens(purpose: EmailMessage["purpose"]): EmailPurpose {
  return purpose === "verify-email" ? "verify-email" : "reset-password";
}
