// The bodies of the calls about accounts: e-mail and password, linked identities, the username.
import { z } from "zod";
import { loginBody, loginFields, maxTokenLength, toLogin } from "./schemas.ts";

/** Longer ones are nobody's; the e-mail provider is stricter. */
const text = z.string().max(1_024);
const mailedToken = z.string().max(maxTokenLength).describe("The token from the mail.");

const emailLogin = z.looseObject({ ...loginFields, email: text, password: text, options: loginBody.nullish() });

function toEmailLogin({ options, ...body }: z.output<typeof emailLogin>, register: boolean) {
  const login = toLogin({ ...options, ...body });
  return { ...login, credentials: Object.freeze({ ...login.credentials, register }) };
}

/** `POST /auth/login`, the stock SDK's `signInWithEmailAndPassword(email, password)`. */
export const emailLoginSchema = emailLogin.transform((body) => toEmailLogin(body, false));

/** `POST /auth/register`, the stock SDK's `registerWithEmailAndPassword(email, password, options)`. */
export const registerSchema = emailLogin.transform((body) => toEmailLogin(body, true));
export type EmailLoginBody = z.output<typeof registerSchema>;

/** `POST /auth/forgot-password`, the stock SDK's `sendPasswordResetEmail(email)`. */
export const forgotPasswordSchema = z.object({ email: text });
export type ForgotPasswordBody = z.output<typeof forgotPasswordSchema>;

/** `POST /auth/reset-password` */
export const resetPasswordSchema = z.object({ token: mailedToken, password: text.describe("The new one.") });
export type ResetPasswordBody = z.output<typeof resetPasswordSchema>;

/** `POST /auth/verify-email` */
export const verifyEmailSchema = z.object({ token: mailedToken });
export type VerifyEmailBody = z.output<typeof verifyEmailSchema>;

/** `POST /auth/change-password` */
export const changePasswordSchema = z.object({ password: text.describe("The one there is."), newPassword: text });
export type ChangePasswordBody = z.output<typeof changePasswordSchema>;

/** `POST /auth/link/:provider`: the credentials, which the identity provider checks. */
export const linkSchema = z.looseObject({});
export type LinkBody = z.output<typeof linkSchema>;

/** `PATCH /auth/user` */
export const userSchema = z.object({ username: z.string() });
