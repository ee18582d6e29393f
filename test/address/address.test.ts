// The address of a client: what is believed of the proxies' header, and who counts as one.
import { describe, expect, it } from "vitest";
import { addressGroup, clientAddress } from "../../src/address.ts";

const peer = "192.0.2.9";

describe("S43 the client's address", () => {
  it.each<[what: string, hops: number, forwardedFor: string | null, peer: string | undefined, address: string | null]>([
    ["the peer", 0, null, peer, peer],
    ["the peer, whatever the header says", 0, "198.51.100.1", peer, peer],
    ["the peer, where no proxy wrote", 1, null, peer, peer],
    ["the last entry", 1, "198.51.100.1", peer, "198.51.100.1"],
    ["the last entry, behind what the client wrote", 1, "10.9.9.9, 8.8.8.8,198.51.100.1", peer, "198.51.100.1"],
    ["the last but one", 2, "10.9.9.9, 198.51.100.1, 203.0.113.5", peer, "198.51.100.1"],
    ["the first, where there are fewer than hops", 3, "198.51.100.1, 203.0.113.5", peer, "198.51.100.1"],
    ["the peer, where the proxy wrote no address", 1, "198.51.100.1, unknown", peer, peer],
    ["the nearest known, where one of two wrote none", 2, "unknown, 203.0.113.5", peer, "203.0.113.5"],
    ["the peer, for an empty header", 1, "", peer, peer],
    ["the peer, for empty entries", 2, ", ,", peer, peer],
    ["an entry with a port", 1, "198.51.100.1:4711", peer, "198.51.100.1"],
    ["an entry in brackets", 1, "[2001:db8::7]", peer, "2001:db8::7"],
    ["an entry in brackets with a port", 1, "[2001:db8::7]:4711", peer, "2001:db8::7"],
    ["an entry with a zone", 1, "fe80::1%eth0", peer, "fe80::1"],
    ["an entry that is mapped", 1, "::ffff:198.51.100.1", peer, "198.51.100.1"],
    ["a mapped peer", 0, null, "::ffff:192.0.2.9", "192.0.2.9"],
    ["a mapped peer in groups", 0, null, "0:0:0:0:0:FFFF:c000:0209", "192.0.2.9"],
    ["an IPv6 peer", 0, null, "2001:DB8::1", "2001:db8::1"],
    ["no address, where the socket is gone", 0, null, undefined, null],
    ["no address, where the socket is gone, whatever the header says", 1, "198.51.100.1", undefined, null],
    ["the peer, for an address too many", 1, "1.2.3.4.5", peer, peer],
    ["the peer, for markup", 1, "<script>", peer, peer],
    ["the peer, for an entry of 10 000 characters", 1, "1".repeat(10_000), peer, peer],
  ])("is %s (%i hops, %j)", (_what, hops, forwardedFor, from, address) => {
    expect(clientAddress({ peer: from, forwardedFor }, hops)).toBe(address);
  });
});

describe("S43 those who count as one", () => {
  it.each([
    ["192.0.2.9", "192.0.2.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002:ffff::1", "2001:db8:1:2::/64"],
    ["2001:db8::7", "2001:db8:0:0::/64"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["64:ff9b::192.0.2.9", "64:ff9b:0:0::/64"],
    ["1:2:3:4:5:6:192.0.2.9", "1:2:3:4::/64"],
  ])("%s is of %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
