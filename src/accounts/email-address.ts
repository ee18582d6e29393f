// What counts as an e-mail address, and when two are the same.
import { z } from "zod";

/** RFC 5321, 4.5.3.1.3. */
const maxLength = 254;

/**
 * An address as accounts are found by: trimmed and in small letters, the part before the @ included, because phones write a
 * capital there and nobody's mailbox tells the difference. ASCII alone: letters that only look alike make no second account.
 */
export const emailAddress = z
  .string("expected an e-mail address")
  .max(4 * maxLength, "expected an e-mail address")
  .transform((text) => text.trim())
  .pipe(z.email("expected an e-mail address").max(maxLength, `expected at most ${maxLength} characters`))
  .transform((text) => text.toLowerCase());
