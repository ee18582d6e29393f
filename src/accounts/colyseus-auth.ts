// Identity provider for the tokens of `@colyseus/auth`: whoever logged in there, by OAuth, e-mail or as a guest, gets a session here.
//
//   import { colyseusAuthProvider, defineLogin } from "colyseus-login";
//   const login = defineLogin({ providers: { colyseus: colyseusAuthProvider() } });
//   await client.http.post("/auth/authenticate/colyseus", { body: { token } }); // the token that `@colyseus/auth` gave
//
// It goes by `JWT.settings` of `@colyseus/auth`: secret, algorithms, revocation check. The package is looked for when the first
// token comes, and only the part of it that knows tokens: its index would change the `onAuth` of every room in the process.
// It does not log anybody out there, and a token without an end stays good for as long as its secret does.
import { LoginError } from "../errors.ts";
import { customProvider } from "./custom.ts";
import type { Identity, IdentityProvider } from "./providers.ts";

/** What is asked of the `JWT` that `@colyseus/auth` exports. */
export interface ColyseusJwt {
  verify(token: string): Promise<unknown>;
  readonly settings: {
    /** Taken from the environment's JWT_SECRET where it is not set. */
    readonly secret?: unknown;
    readonly revocationCheck?: ((payload: ColyseusUser) => boolean | Promise<boolean>) | undefined;
  };
}

/** What a token of `@colyseus/auth` says: the user that a callback of the server answered, as JSON. */
export type ColyseusUser = Readonly<Record<string, unknown>>;

export interface ColyseusAuthProviderOptions {
  /** `JWT` of `@colyseus/auth`, for a server that loads that package in a way of its own. Default: the one Node finds. */
  readonly JWT?: ColyseusJwt;
  /**
   * Who a user is here: an `externalId` that never changes and is never given to anybody else; perhaps a username and groups;
   * null refuses. Default: the user's `id`, or of a guest without one the `anonymousId`.
   */
  readonly identify?: (user: ColyseusUser) => Identity | null | Promise<Identity | null>;
}

/**
 * Credentials `{ token }`. Refuses with INVALID_REQUEST (no token) and INVALID_CREDENTIALS (wrong, ended or revoked ones, and
 * those of a password-reset mail, which has the same signature).
 */
export function colyseusAuthProvider(options: ColyseusAuthProviderOptions = {}): IdentityProvider {
  const { JWT, identify = identityOf } = options;
  const isJwt = JWT === undefined || typeof Object(JWT).verify === "function";
  if (!isJwt || typeof identify !== "function")
    throw new TypeError("colyseusAuthProvider: expected { JWT?, identify? }: JWT of @colyseus/auth, and a function");
  const provider = customProvider(async ({ token }) => {
    if (typeof token !== "string" || token === "")
      throw new LoginError("INVALID_REQUEST", "token: expected a token of @colyseus/auth");
    const user = await verify(JWT ?? (await loadJwt()), token);
    return user === null ? null : identify(user);
  });
  return { ...provider, isGuessable: false };
}

/** null for a token that is not good. Throws a TypeError where the server has no secret to check it with. */
async function verify(JWT: ColyseusJwt, token: string): Promise<ColyseusUser | null> {
  if (!JWT.settings.secret && !process.env["JWT_SECRET"])
    throw new TypeError("colyseusAuthProvider: @colyseus/auth has no secret: set JWT.settings.secret or JWT_SECRET");
  let user: unknown;
  try {
    user = await JWT.verify(token);
  } catch (error) {
    if (refusals.has(String(Object(error).name))) return null;
    throw error;
  }
  if (!isUser(user) || isResetToken(user)) return null;
  const isGood = (await JWT.settings.revocationCheck?.(user)) ?? true;
  return isGood ? user : null;
}

/** The errors of `jsonwebtoken` that are about the token. */
const refusals: ReadonlySet<string> = new Set(["JsonWebTokenError", "TokenExpiredError", "NotBeforeError"]);

function isUser(value: unknown): value is ColyseusUser {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The link of a "forgot password" mail holds `{ email }` with an end, signed by the same secret. It is no login. */
function isResetToken({ iat: _issued, exp, ...user }: ColyseusUser): boolean {
  return exp !== undefined && Object.keys(user).join() === "email";
}

function identityOf({ id, anonymousId, anonymous }: ColyseusUser): Identity {
  if ((typeof id === "string" && id !== "") || Number.isSafeInteger(id)) return { externalId: `id:${id}` };
  if (anonymous === true && typeof anonymousId === "string" && anonymousId !== "")
    return { externalId: `anonymous:${anonymousId}` };
  throw new TypeError(
    "colyseusAuthProvider: the user in the token has no id: give the option identify, which finds one",
  );
}

async function loadJwt(): Promise<ColyseusJwt> {
  try {
    return (await import("@colyseus/auth/JWT")).JWT;
  } catch (error) {
    if (Object(error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new TypeError("colyseusAuthProvider: install @colyseus/auth", { cause: error });
  }
}
