// The e-mail provider with hashes that cost next to nothing: what they cost is the business of the tests of passwords.
import { EmailAccounts, type EmailSettings } from "../../src/accounts/email-accounts.ts";
import { Passwords } from "../../src/accounts/passwords.ts";
import type { IdentityProviderFactory } from "../../src/accounts/providers.ts";

export function quickEmailProvider(
  settings: Partial<EmailSettings>,
  passwords = new Passwords({ ln: 4, r: 8, p: 1 }),
): IdentityProviderFactory {
  const defaults = { sendEmail() {}, requireVerified: false, minPasswordLength: 8 };
  return { open: (context) => new EmailAccounts({ ...defaults, ...settings }, passwords, context) };
}
