// Hashes passwords by scrypt and checks them: a few at a time, because each takes 32 MiB and a tenth of a second.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { LoginError } from "../errors.ts";

/** What a hash costs: the parameters of scrypt (RFC 7914). */
export interface ScryptCost {
  /** N as its power of two. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's password sheet names this with N = 2^17, r = 8, p = 1 as of one strength. It takes a quarter of the memory. */
export const defaultScryptCost: ScryptCost = Object.freeze({ ln: 15, r: 8, p: 3 });

const saltBytes = 16;
const hashBytes = 32;
/** Node hashes on a pool of four threads, which the file system and the resolver use as well. */
const maxParallel = 2;
/** Those who wait beyond it would have given up before their turn. */
const maxWaiting = 64;
/** Of a hash that was stored by somebody else: 256 MiB. */
const maxMemoryBytes = 2 ** 28;
const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

export class Passwords {
  readonly cost: ScryptCost;
  /** The hash of nothing: checked where there is no account, so that it takes as long as where there is one. */
  readonly #nobody: string;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(cost: ScryptCost = defaultScryptCost) {
    this.cost = cost;
    this.#nobody = encode(cost, randomBytes(saltBytes), randomBytes(hashBytes));
  }

  /** A PHC string with a salt of its own. Throws LoginError TOO_MANY_REQUESTS where too many wait. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    return encode(this.cost, salt, await this.#run(password, salt, this.cost, hashBytes));
  }

  /**
   * Whether a password is the one of a hash; null, for an unknown account, is false and takes as long. Throws LoginError
   * TOO_MANY_REQUESTS where too many wait, and an Error for a hash that cannot be read.
   */
  async matches(password: string, hash: string | null): Promise<boolean> {
    const { cost, salt, expected } = decode(hash ?? this.#nobody);
    const found = await this.#run(password, salt, cost, expected.byteLength);
    return timingSafeEqual(found, expected) && hash !== null;
  }

  /** Whether a hash was made with other parameters than those of today. */
  isOutdated(hash: string): boolean {
    const { cost } = decode(hash);
    return cost.ln !== this.cost.ln || cost.r !== this.cost.r || cost.p !== this.cost.p;
  }

  async #run(password: string, salt: Uint8Array, cost: ScryptCost, bytes: number): Promise<Buffer> {
    await this.#turn();
    try {
      return await derive(password, salt, cost, bytes);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Resolves when it is one's turn, which the one before hands on. */
  #turn(): Promise<void> {
    if (this.#running < maxParallel) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= maxWaiting) {
      const details = { retryAfterSeconds: 5 };
      return Promise.reject(new LoginError("TOO_MANY_REQUESTS", "Too many players log in at this moment.", details));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Refuses a cost below what S49 asks for. Throws a TypeError. */
export function checkScryptCost({ ln, r, p }: ScryptCost, what: string): ScryptCost {
  const isStrong =
    [ln, r, p].every(Number.isInteger) && ln >= 13 && r >= 8 && p >= 1 && 2 ** ln * r * p >= 2 ** 15 * 8 * 3;
  const fits = ln <= 20 && r <= 32 && p <= 32 && memoryOf({ ln, r, p }) <= maxMemoryBytes;
  if (isStrong && fits) return Object.freeze({ ln, r, p });
  throw new TypeError(`${what}: expected { ln, r, p } of at least 2^15 * 8 * 3 in all and at most 256 MiB`);
}

/** Typed on another keyboard, the same letters may come in other code points: NFKC makes them one (NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Uint8Array, { ln, r, p }: ScryptCost, bytes: number): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: memoryOf({ ln, r, p }) + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, bytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function memoryOf({ ln, r, p }: ScryptCost): number {
  return 128 * r * (2 ** ln + p);
}

function encode({ ln, r, p }: ScryptCost, salt: Uint8Array, hash: Uint8Array): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(hash)}`;
}

function decode(hash: string): { cost: ScryptCost; salt: Buffer; expected: Buffer } {
  const [, ln, r, p, salt = "", expected = ""] = phc.exec(hash) ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (expected === "" || !(memoryOf(cost) <= maxMemoryBytes)) throw new Error("a stored credential is no scrypt hash");
  return { cost, salt: Buffer.from(salt, "base64"), expected: Buffer.from(expected, "base64") };
}

/** Without padding, as the PHC string format has it. */
function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
