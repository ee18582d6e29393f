// What a look at the store means for a waiting client, case by case.
import { describe, expect, it } from "vitest";
import type { Place } from "../../src/login-queue/place.ts";
import type { FinishReason, Holder, Ticket, TicketStatus } from "../../src/login-queue/queue-store.ts";
import { judge, type Verdict } from "../../src/login-queue/verdict.ts";

const mine: Holder = { kind: "socket", id: "mine", hostId: "host" };
const others: Holder = { kind: "socket", id: "another's", hostId: "host" };
const poller: Holder = { kind: "poll", nextPollSeconds: 5 };

const place: Place = {
  ticketId: "a",
  status: "waiting",
  position: 1,
  queueLength: 1,
  etaMs: -1,
  mode: "auto",
  notice: "",
  passExpiresAt: 0,
  asOf: 0,
  ticket: null,
  finish: null,
  estimate: null,
};
const ticket: Ticket = {
  id: "a",
  lane: "default",
  order: 1,
  position: 1,
  status: "waiting",
  userId: null,
  sid: null,
  enqueuedAt: 0,
  holder: mine,
  admittedAt: null,
  passExpiresAt: null,
};

describe("a living ticket", () => {
  it.each<[string, Holder | null, TicketStatus, boolean, Verdict]>([
    ["held by this socket", mine, "waiting", true, "waiting"],
    ["admitted, held by this socket", mine, "admitted", true, "admitted"],
    ["held by another socket", others, "waiting", true, "takenOver"],
    ["admitted, held by another socket", others, "admitted", true, "takenOver"],
    ["held by a poller", poller, "waiting", true, "takenOver"],
    ["held by nobody", null, "waiting", true, "lost"],
    ["admitted, held by nobody", null, "admitted", true, "lost"],
    ["still held by the socket before this one", others, "waiting", false, "waiting"],
  ])("%s", (_name, holder, status, isClaimed, verdict) => {
    const seat = { isClaimed, holderId: "mine", view: { status: "waiting" } };
    expect(judge(seat, { ...place, status, ticket: { ...ticket, status, holder } })).toBe(verdict);
  });
});

describe("a finished ticket", () => {
  it.each<[FinishReason | null, Verdict, Verdict]>([
    [null, "lost", "lost"],
    ["lapsed", "lost", "lapsed"],
    ["admitted", "takenOver", "spent"],
    ["left", "removed", "removed"],
    ["removed", "removed", "removed"],
  ])("%s", (finish, ofWaiting, ofAdmitted) => {
    const gone: Place = { ...place, status: "removed", finish };
    expect(judge({ isClaimed: true, holderId: "mine", view: { status: "waiting" } }, gone)).toBe(ofWaiting);
    expect(judge({ isClaimed: true, holderId: "mine", view: { status: "admitted" } }, gone)).toBe(ofAdmitted);
  });
});
