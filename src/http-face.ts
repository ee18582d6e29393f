// What the HTTP routes ask for, answered by the login flow, the sessions and the queue.
import type { AccountStore } from "./accounts/account-store.ts";
import type { AccountFace, EmailFace, LoginFace, QueueFace } from "./http/face.ts";
import type { LoginFlow } from "./login-flow.ts";
import { type SessionRecord, toWireSession, toWireSessionEntry } from "./sessions/session.ts";
import type { Sessions } from "./sessions/sessions.ts";
import { revokedError } from "./sessions/verification.ts";
import type { KeyRing } from "./tokens/keys.ts";

export function createHttpFace(deps: {
  readonly flow: LoginFlow;
  readonly sessions: Sessions;
  readonly accounts: Pick<AccountStore, "get">;
  readonly keys: KeyRing;
  readonly account: AccountFace;
  readonly email: EmailFace | null;
  readonly queue: QueueFace | null;
}): LoginFace {
  const { flow, sessions, accounts, keys, account, email, queue } = deps;
  const verify = (token: string): Promise<SessionRecord> => sessions.verify(token);
  return {
    authenticate: (_provider, body, context) => flow.authenticate(body, context),
    async refresh(body) {
      return sessions.toLogin(await sessions.refresh(body), { created: false, loginData: {} });
    },
    logout: (body, token) => sessions.logoutByTokens({ ...body, ...(token === null ? {} : { bearer: token }) }),
    session: async (token) => toWireSession(await verify(token)),
    async sessions(token) {
      const { userId, sid } = await verify(token);
      return (await sessions.list(userId)).map((record) => toWireSessionEntry(record, record.sid === sid));
    },
    async userdata(token) {
      const { userId } = await verify(token);
      // The session has the name of its last refresh.
      const known = await accounts.get(userId);
      if (known === null) throw revokedError();
      return { id: userId, username: known.username };
    },
    jwks: () => keys.jwks(),
    accounts: account,
    email,
    queue,
  };
}
