// Where a request comes from: the peer of its socket, or what a trusted proxy wrote of it. Pure: no headers of others are believed.
import { isIP, isIPv4 } from "node:net";

/** What is known of a request's origin. */
export interface Origin {
  /** The address of the socket's other end; undefined where the socket is gone or has none. */
  readonly peer: string | undefined;
  /** The header `x-forwarded-for`, to which each proxy appends the address of its own peer; null without one. */
  readonly forwardedFor: string | null;
}

/**
 * The client's address: the peer's, or the one `trustedProxyHops` back in the header, read from the right, because everything
 * further left was written by the client itself. IPv4-mapped IPv6 is answered as IPv4. Where a proxy wrote no address, the
 * nearest one behind it stands for all that comes through it. null where the peer is not known.
 */
export function clientAddress({ peer, forwardedFor }: Origin, trustedProxyHops: number): string | null {
  let address = parseAddress(peer ?? "");
  if (address === null || forwardedFor === null) return address;
  const written = forwardedFor.split(",");
  for (let hop = 1; hop <= trustedProxyHops && hop <= written.length; hop += 1) {
    const before = parseAddress(written.at(-hop) ?? "");
    if (before === null) break;
    address = before;
  }
  return address;
}

/** Those who count as one: a single IPv4 address, or a /64 of IPv6, which is the least that a subscriber is given. */
export function addressGroup(address: string): string {
  if (isIPv4(address)) return address;
  return `${hextets(address).slice(0, 4).join(":")}::/64`;
}

/** An address as proxies write it, with brackets, a port or a zone or without; null for anything else. */
function parseAddress(text: string): string | null {
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d+)?$|^(.+)$/.exec(text.trim()) ?? [];
  const withoutPort = bracketed ?? plain?.replace(/^([\d.]+):\d+$/, "$1") ?? "";
  const address = withoutPort.replace(/%.*$/, "").toLowerCase();
  if (isIP(address) === 0) return null;
  return isIPv4(address) ? address : (mappedIPv4(address) ?? address);
}

/** The IPv4 address that an address of ::ffff:0:0/96 stands for. */
function mappedIPv4(address: string): string | null {
  const parts = hextets(address);
  if (parts.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return null;
  const [high = 0, low = 0] = parts.slice(6).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address, without leading zeros. */
function hextets(address: string): readonly string[] {
  const [head = "", tail] = address.split("::").map((half) => half.replace(/[\d.]+$/, dottedToHextets));
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].map((part) => Number.parseInt(part, 16).toString(16));
}

/** The IPv4 tail that an IPv6 address may be written with; a last group of digits alone is none. */
function dottedToHextets(tail: string): string {
  if (!tail.includes(".")) return tail;
  const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
