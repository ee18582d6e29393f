// Accounts and identities on their way into Redis and back, as scripts/lib/accounts.lua has them.
import { createHash } from "node:crypto";
import type { Account, Credential, IdentityRecord, LinkedIdentity, NewIdentity } from "../../accounts/account-store.ts";
import { listOf, numberOf, type Reply, textOf, textOrNull } from "./replies.ts";

/**
 * What an identity is known by: short, whatever it is, and no mail address among the names of keys. Of its JSON, because both
 * parts are arbitrary text: no separator is safe between them, and halves of a character pair are lost on the way to UTF-8.
 */
export function digestOf({ provider, externalId }: LinkedIdentity): string {
  return createHash("sha256")
    .update(JSON.stringify([provider, externalId]))
    .digest("base64url");
}

/** The six arguments that `accounts.identityAt` reads. */
export function identityArguments(identity: NewIdentity): readonly string[] {
  const { provider, externalId, credential } = identity;
  const secret = credential === undefined ? ["", "", ""] : credentialArguments(credential);
  return [digestOf(identity), JSON.stringify(provider), JSON.stringify(externalId), ...secret];
}

export function credentialArguments({ hash, version, verifiedAt }: Credential): readonly string[] {
  return [hash, version, verifiedAt === null ? "" : String(verifiedAt)];
}

/** `{ userId, username, groups, createdAt }`. */
export function decodeAccount(reply: Reply | undefined): Account {
  const [userId, username, groups, createdAt] = listOf(reply);
  return {
    userId: textOf(userId),
    username: textOf(username),
    groups: JSON.parse(textOf(groups)),
    createdAt: numberOf(createdAt),
  };
}

/** `{ hash, version, verifiedAt }`; null where there is none. */
export function decodeCredential(reply: Reply | undefined): Credential | null {
  const [hash, version, verifiedAt] = listOf(reply).map(textOrNull);
  if (typeof hash !== "string" || typeof version !== "string") return null;
  return { hash, version, verifiedAt: decodeMoment(verifiedAt) };
}

/** `{ provider, externalId, linkedAt, verifiedAt }`. */
export function decodeIdentity(reply: Reply): IdentityRecord {
  const [provider, externalId, linkedAt, verifiedAt] = listOf(reply);
  return {
    provider: JSON.parse(textOf(provider)),
    externalId: JSON.parse(textOf(externalId)),
    linkedAt: numberOf(linkedAt),
    verifiedAt: decodeMoment(textOrNull(verifiedAt)),
  };
}

function decodeMoment(text: string | null | undefined): number | null {
  return text === null || text === undefined || text === "" ? null : Number(text);
}
