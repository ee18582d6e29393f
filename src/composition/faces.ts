// What a server may ask of its login: the parts as they are shown to the outside.
import { BanRegister } from "../access/bans.ts";
import type { LimitedAccess } from "../access/limited-access.ts";
import { type AccessControl, createAccessFace } from "../access-face.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import { type AccountsFace, createAccountsFace } from "../accounts-face.ts";
import { createQueueFace, type QueueFace } from "../queue-face.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { createSessionsFace, type SessionsFace } from "../sessions/sessions-face.ts";
import type { EmailTokens } from "../tokens/email-tokens.ts";
import type { TokensFace } from "../tokens/tokens-face.ts";
import type { Basics } from "./basics.ts";
import { createTokens } from "./identity-parts.ts";
import { type QueueParts, requireQueue } from "./queue-parts.ts";

export interface Faces {
  readonly sessions: SessionsFace;
  readonly queue: QueueFace;
  readonly bans: BanRegister;
  readonly access: AccessControl;
  readonly accounts: AccountsFace;
  readonly tokens: TokensFace;
}

export function createFaces(
  basics: Basics,
  parts: {
    readonly accounts: AccountStore;
    readonly access: LimitedAccess;
    readonly sessions: Sessions;
    readonly queue: QueueParts | null;
    readonly emails: EmailTokens;
  },
): Faces {
  const { options, store, signals } = basics;
  const { accounts, access, sessions, queue, emails } = parts;
  return {
    sessions: createSessionsFace(sessions),
    queue: createQueueFace(() => ({ service: requireQueue(queue).service, store: store.queue })),
    access: createAccessFace(access, Object.keys(options.accessRules ?? {})),
    bans: new BanRegister({
      store: store.access,
      announceEnded: (ended) => sessions.announceEnded(ended),
      emit: signals.emit,
    }),
    tokens: createTokens(basics, emails),
    accounts: createAccountsFace(accounts, sessions),
  };
}
