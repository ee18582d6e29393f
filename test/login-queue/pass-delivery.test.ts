// Who is told what happened to a ticket: the connection of this process that holds it, and no other.
import { describe, expect, it } from "vitest";
import { PassDelivery, type TicketWatcher } from "../../src/login-queue/pass-delivery.ts";
import type { Place } from "../../src/login-queue/place.ts";

class Watcher implements TicketWatcher {
  readonly heard: string[] = [];
  readonly ticketId: string;
  readonly holderId: string;
  isOpen = true;

  constructor(ticketId: string, holderId: string) {
    this.ticketId = ticketId;
    this.holderId = holderId;
  }

  admitted(_place: Place, pass: string): boolean {
    this.heard.push(pass);
    return this.isOpen;
  }

  removed(reason: string): void {
    this.heard.push(`removed: ${reason}`);
  }

  takenOver(): void {
    this.heard.push("taken over");
  }
}

function setUp(statuses: Record<string, Place["status"]> = {}) {
  const delivered: string[] = [];
  const asked: string[] = [];
  const delivery = new PassDelivery({
    hostId: "here",
    places: async (ids) => {
      asked.push(...ids);
      return ids.map((ticketId) => ({ ticketId, status: statuses[ticketId] ?? "admitted" }) as Place);
    },
    signPass: async ({ ticketId }) => `pass of ${ticketId}`,
    markDelivered: async (ids) => void delivered.push(...ids),
  });
  return { delivery, delivered, asked };
}

describe("a pass", () => {
  it("goes to whoever watches its ticket here, and only what arrived counts as delivered", async () => {
    const { delivery, delivered, asked } = setUp({ c: "waiting", d: "removed" });
    const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => new Watcher(id, `holder of ${id}`)) as [
      Watcher,
      Watcher,
      Watcher,
      Watcher,
    ];
    b.isOpen = false;
    for (const watcher of [a, b, c, d]) delivery.watch(watcher);
    await delivery.deliver(["a", "b", "c", "d", "held elsewhere"]);
    expect([a, b, c, d].map(({ heard }) => heard)).toEqual([["pass of a"], ["pass of b"], [], []]);
    expect(delivered).toEqual(["a"]);
    expect(asked).not.toContain("held elsewhere");
  });

  it("costs the store nothing where nobody watches", async () => {
    const { delivery, asked } = setUp();
    await delivery.deliver(["a"]);
    const watcher = new Watcher("a", "one");
    delivery.watch(watcher);
    delivery.unwatch(watcher);
    await delivery.deliver(["a"]);
    expect(asked).toEqual([]);
  });
});

describe("a take-over", () => {
  const from = (hostId: string, id: string) =>
    ({ type: "ticketTakenOver", ticketId: "a", from: { kind: "socket", hostId, id } }) as const;

  it("is told to the connection that lost the ticket, not to the one that has it", () => {
    const { delivery } = setUp();
    const watcher = new Watcher("a", "one");
    delivery.watch(watcher);
    delivery.takenOver(from("elsewhere", "one"));
    delivery.takenOver(from("here", "another"));
    delivery.takenOver({ type: "ticketTakenOver", ticketId: "a", from: { kind: "poll", nextPollSeconds: 1 } });
    expect(watcher.heard).toEqual([]);
    delivery.takenOver(from("here", "one"));
    expect(watcher.heard).toEqual(["taken over"]);
  });

  it("is known by the next watcher of the same ticket as well", () => {
    const { delivery } = setUp();
    const [first, second] = [new Watcher("a", "one"), new Watcher("a", "two")];
    delivery.watch(first);
    delivery.watch(first);
    expect(first.heard).toEqual([]);
    delivery.watch(second);
    expect(first.heard).toEqual(["taken over"]);
    delivery.unwatch(first);
    delivery.removed({ type: "ticketRemoved", ticketId: "a", reason: "no bots" });
    expect(second.heard).toEqual(["removed: no bots"]);
  });
});
