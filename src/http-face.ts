// What the HTTP routes ask for, answered by the login flow, the sessions and the queue.
import type { LoginFace, QueueFace } from "./http/face.ts";
import type { LoginFlow } from "./login-flow.ts";
import { type SessionRecord, toWireSession } from "./sessions/session.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { KeyRing } from "./tokens/keys.ts";

export function createHttpFace(deps: {
  readonly flow: LoginFlow;
  readonly sessions: Sessions;
  readonly keys: KeyRing;
  readonly queue: QueueFace | null;
}): LoginFace {
  const { flow, sessions, keys, queue } = deps;
  const verify = (token: string): Promise<SessionRecord> => sessions.verify(token);
  return {
    authenticate: (_provider, body, context) => flow.authenticate(body, context),
    async refresh(body) {
      return sessions.toLogin(await sessions.refresh(body), { created: false, loginData: {} });
    },
    logout: (body, token) => sessions.logoutByTokens({ ...body, ...(token === null ? {} : { bearer: token }) }),
    session: async (token) => toWireSession(await verify(token)),
    async sessions(token) {
      const { userId } = await verify(token);
      return (await sessions.list(userId)).map(toWireSession);
    },
    async userdata(token) {
      const { userId, username } = await verify(token);
      return { id: userId, username };
    },
    jwks: () => keys.jwks(),
    queue,
  };
}
