// The HTTP calls about accounts: e-mail and password, linked identities, the username.
import type { Clock } from "../clock.ts";
import {
  changePasswordSchema,
  emailLoginSchema,
  forgotPasswordSchema,
  linkSchema,
  registerSchema,
  resetPasswordSchema,
  userSchema,
  verifyEmailSchema,
} from "./account-schemas.ts";
import { readJsonObject } from "./body.ts";
import { bearerOf, callerOf, decodeParam, findBearer } from "./call.ts";
import type { Route } from "./dual-mode.ts";
import type { AccountFace, EmailFace } from "./face.ts";
import { json, nothing } from "./reply.ts";
import { parseBody } from "./schemas.ts";

export function accountRoutes(accounts: AccountFace, clock: Clock): Route[] {
  return [
    {
      name: "login-identities",
      method: "GET",
      path: "/link",
      summary: "The identities that a token's user can log in with",
      handle: async (call) => json({ identities: await accounts.identities(bearerOf(call)) }),
    },
    {
      name: "login-link",
      method: "POST",
      path: "/link/:provider",
      summary: "Add one more way to log in to the account of a token",
      body: linkSchema,
      async handle(call) {
        const provider = decodeParam(call, "provider");
        const token = bearerOf(call);
        const credentials = parseBody(linkSchema, await readJsonObject(call, clock));
        return json({ identities: await accounts.link(credentials, token, { provider, ...callerOf(call) }) });
      },
    },
    {
      name: "login-unlink",
      method: "DELETE",
      path: "/link/:provider",
      summary: "Take a way to log in from the account of a token, unless it is the last",
      async handle(call) {
        const provider = decodeParam(call, "provider");
        return json({ identities: await accounts.unlink(provider, bearerOf(call)) });
      },
    },
    {
      name: "login-user",
      method: "PATCH",
      path: "/user",
      summary: "Change the username of a token's user",
      body: userSchema,
      async handle(call) {
        const token = bearerOf(call);
        const { username } = parseBody(userSchema, await readJsonObject(call, clock));
        return json({ user: await accounts.setUsername(username, token) });
      },
    },
  ];
}

export function emailRoutes(email: EmailFace, clock: Clock): Route[] {
  return [
    {
      name: "login-email",
      method: "POST",
      path: "/login",
      summary: "Log in with e-mail address and password",
      body: emailLoginSchema,
      async handle(call) {
        const body = parseBody(emailLoginSchema, await readJsonObject(call, clock));
        return json(await email.login(body, callerOf(call)));
      },
    },
    {
      name: "login-register",
      method: "POST",
      path: "/register",
      summary:
        "Make an account with e-mail address and password; with a token of an account without one, add them to it",
      body: registerSchema,
      async handle(call) {
        const body = parseBody(registerSchema, await readJsonObject(call, clock));
        return json(await email.register(body, findBearer(call.header("authorization")), callerOf(call)));
      },
    },
    {
      name: "login-forgot-password",
      method: "POST",
      path: "/forgot-password",
      summary: "Mail a token for a new password. Known and unknown addresses are answered alike",
      body: forgotPasswordSchema,
      async handle(call) {
        await email.forgotPassword(parseBody(forgotPasswordSchema, await readJsonObject(call, clock)), callerOf(call));
        return json({ accepted: true });
      },
    },
    {
      name: "login-reset-password",
      method: "POST",
      path: "/reset-password",
      summary: "Set a new password by a token from a mail; all sessions of the user end",
      body: resetPasswordSchema,
      async handle(call) {
        await email.resetPassword(parseBody(resetPasswordSchema, await readJsonObject(call, clock)), callerOf(call));
        return nothing;
      },
    },
    {
      name: "login-verify-email",
      method: "POST",
      path: "/verify-email",
      summary: "Confirm an address by a token from a mail",
      body: verifyEmailSchema,
      async handle(call) {
        await email.verifyEmail(parseBody(verifyEmailSchema, await readJsonObject(call, clock)));
        return nothing;
      },
    },
    {
      name: "login-change-password",
      method: "POST",
      path: "/change-password",
      summary: "Change the password; the user's other sessions end",
      body: changePasswordSchema,
      async handle(call) {
        const token = bearerOf(call);
        const body = parseBody(changePasswordSchema, await readJsonObject(call, clock));
        await email.changePassword(body, token, callerOf(call));
        return nothing;
      },
    },
  ];
}
