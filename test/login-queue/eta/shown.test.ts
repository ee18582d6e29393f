// What a waiting player is told while the estimate wavers: at a socket, and by polls that carry no state.
import type { Client } from "@colyseus/core";
import { describe, expect, it } from "vitest";
import type { Place } from "../../../src/login-queue/place.ts";
import { Seat } from "../../../src/login-queue/seat.ts";
import { QueueHouse } from "../setup.ts";
import { seconds, start } from "./facts.ts";

function placeAt(asOf: number, finishAt: number | null): Place {
  return {
    ticketId: "a",
    status: "waiting",
    position: 50,
    queueLength: 100,
    etaMs: finishAt === null ? -1 : finishAt - asOf,
    estimate: finishAt === null ? null : { finishAt, spreadMs: 5_000, epoch: 1 },
    mode: "auto",
    notice: "",
    passExpiresAt: 0,
    asOf,
    ticket: null,
    finish: null,
  };
}

describe("a seat", () => {
  const newSeat = (client: Client | null = null) => {
    const seat = new Seat(
      { now: () => start, send: () => true, close: () => {}, emit: () => {} },
      client as Client,
      null,
    );
    seat.takePlace(placeAt(start, seconds(100)), true);
    return seat;
  };

  it("is not told of what chance explains, and its heartbeats count down", () => {
    const seat = newSeat();
    expect(seat.takePlace(placeAt(seconds(1), seconds(102)), false)).toBeNull();
    expect(seat.takePlace(placeAt(seconds(5), seconds(98)), true)).toEqual(["etaMs", "asOf"]);
    expect(seat.view.etaMs).toBe(95_000);
  });

  it("is told at once of what it does not", () => {
    const seat = newSeat();
    expect(seat.takePlace(placeAt(seconds(1), seconds(120)), false)).toEqual(["etaMs", "asOf"]);
    expect(seat.view.etaMs).toBe(119_000);
  });

  it("is told at once that nothing can be said, and of the first estimate after", () => {
    const seat = newSeat();
    expect(seat.takePlace(placeAt(seconds(1), null), false)).toEqual(["etaMs", "asOf"]);
    expect(seat.view.etaMs).toBe(-1);
    expect(seat.takePlace(placeAt(seconds(2), seconds(101)), false)).toEqual(["etaMs", "asOf"]);
    expect(seat.view.etaMs).toBe(99_000);
  });
});

describe("a poller", () => {
  it("hears a countdown too, though it carries nothing but its ticket", async () => {
    const house = new QueueHouse({
      settings: { targetCcuLimit: 100_000, targetLoginRatePerSecond: 1, loginBurst: 1, mode: "always" },
    });
    await house.queue.outlook.look();
    const join = () => house.polling.join({ ticket: null, session: null, lane: "default" });
    for (let count = 0; count < 30; count += 1) await join();
    const first = await join();
    await house.clock.advance(400);
    // Nobody was let in meanwhile: a fresh estimate would be the same as before.
    expect((await house.polling.poll(first.ticket)).etaMs).toBe(first.etaMs - 400);
    await house.clock.advance(1_000);
    expect((await house.polling.poll(first.ticket)).etaMs).toBe(first.etaMs);
  });
});
