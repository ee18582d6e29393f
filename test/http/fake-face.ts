// A login that needs no store: it notes what the routes asked of it and answers by rote.
import { errorStatus, LoginError, type LoginErrorCode, type LoginErrorDetails } from "../../src/errors.ts";
import type { LoginFace } from "../../src/http/face.ts";
import type { WireLogin, WirePlace, WireSession } from "../../src/wire.ts";

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

export interface FakeFace extends LoginFace {
  /** What was asked, in order: the name of the call and its arguments. */
  readonly asked: unknown[][];
  /** The address of each who asked for a place or after one. */
  readonly addresses: (string | null)[];
  /** Answers the next call with this error. */
  failNext(error: unknown): void;
  /** What `sessions` answers. */
  list: WireSession[];
}

export function refuse(code: LoginErrorCode, details: LoginErrorDetails = {}): LoginError {
  return new LoginError(code, `refused with ${code}`, details);
}

export function fakeFace({ queue = true } = {}): FakeFace {
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
    list: [wireSession()],
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
