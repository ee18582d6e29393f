// A development outbox: mails end here and are shown on the page. A real game hands them to its mailer instead.
import type { EmailMessage } from "colyseus-login";
import express from "express";

/** A mail as the page shows it. */
interface Mail {
  readonly id: number;
  readonly sentAt: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Leads to the page, which makes the call with the token. What follows a # is sent to no server, and stands in no log. */
  readonly link: { readonly words: string; readonly href: string } | null;
}

type Template = Pick<Mail, "subject" | "text"> & { readonly link?: { readonly words: string; readonly call: string } };

const templates: Readonly<Record<EmailMessage["purpose"], Template>> = {
  "verify-email": {
    subject: "Confirm your address",
    text: "Is this address yours? Then confirm it.",
    link: { words: "Confirm the address", call: "verify-email" },
  },
  "reset-password": {
    subject: "A new password",
    text: "Somebody, you we hope, has forgotten your password. If it was not you, do nothing.",
    link: { words: "Choose a new password", call: "reset-password" },
  },
  "already-registered": {
    subject: "You have an account already",
    text: "Somebody tried to register your address. If it was you, and you have forgotten your password:",
    link: { words: "Choose a new password", call: "reset-password" },
  },
  "password-changed": {
    subject: "Your password was changed",
    text: "If it was not you, ask for a new password on the page.",
  },
};

const most = 20;
/** Whoever reads these mails can take the accounts over, so none are kept where it matters. */
const isOpen = process.env["NODE_ENV"] !== "production";
const mails: Mail[] = [];
let made = 0;

/** What the e-mail provider calls for every mail. */
export function sendEmail({ purpose, to, username, token }: EmailMessage): void {
  if (!isOpen) throw new Error("This example sends no mail in production: put your own mailer here.");
  const { subject, text, link } = templates[purpose];
  made += 1;
  mails.unshift({
    id: made,
    sentAt: Date.now(),
    to,
    subject,
    text: `Hello ${username}. ${text}`,
    link: link === undefined || token === undefined ? null : { words: link.words, href: `/#${link.call}=${token}` },
  });
  mails.splice(most);
}

/** `GET /demo/outbox`: the last mails to anybody, the newest first. */
export function outbox(): express.Router {
  const router = express.Router();
  router.get("/demo/outbox", (_request, response) => {
    response.set("Cache-Control", "no-store");
    response.json({ isOpen, mails });
  });
  return router;
}
