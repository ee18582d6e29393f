// Bans, access rules and revoked tokens of the Redis store: each change one script, reading one a plain read.
import { type AccessRules, openAccess } from "../../access/access-rules.ts";
import type { AccessStore, Ban, BanOutcome } from "../../access/access-store.ts";
import type { RedisCalls } from "./calls.ts";
import { flagOf, listOf, numberOf, type Reply, textOrNull } from "./replies.ts";
import type { Reposts } from "./repost.ts";
import { decodeBan, decodeSessions, userIdOf } from "./session-codec.ts";

interface Parts {
  readonly calls: RedisCalls;
  /** What `settingsArgument` makes of the options: "" where there is no queue. */
  readonly settings: string;
  readonly reposts: Reposts;
}

/** End, moment of writing, reason: as lib/bans.lua has it. */
const written = /^(\S+) \d+ (.*)$/s;

export class RedisAccess implements AccessStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ban(userId: string, { reason, until }: Ban): Promise<BanOutcome> {
    const { calls, settings, reposts } = this.#parts;
    const args = [userIdOf(userId), until ?? "never", reason, ""];
    const { value, socketsClosed } = await calls.runEnding("ban", [settings, ...args]);
    const [bannedAt, shown, before] = listOf(value);
    await reposts.banned(userIdOf(userId), { reason, until }, numberOf(bannedAt));
    return { ended: decodeSessions(shown), socketsClosed, previous: banOrNull(before) };
  }

  async unban(userId: string): Promise<Ban | null> {
    const { calls, settings, reposts } = this.#parts;
    const lifted = banOrNull(await calls.run("unban", [settings, userIdOf(userId)]));
    reposts.unbanned(userIdOf(userId));
    return lifted;
  }

  async getBan(userId: string): Promise<Ban | null> {
    const text = await this.#parts.calls.read(`ban:${userIdOf(userId)}`);
    const [, ends, reason] = written.exec(text ?? "") ?? [];
    if (ends === undefined || reason === undefined || ends === "lifted") return null;
    const ban = decodeBan(ends, reason);
    return ban.until === null || this.#parts.calls.now() < ban.until ? ban : null;
  }

  async revokeToken(jti: string, until: number | null): Promise<boolean> {
    const { calls, settings, reposts } = this.#parts;
    const id = jti.toWellFormed();
    const made = flagOf(await calls.run("revoke_token", [settings, id, until ?? "never"]));
    if (made) await reposts.revoked(id, until);
    return made;
  }

  async isTokenRevoked(jti: string): Promise<boolean> {
    const ends = await this.#parts.calls.read(`revoked:${jti.toWellFormed()}`);
    return ends !== null && (ends === "never" || this.#parts.calls.now() < Number(ends));
  }

  async accessRules(): Promise<AccessRules> {
    return rulesOf(await this.#parts.calls.read("access"));
  }

  async setAccessRules({ mode, allow, opensAt, closesAt }: AccessRules): Promise<AccessRules> {
    const { calls, settings } = this.#parts;
    const rules = JSON.stringify({ mode, allow, opensAt, closesAt });
    return rulesOf(textOrNull(await calls.run("set_access", [settings, rules])));
  }
}

/** As scripts answer it: an empty list where there is none. */
function banOrNull(reply: Reply | undefined): Ban | null {
  const [ends, reason] = listOf(reply);
  return ends === undefined ? null : decodeBan(ends, reason);
}

function rulesOf(text: string | null): AccessRules {
  return text === null ? openAccess : JSON.parse(text);
}
