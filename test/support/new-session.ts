import type { NewSession } from "../../src/sessions/session-store.ts";

type Named = Pick<NewSession, "sid" | "userId" | "tokenId"> & Partial<NewSession>;

/** A player's session as a login asks the store for it, with nothing in it but these. */
export function newSession(named: Named): NewSession {
  return {
    username: named.userId,
    groups: [],
    kind: "player",
    clientVars: {},
    serverVars: {},
    shard: null,
    address: null,
    agent: null,
    nonce: "nonce",
    refreshSecretId: "secret",
    ...named,
  };
}
