// Every secret that passes between a client and its server, written down as it goes by, to look for in what was printed.
import type { LoginStorage } from "../../../src/client/storage.ts";

/** The fields whose values open a door, wherever they stand in a request or an answer. */
const fields: ReadonlySet<string> = new Set([
  ...[
    "token",
    "refreshToken",
    "socialToken",
    "password",
    "newPassword",
    "sid",
    "ticket",
    "pass",
    "queuePass",
    "attempt",
  ],
]);
/** Shorter ones are nobody's secret. */
const leastLength = 12;

export class Secrets {
  readonly #seen = new Map<string, string>();

  constructor(passwords: readonly string[]) {
    for (const password of passwords) this.keep("password", password);
  }

  get kinds(): readonly string[] {
    return [...new Set(this.#seen.values())];
  }

  /** The one of a kind that was seen last. */
  newest(kind: string): string {
    return [...this.#seen].findLast(([, each]) => each === kind)?.[0] ?? "";
  }

  /** As what each secret was seen that stands in the text, whole or as a part of a token that proves something. */
  foundIn(text: string): readonly string[] {
    return [...this.#seen].flatMap(([secret, kind]) => {
      const parts = [secret, ...secret.split(".").slice(1)].filter(({ length }) => length >= leastLength);
      return parts.some((part) => text.includes(part)) ? [kind] : [];
    });
  }

  keep(kind: string, value: unknown): void {
    const isSecret = typeof value === "string" && value.length >= leastLength;
    if (isSecret && !this.#seen.has(value)) this.#seen.set(value, kind);
  }

  /** As `fetch`. */
  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (typeof init?.body === "string") this.#read(init.body, new URL(String(url)).pathname);
    const response = await fetch(url, init);
    this.#read(await response.clone().text(), new URL(response.url).pathname);
    return response;
  };

  /** A storage of one helper: a ticket is told over the queue's socket, and kept there. */
  storage(): LoginStorage {
    const items = new Map<string, string>();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => {
        this.#read(value, "");
        items.set(key, value);
      },
      removeItem: (key) => items.delete(key),
    };
  }

  #read(text: string, path: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    this.#walk(value);
    // A device's id is its password; elsewhere an id is a name.
    if (path.endsWith("/device") && typeof value === "object" && value !== null && "id" in value)
      this.keep("id", value.id);
  }

  #walk(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (fields.has(key)) this.keep(key === "newPassword" ? "password" : key, member);
      this.#walk(member);
    }
  }
}
