// What a request brings to log in by e-mail, checked for its shape alone.
import { z } from "zod";
import { LoginError } from "../errors.ts";
import { emailAddress } from "./email-address.ts";

export const maxPasswordLength = 1_024;

const password = z
  .string("expected a string")
  .max(maxPasswordLength, `expected at most ${maxPasswordLength} characters`);
const addressSchema = z.object({ email: emailAddress });
const credentialsSchema = addressSchema.extend({
  password,
  register: z.boolean("expected true or false").optional(),
});

/** An address, as accounts are found by. Throws LoginError INVALID_REQUEST. */
export function parseAddress(value: unknown): z.output<typeof addressSchema> {
  return parse(addressSchema, value);
}

/** An address with a password, of any length from 0. Throws LoginError INVALID_REQUEST. */
export function parseCredentials(value: unknown): z.output<typeof credentialsSchema> {
  return parse(credentialsSchema, value);
}

/** The refusal names the field and never its value. */
function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new LoginError("INVALID_REQUEST", `${issue?.path.join(".")}: ${issue?.message}`);
}
