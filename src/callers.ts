// Who is at the other end of an HTTP request: its address, in express, in core's router and at matchmaking alike.
//
// Colyseus's `context.ip` believes headers that anyone can write, and the web Request that the router and the matchmaker hand
// on knows no socket. Node tells of every request before anybody handles it, and the asynchronous context keeps it at hand
// for the code that runs on its behalf. Sockets' own upgrades are not told of: a client of a room has the address with which
// it asked for its seat. A transport without Node's HTTP server tells nothing, and its clients have no address.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { clientAddress } from "./address.ts";

/** The request that somebody came with. */
export interface Caller {
  /** Of the HTTP request. Anyone can write any header. */
  readonly headers: Headers;
  /** IPv4 or IPv6: the socket's peer, or who stands `trustedProxyHops` behind it; null where the server cannot tell. */
  readonly address: string | null;
}

/** Ample for what browsers and games call themselves. */
const maxAgentLength = 256;

/** The `User-Agent` as it is kept with a session: cut, well-formed, without control characters; null where none was sent. */
export function agentOf(headers: Headers): string | null {
  const sent = (headers.get("user-agent") ?? "").slice(0, 4 * maxAgentLength);
  const agent = sent
    .toWellFormed()
    .replace(/\p{Cc}/gu, "")
    .trim();
  return agent === "" ? null : [...agent].slice(0, maxAgentLength).join("");
}

const requestStart = "http.server.request.start";

export class Callers {
  readonly #trustedProxyHops: number;
  /** No more than this: rooms live on in the context of the request that created them, and must not keep it alive. */
  readonly #current = new AsyncLocalStorage<{ readonly address: string | null; readonly pathIsFolder: boolean }>();
  readonly #addresses = new WeakMap<IncomingMessage, string | null>();
  readonly #remember = (told: unknown): void => {
    const request: unknown = Object(told).request;
    // Read now: a client that hangs up meanwhile must not become one without an address.
    if (!(request instanceof IncomingMessage)) return;
    const address = this.#read(request);
    this.#addresses.set(request, address);
    this.#current.enterWith({ address, pathIsFolder: /^[^?#]*\/(?:[?#]|$)/.test(request.url ?? "") });
  };

  constructor(trustedProxyHops: number) {
    this.#trustedProxyHops = trustedProxyHops;
  }

  /** Begins to follow the requests of every HTTP server of this process. */
  start(): void {
    subscribe(requestStart, this.#remember);
  }

  stop(): void {
    unsubscribe(requestStart, this.#remember);
  }

  /** The address of the request on whose behalf this code runs; null where it runs for none. */
  get currentAddress(): string | null {
    return this.#current.getStore()?.address ?? null;
  }

  /** Whether the path of that request ends in a slash; null where there is none. */
  get currentPathIsFolder(): boolean | null {
    return this.#current.getStore()?.pathIsFolder ?? null;
  }

  addressOf(request: IncomingMessage): string | null {
    const told = this.#addresses.get(request);
    return told === undefined ? this.#read(request) : told;
  }

  #read({ socket, headers }: IncomingMessage): string | null {
    const header = headers["x-forwarded-for"] ?? null;
    const forwardedFor = Array.isArray(header) ? header.join(",") : header;
    return clientAddress({ peer: socket.remoteAddress, forwardedFor }, this.#trustedProxyHops);
  }
}
