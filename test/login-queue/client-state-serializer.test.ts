// One encoder for all clients: each sees its own values and nobody else's.
import type { Client } from "@colyseus/core";
import { type Decoder, Reflection } from "@colyseus/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientStateSerializer } from "../../src/login-queue/client-state-serializer.ts";
import { emptyQueueView, type QueueField, type QueueState, type QueueView } from "../../src/login-queue/queue-state.ts";

/** As the SDK does: the first byte is the message's code, the rest the state. */
class Viewer {
  readonly client = { sessionId: "" } as Client;
  readonly view: QueueView = emptyQueueView();
  readonly #decoder: Decoder<QueueState>;

  constructor(serializer: ClientStateSerializer) {
    this.#decoder = Reflection.decode<QueueState>(serializer.handshake());
  }

  receive(bytes: Uint8Array): void {
    this.#decoder.decode(bytes, { offset: 1 });
  }

  get sees(): unknown {
    return this.#decoder.state.toJSON();
  }
}

function setUp(count: number): { serializer: ClientStateSerializer; viewers: readonly Viewer[] } {
  const viewers: Viewer[] = [];
  const serializer = new ClientStateSerializer((client) => viewers.find((viewer) => viewer.client === client)?.view);
  for (let made = 0; made < count; made += 1) viewers.push(new Viewer(serializer));
  return { serializer, viewers };
}

const change = fc.record({
  viewer: fc.nat(3),
  full: fc.boolean(),
  values: fc.record<Partial<QueueView>>(
    {
      status: fc.constantFrom("waiting", "admitted", "removed"),
      position: fc.nat(2 ** 32 - 1),
      queueLength: fc.nat(3),
      etaMs: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      mode: fc.constantFrom("auto", "paused"),
      notice: fc.string({ unit: "grapheme", maxLength: 300 }),
      ticket: fc.string({ maxLength: 4096 }),
      pass: fc.string({ maxLength: 900 }),
      passExpiresAt: fc.nat(2 ** 31),
      asOf: fc.double({ min: 0, max: 1e13, noNaN: true }),
    },
    { requiredKeys: [] },
  ),
});

describe("the serializer", () => {
  it("shows every client exactly its own values, in any order of patches and full states", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { serializer, viewers } = setUp(4);
        for (const viewer of viewers) viewer.receive(serializer.getFullState(viewer.client));
        for (const { viewer: index, full, values } of changes) {
          const viewer = viewers[index];
          if (viewer === undefined) continue;
          Object.assign(viewer.view, values);
          const fields = Object.keys(values) as QueueField[];
          if (full) viewer.receive(serializer.getFullState(viewer.client));
          else viewer.receive(serializer.encodePatch(viewer.view, fields));
          for (const each of viewers) expect(each.sees).toEqual(each.view);
        }
      }),
    );
  });

  it("answers copies: a message kept by a slow socket does not change", () => {
    const { serializer, viewers } = setUp(2);
    const [one, two] = viewers as [Viewer, Viewer];
    one.view.ticket = "ticket of one";
    two.view.ticket = "ticket of two";
    const kept = serializer.encodePatch(one.view, ["ticket"]);
    const text = Buffer.from(kept).toString("latin1");
    serializer.encodePatch(two.view, ["ticket"]);
    serializer.getFullState(two.client);
    expect(Buffer.from(kept).toString("latin1")).toBe(text);
    expect(text).toContain("ticket of one");
  });

  it("shows whoever has no place, and tools that look into rooms, the defaults", () => {
    const { serializer, viewers } = setUp(1);
    const [one] = viewers as [Viewer];
    one.view.ticket = "secret";
    serializer.getFullState(one.client);
    const stranger = new Viewer(serializer);
    stranger.receive(serializer.getFullState());
    expect(stranger.sees).toEqual(emptyQueueView());
    expect(Buffer.from(serializer.getFullState({} as Client)).toString("latin1")).not.toContain("secret");
  });

  it("sends a patch of a few bytes", () => {
    const { serializer, viewers } = setUp(1);
    const [one] = viewers as [Viewer];
    Object.assign(one.view, { position: 7, queueLength: 9, etaMs: 1, asOf: 2 });
    expect(serializer.encodePatch(one.view, ["position", "queueLength", "etaMs", "asOf"]).length).toBeLessThan(30);
  });
});
