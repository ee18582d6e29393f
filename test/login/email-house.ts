// A house with e-mail accounts whose mails a test can read, and a player who registers there.
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import type { EmailSettings } from "../../src/accounts/email-accounts.ts";
import type { LoginOptions } from "../../src/options/options.ts";
import { Outbox } from "./outbox.ts";
import type { Player } from "./player.ts";
import { quickEmailProvider } from "./quick-email.ts";
import type { House, LoginServer } from "./server.ts";

export const ada = { email: "ada@example.org", password: "a horse of one colour" };
export const newPassword = "another horse entirely";

/** The arguments of `openWithEmail` behind the server. */
export type Settings = typeof openWithEmail extends (server: LoginServer, ...settings: infer S) => unknown ? S : never;

/** Opens a house with e-mail, device and anonymous accounts. */
export function openWithEmail(
  server: LoginServer,
  options: LoginOptions<{ vars: Record<string, string> }> = {},
  email: Partial<EmailSettings> = {},
): { readonly house: House; readonly outbox: Outbox } {
  const outbox = new Outbox();
  const house = server.open({
    providers: {
      email: quickEmailProvider({ sendEmail: outbox.send, ...email }),
      device: deviceProvider(),
      anonymous: anonymousProvider(),
    },
    ...options,
  });
  return { house, outbox };
}

/** A player who registers. */
export async function registered(house: House, extras: Record<string, unknown> = {}): Promise<Player> {
  const player = house.player("Ada");
  player.take(await player.post("/auth/register", { ...ada, ...extras }));
  return player;
}
