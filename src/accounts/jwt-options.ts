// The options of jwtProvider: what they say, and which are refused at the start.
import type { JSONWebKeySet, JWTPayload } from "jose";
import { z } from "zod";
import type { Identity } from "./providers.ts";

/** What the issuer says of a person: the claims of a token whose signature and rules were checked. */
export type JwtClaims = Readonly<JWTPayload>;

type OneOrMore = string | readonly string[];
type Profile = Omit<Identity, "externalId">;

/** What `jwtProvider` takes. Durations carry their unit in the name. */
export interface JwtProviderOptions {
  /** `iss`, to the letter. Several are several spellings of one issuer: a `sub` is the same person under each. */
  readonly issuer: OneOrMore;
  /** `aud`: the client ids that the issuer knows this game by. */
  readonly audience: OneOrMore;
  /** Where the issuer shows its keys: an https address (http on the machine itself), or the set of keys. */
  readonly jwks: string | URL | JSONWebKeySet;
  /** Signature algorithms, none of them symmetric. A key that names its own is taken with that one alone. Default RS256, ES256, EdDSA. */
  readonly algorithms?: readonly string[];
  /** The header's `typ`, such as "at+jwt". Default: "JWT" or none, as identity tokens have it. */
  readonly typ?: string;
  /** Who may stand in `azp`, where a token has it. Default: the audience. */
  readonly authorizedParties?: readonly string[];
  /**
   * "optional" (default): a nonce that the request brings must be the token's. "required": every request brings it.
   * "hashed": every request brings it, and the token has its SHA-256, as hex or base64url: then a token that somebody else
   * found is of no use to them.
   */
  readonly nonce?: "optional" | "required" | "hashed";
  /** How far the clocks of the issuer and this server may differ, in seconds, 0 to 300. Default 60. */
  readonly clockSkewSeconds?: number;
  /** The most seconds since the token was issued, whatever its `exp` says. Default: any. */
  readonly maxTokenAgeSeconds?: number;
  /** How long the fetched keys are taken without asking again, in seconds. Default 600. */
  readonly jwksCacheSeconds?: number;
  /** The least time between two fetches for keys that are not known, in seconds. Default 30. */
  readonly jwksCooldownSeconds?: number;
  /** How long a fetch may take, in seconds. Default 5. */
  readonly jwksTimeoutSeconds?: number;
  /**
   * What an account takes from the claims: a username for a new one, and groups. Mind that a username is unique: a login
   * whose name somebody else has is refused with CONFLICT. May refuse with a LoginError. Default: nothing.
   */
  readonly mapClaims?: (claims: JwtClaims) => Profile | Promise<Profile>;
}

/** The same, checked and laid out. */
export interface JwtSettings
  extends Pick<
    JwtProviderOptions,
    "typ" | "authorizedParties" | "clockSkewSeconds" | "maxTokenAgeSeconds" | "mapClaims"
  > {
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly jwks: URL | JSONWebKeySet;
  readonly algorithms: readonly string[];
  readonly nonce: "optional" | "required" | "hashed";
  /** In ms, as jose takes them. */
  readonly fetchKeys: {
    readonly cacheMaxAge: number;
    readonly cooldownDuration: number;
    readonly timeoutDuration: number;
  };
}

const notEmpty = "a string that is not empty";
const text = z.string(notEmpty).min(1, notEmpty);
const oneOrMore = z.union([text, z.array(text).min(1)], "a string, or an array of strings");
const asymmetric = z.string().regex(/^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/);
const skew = "a number from 0 to 300";
const aboveZero = "a number above 0";
const positive = z.number(aboveZero).positive(aboveZero);
const zeroOrMore = "a number, 0 or more";
const notNegative = z.number(zeroOrMore).nonnegative(zeroOrMore);
const jwksExpected = "an https address, or a set of keys { keys: […] }";

const optionsSchema = z.strictObject(
  {
    issuer: oneOrMore,
    audience: oneOrMore,
    jwks: z.union([text, z.instanceof(URL), z.custom(isKeySet)], jwksExpected),
    algorithms: z.array(asymmetric, "algorithms of signatures").min(1).optional(),
    typ: text.optional(),
    authorizedParties: z.array(text, "an array of strings").optional(),
    nonce: z.enum(["optional", "required", "hashed"], '"optional", "required" or "hashed"').optional(),
    clockSkewSeconds: z.number(skew).min(0, skew).max(300, skew).optional(),
    maxTokenAgeSeconds: positive.optional(),
    jwksCacheSeconds: notNegative.optional(),
    jwksCooldownSeconds: notNegative.optional(),
    jwksTimeoutSeconds: positive.optional(),
    mapClaims: z.custom((value) => typeof value === "function", "a function").optional(),
  },
  "an object of options",
);

/** Throws a TypeError that names the option. */
export function checkJwtOptions(options: JwtProviderOptions): JwtSettings {
  const issue = optionsSchema.safeParse(options).error?.issues[0];
  if (issue !== undefined) {
    const name = issue.path.map(String).join(".");
    throw new TypeError(
      issue.code === "unrecognized_keys"
        ? `jwtProvider: there is no option ${issue.keys.join(", ")}`
        : `jwtProvider: ${name === "" ? "" : `option ${name}: `}expected ${expectation(issue.message, name)}`,
    );
  }
  const {
    issuer,
    audience,
    jwks,
    algorithms,
    nonce,
    jwksCacheSeconds,
    jwksCooldownSeconds,
    jwksTimeoutSeconds,
    ...rest
  } = options;
  return {
    ...rest,
    issuers: toList(issuer),
    audiences: toList(audience),
    jwks: typeof jwks === "string" || jwks instanceof URL ? keyAddress(jwks) : jwks,
    algorithms: algorithms ?? ["RS256", "ES256", "EdDSA"],
    nonce: nonce ?? "optional",
    fetchKeys: {
      cacheMaxAge: (jwksCacheSeconds ?? 600) * 1000,
      cooldownDuration: (jwksCooldownSeconds ?? 30) * 1000,
      timeoutDuration: Math.ceil((jwksTimeoutSeconds ?? 5) * 1000),
    },
  };
}

function expectation(message: string, name: string): string {
  return name.startsWith("algorithms") ? "algorithms of signatures, none symmetric: RS256, ES256, EdDSA, …" : message;
}

function isKeySet(value: unknown): boolean {
  const keys: unknown = Object(value).keys;
  return Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "object" && key !== null);
}

function toList(value: OneOrMore): readonly string[] {
  return typeof value === "string" ? [value] : [...value];
}

/** Whoever can change the answer on its way can be anybody: no plain http, but for a server on this machine. */
function keyAddress(address: string | URL): URL {
  const url = URL.canParse(String(address)) ? new URL(address) : null;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw new TypeError(`jwtProvider: option jwks: expected ${jwksExpected}`);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
