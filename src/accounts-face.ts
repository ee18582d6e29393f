// `login.accounts`: what a server may do to accounts while it runs.
import type { AccountStore } from "./accounts/account-store.ts";
import type { Sessions } from "./sessions/sessions.ts";

/** The calls of the account store that are of use to a server, as it has them; deleting an account ends its sessions as well. */
export interface AccountsFace
  extends Pick<
    AccountStore,
    "get" | "findByIdentity" | "identities" | "link" | "unlink" | "setUsername" | "setGroups" | "delete"
  > {}

export function createAccountsFace(accounts: AccountStore, sessions: Pick<Sessions, "logoutUser">): AccountsFace {
  return {
    get: (userId) => accounts.get(userId),
    findByIdentity: (identity) => accounts.findByIdentity(identity),
    identities: (userId) => accounts.identities(userId),
    link: (userId, identity) => accounts.link(userId, identity),
    unlink: (userId, identity, options) => accounts.unlink(userId, identity, options),
    setUsername: (userId, username) => accounts.setUsername(userId, username),
    setGroups: (userId, groups) => accounts.setGroups(userId, groups),
    async delete(userId) {
      // In this order: a login under way finds its account gone, or has its session ended here.
      const deleted = await accounts.delete(userId);
      await sessions.logoutUser(userId, { disconnectSockets: true, reason: "The account was deleted." });
      return deleted;
    },
  };
}
