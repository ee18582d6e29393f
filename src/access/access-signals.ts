// What happens to bans and access rules, for metrics and events.
import type { Ban } from "./access-store.ts";

export interface AccessSignals {
  /** This process banned a user, who may have been banned before. */
  banned: { readonly userId: string } & Ban;
  /** This process lifted a ban. */
  unbanned: { readonly userId: string };
  /** The access rules were set: told on every process, once it has heard of it. */
  accessChanged: Readonly<Record<never, never>>;
}
