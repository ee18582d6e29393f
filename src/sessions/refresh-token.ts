// Refresh tokens: `sid.generation.MAC`. The MAC needs a secret that no store holds, so whoever reads the store can mint none.
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { SessionRecord } from "./session.ts";

export interface RefreshSecrets {
  /** Mints. */
  readonly current: string;
  /** Still verify. */
  readonly previous?: readonly string[];
}

export interface ParsedRefreshToken {
  readonly sid: string;
  readonly generation: number;
  readonly mac: Buffer;
}

/** 16 bytes, a number from 1 without leading zeros, 32 bytes; the last character of each base64url part has no idle bits set. */
const spelling = /^([A-Za-z0-9_-]{21}[AQgw])\.([1-9][0-9]{0,9})\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;
/** Longer than every token in the one spelling, so that the pattern never runs over more. */
const maxLength = 80;

interface Secret {
  readonly id: string;
  readonly key: KeyObject;
}

export class RefreshTokens {
  readonly #current: Secret;
  readonly #secrets: readonly Secret[];

  /** Throws a TypeError that shows no secret. */
  constructor(secrets: RefreshSecrets) {
    this.#current = readSecret(secrets.current, "tokens.refreshSecrets.current");
    const previous = secrets.previous ?? [];
    this.#secrets = [
      this.#current,
      ...previous.map((secret, index) => readSecret(secret, `tokens.refreshSecrets.previous[${index}]`)),
    ];
  }

  /** Names the secret that mints from now on: a short hash of it. */
  get currentSecretId(): string {
    return this.#current.id;
  }

  /** The same for the same record, however often it is asked. */
  mint(record: Pick<SessionRecord, "sid" | "generation" | "nonce" | "refreshSecretId">): string {
    // A secret that was taken away since cannot repeat its token; one by the current secret stands for the same generation.
    const secret = this.#secrets.find(({ id }) => id === record.refreshSecretId) ?? this.#current;
    return `${record.sid}.${record.generation}.${macOf(secret, record, record.nonce).toString("base64url")}`;
  }

  /** null for everything but the one spelling. Nothing is proved yet. */
  parse(token: string): ParsedRefreshToken | null {
    const match = token.length <= maxLength ? spelling.exec(token) : null;
    const [, sid, generation, mac] = match ?? [];
    if (sid === undefined || generation === undefined || mac === undefined) return null;
    return { sid, generation: Number(generation), mac: Buffer.from(mac, "base64url") };
  }

  /** Whether one of the secrets made this token for the session of this nonce. */
  verify(token: ParsedRefreshToken, nonce: string): boolean {
    return this.#secrets.some((secret) => timingSafeEqual(macOf(secret, token, nonce), token.mac));
  }
}

function readSecret(secret: string, option: string): Secret {
  if (typeof secret !== "string" || secret === "") throw new TypeError(`${option}: expected a secret string`);
  const key = createSecretKey(secret, "utf8");
  return { id: createHmac("sha256", key).update("refresh secret id").digest("base64url").slice(0, 8), key };
}

/** Every part is preceded by its length: no two different triples give the same bytes. */
function macOf(secret: Secret, token: { readonly sid: string; readonly generation: number }, nonce: string): Buffer {
  const mac = createHmac("sha256", secret.key);
  for (const part of [token.sid, String(token.generation), nonce]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    mac.update(length).update(part);
  }
  return mac.digest();
}
