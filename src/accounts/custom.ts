// Identity provider made of one function, for whatever this package does not know.
import { LoginError } from "../errors.ts";
import { checkGroups, parseUsername } from "./names.ts";
import type { Identity, IdentityProvider, RequestContext } from "./providers.ts";

/**
 * `check` gets the body's credentials, unchecked, and answers whose they are, or null where they are wrong
 * (INVALID_CREDENTIALS). It may throw a LoginError of its own. An answer that is no identity is a TypeError.
 */
export function customProvider(
  check: (
    credentials: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ) => Identity | null | Promise<Identity | null>,
): IdentityProvider {
  if (typeof check !== "function") throw new TypeError(`customProvider: expected a function, got ${typeof check}`);
  return {
    async authenticate(credentials, context) {
      const identity = await check(credentials, context);
      if (identity === null) throw new LoginError("INVALID_CREDENTIALS", "These credentials are not right.");
      return checkIdentity(identity, "customProvider");
    },
  };
}

/**
 * A function's answer is the server's own code's, but not every such code is type-checked, and an account hangs on it.
 * `provider` is whose function it is. Throws a TypeError.
 */
export function checkIdentity(identity: Identity, provider: string): Identity {
  const externalId: unknown = Object(identity).externalId;
  if (externalId !== null && (typeof externalId !== "string" || externalId === "" || externalId.length > 1024)) {
    throw new TypeError(`${provider}: expected an externalId of 1 to 1024 characters, or null`);
  }
  const { username, groups } = identity;
  return {
    externalId,
    ...(username === undefined ? {} : { username: parseUsername(username) }),
    ...(groups === undefined ? {} : { groups: checkGroups(groups, `${provider}: groups`) }),
  };
}
