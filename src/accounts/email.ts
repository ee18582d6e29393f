// Identity provider for e-mail addresses with passwords: its options, and how a login opens it.
import { EmailAccounts } from "./email-accounts.ts";
import type { EmailMessage } from "./mails.ts";
import { checkScryptCost, defaultScryptCost, Passwords, type ScryptCost } from "./passwords.ts";
import type { IdentityProviderFactory } from "./providers.ts";

export interface EmailProviderOptions {
  /** Sends one mail. What it throws is not logged, because it may name the address; that it failed is. */
  readonly sendEmail: (message: EmailMessage) => void | Promise<void>;
  /**
   * Whether nobody gets in before the address is confirmed. A registration is then answered with FORBIDDEN and
   * `verifyEmail: true`, of a known address as well, so that nobody learns which addresses have accounts. Default false.
   */
  readonly requireVerified?: boolean;
  /** The fewest characters of a password. Default 8. */
  readonly minPasswordLength?: number;
  /** What a hash costs. Default N = 2^15, r = 8, p = 3. Passwords are hashed anew at the next login where it changes. */
  readonly scrypt?: ScryptCost;
}

export interface EmailProvider extends IdentityProviderFactory {
  open(...context: Parameters<IdentityProviderFactory["open"]>): EmailAccounts;
}

/** Credentials `email` and `password`. Throws a TypeError for a wrong option. */
export function emailProvider(options: EmailProviderOptions): EmailProvider {
  const { sendEmail, requireVerified = false, minPasswordLength = 8, scrypt = defaultScryptCost } = Object(options);
  if (typeof sendEmail !== "function") throw wrong("sendEmail", "a function", sendEmail);
  if (typeof requireVerified !== "boolean") throw wrong("requireVerified", "true or false", requireVerified);
  if (!Number.isInteger(minPasswordLength) || minPasswordLength < 1 || minPasswordLength > 64) {
    throw wrong("minPasswordLength", "a whole number from 1 to 64", minPasswordLength);
  }
  const passwords = new Passwords(checkScryptCost(Object(scrypt), "emailProvider: scrypt"));
  return {
    open: (context) => new EmailAccounts({ sendEmail, requireVerified, minPasswordLength }, passwords, context),
  };
}

function wrong(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`emailProvider: ${name}: expected ${expected}, got ${typeof value}`);
}
