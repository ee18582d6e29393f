// A login that needs no store: it notes what the routes asked of it and answers by rote.
import { errorStatus, LoginError, type LoginErrorCode, type LoginErrorDetails } from "../../src/errors.ts";
import type { LoginFace } from "../../src/http/face.ts";
import type { WireIdentity, WireLogin, WirePlace, WireSession, WireSessionEntry } from "../../src/wire.ts";

export const goodToken = "header.payload.signature";

export function wireSession(number = 1, vars: Record<string, string> = {}): WireSession {
  return {
    sid: `sid-${number}`,
    userId: "user-1",
    username: "Ada",
    vars,
    serverVars: {},
    kind: "player",
    createdAt: 1_000 + number,
    expiresAt: 2_000,
  };
}

/** The same in a list. */
export function listedSession(number = 1, vars: Record<string, string> = {}): WireSessionEntry {
  const lastSeenAt = wireSession(number, vars).createdAt;
  return { ...wireSession(number, vars), address: "203.0.113.7", agent: "Chrome", lastSeenAt, current: number === 1 };
}

export const login: WireLogin = {
  token: goodToken,
  refreshToken: "refresh",
  tokenExpiresAt: 2_000,
  refreshTokenExpiresAt: 3_000,
  refreshAt: 1_500,
  session: wireSession(),
  user: { id: "user-1", username: "Ada" },
  loginData: {},
  created: true,
};

export const place: WirePlace = {
  status: "waiting",
  position: 3,
  queueLength: 7,
  etaMs: 60_000,
  mode: "auto",
  notice: "",
  ticket: goodToken,
  retryAfterSeconds: 5,
  asOf: 1_000,
};

export const identity: WireIdentity = {
  provider: "email",
  linkedAt: 1_000,
  email: "ada@example.org",
  emailVerified: false,
};

export interface FakeFace extends LoginFace {
  /** What was asked, in order: the name of the call and its arguments. */
  readonly asked: unknown[][];
  /** The address of each who asked for a place or after one. */
  readonly addresses: (string | null)[];
  /** Answers the next call with this error. */
  failNext(error: unknown): void;
  /** What `sessions` answers. */
  list: WireSessionEntry[];
}

export function refuse(code: LoginErrorCode, details: LoginErrorDetails = {}): LoginError {
  return new LoginError(code, `refused with ${code}`, details);
}

export function fakeFace({ queue = true, email = true } = {}): FakeFace {
  const asked: unknown[][] = [];
  let failure: { error: unknown } | null = null;
  const ask = (...call: unknown[]): void => {
    asked.push(call);
    if (failure === null) return;
    const { error } = failure;
    failure = null;
    throw error;
  };
  const askWithToken = (name: string, token: string): void => {
    ask(name, token);
    if (token !== goodToken) throw refuse("TOKEN_INVALID");
  };
  const face: FakeFace = {
    asked,
    addresses: [],
    list: [listedSession()],
    failNext(error) {
      failure = { error };
    },
    async authenticate(provider, body, context) {
      ask("authenticate", provider, body, context);
      if (!["device", "anonymous"].includes(provider)) throw refuse("NOT_FOUND");
      return login;
    },
    async refresh(body) {
      ask("refresh", body);
      if (body.refreshToken !== "refresh") throw refuse("TOKEN_INVALID");
      return login;
    },
    async logout(body, token) {
      ask("logout", body, token);
    },
    async session(token) {
      askWithToken("session", token);
      return wireSession();
    },
    async sessions(token) {
      askWithToken("sessions", token);
      return face.list;
    },
    async userdata(token) {
      askWithToken("userdata", token);
      return login.user;
    },
    accounts: {
      async identities(token) {
        askWithToken("identities", token);
        return [identity];
      },
      async link(credentials, token, context) {
        ask("link", token, credentials, context);
        if (context.provider !== "device") throw refuse("NOT_FOUND");
        return [identity];
      },
      async unlink(provider, token) {
        askWithToken("unlink", token);
        if (provider !== "device") throw refuse("NOT_FOUND");
        return [identity];
      },
      async setUsername(username, token) {
        askWithToken("setUsername", token);
        return { ...login.user, username };
      },
    },
    email: email
      ? {
          async login(body, caller) {
            ask("login", body, caller);
            return login;
          },
          async register(body, token, caller) {
            ask("register", body, token, caller);
            return login;
          },
          async forgotPassword(body) {
            ask("forgotPassword", body);
          },
          async resetPassword(body) {
            ask("resetPassword", body);
          },
          async verifyEmail(body) {
            ask("verifyEmail", body);
          },
          async changePassword(body, token) {
            ask("changePassword", body, token);
          },
        }
      : null,
    jwks: () => ({ keys: [{ kty: "RSA", kid: "1" }] }),
    queue: queue
      ? {
          async join(body, token, { address }) {
            ask("join", body, token);
            face.addresses.push(address);
            return place;
          },
          async poll(ticket, { address }) {
            askWithToken("poll", ticket);
            face.addresses.push(address);
            return place;
          },
          async leave(ticket) {
            askWithToken("leave", ticket);
          },
        }
      : null,
  };
  return face;
}

export const allCodes = Object.keys(errorStatus) as LoginErrorCode[];
