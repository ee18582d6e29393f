// Patches of numbers are, byte for byte, what the schema's own encoder would have written.
import { Protocol } from "@colyseus/core";
import { Encoder } from "@colyseus/schema";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ClientStateSerializer } from "../../src/login-queue/client-state-serializer.ts";
import { emptyQueueView, type QueueField, QueueState } from "../../src/login-queue/queue-state.ts";

// In the order of the schema, which is the encoder's.
const numberFields = ["position", "queueLength", "etaMs", "passExpiresAt", "asOf"] as const satisfies QueueField[];

const values = fc.record({
  position: fc.nat(2 ** 32 - 1),
  queueLength: fc.nat(2 ** 32 - 1),
  etaMs: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  passExpiresAt: fc.double({ min: 0, max: 1e13, noNaN: true }),
  asOf: fc.double({ min: 0, max: 1e13, noNaN: true }),
});

it("writes what the schema's encoder writes", () => {
  const serializer = new ClientStateSerializer(() => undefined);
  const state = new QueueState();
  const encoder = new Encoder(state);
  fc.assert(
    fc.property(values, fc.subarray([...numberFields], { minLength: 1 }), (numbers, fields) => {
      encoder.discardChanges();
      for (const field of fields) {
        state[field] = numbers[field];
        state.setDirty(field);
      }
      const theirs = [Protocol.ROOM_STATE_PATCH, ...encoder.encode({ offset: 0 })];
      expect([...serializer.encodePatch({ ...emptyQueueView(), ...numbers }, fields)]).toEqual(theirs);
    }),
  );
});

it("answers copies: a message kept by a slow socket does not change", () => {
  const serializer = new ClientStateSerializer(() => undefined);
  const kept = serializer.encodePatch({ ...emptyQueueView(), position: 1 }, ["position"]);
  const before = [...kept];
  serializer.encodePatch({ ...emptyQueueView(), position: 2 }, ["position"]);
  expect([...kept]).toEqual(before);
});
