// Where the helper keeps its session and its place in the queue between page loads.
import { asRecord } from "./errors.ts";
import type { StoredSession } from "./session.ts";
import { readStoredSession } from "./session.ts";

/** `localStorage`, `sessionStorage`, React Native's AsyncStorage, or anything with these three. */
export interface LoginStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** A storage that ends with the process: the default outside of browsers, one for each helper. */
export function memoryStorage(): LoginStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

/** The page's `localStorage`, or null where there is none or the browser forbids it. */
export function pageStorage(): LoginStorage | null {
  try {
    return typeof window === "undefined" ? null : (window.localStorage ?? null);
  } catch {
    return null;
  }
}

/** Calls `changed` when another tab wrote or removed the session; the answer stops it. Nothing where there are no tabs. */
export function onOtherTab(vault: Vault<unknown, object>, changed: () => void): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => {};
  const listener = ({ storageArea, key }: StorageEvent) => {
    // No key: the other tab cleared the whole storage.
    if (storageArea === vault.storage && (key === vault.sessionKey || key === null)) changed();
  };
  globalThis.addEventListener("storage", listener);
  return () => globalThis.removeEventListener("storage", listener);
}

/** The session and the queue ticket of one server, in a storage that may fail: what it does not take is kept in memory. */
export class Vault<V, D extends object> {
  readonly sessionKey: string;
  readonly storage: LoginStorage;
  #ticketKey: string;
  /** What the storage refused to write (full, forbidden); null stands for "removed". */
  #unwritten = new Map<string, string | null>();

  constructor(storage: LoginStorage, key: string) {
    this.storage = storage;
    this.sessionKey = `${key}:session`;
    this.#ticketKey = `${key}:ticket`;
  }

  async readSession(): Promise<StoredSession<V, D> | null> {
    const text = await this.#read(this.sessionKey);
    return text === null ? null : readStoredSession<V, D>(parse(text));
  }

  async writeSession(session: StoredSession<V, D> | null): Promise<void> {
    await this.#write(this.sessionKey, session === null ? null : JSON.stringify(session));
  }

  async readTicket(): Promise<string | null> {
    const text = await this.#read(this.#ticketKey);
    const { ticket } = asRecord(text === null ? null : parse(text));
    return typeof ticket === "string" ? ticket : null;
  }

  async writeTicket(ticket: string | null): Promise<void> {
    await this.#write(this.#ticketKey, ticket === null ? null : JSON.stringify({ ticket }));
  }

  async #read(key: string): Promise<string | null> {
    const unwritten = this.#unwritten.get(key);
    if (unwritten !== undefined) return unwritten;
    try {
      return (await this.storage.getItem(key)) ?? null;
    } catch {
      return null;
    }
  }

  async #write(key: string, value: string | null): Promise<void> {
    try {
      await (value === null ? this.storage.removeItem(key) : this.storage.setItem(key, value));
      this.#unwritten.delete(key);
    } catch {
      this.#unwritten.set(key, value);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
