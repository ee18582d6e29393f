// Sends every client a state of its own. A StateView per client costs the square of the clients; this costs one encoding each.
import { type Client, Protocol, type Serializer } from "@colyseus/core";
import { Encoder, Reflection } from "@colyseus/schema";
import { NumberPatches } from "./number-patches.ts";
import { emptyQueueView, type QueueField, QueueState, type QueueView } from "./queue-state.ts";

/**
 * All clients' states are one flat schema and each client decodes its own root, so one encoder speaks for all of them: the
 * values to send are laid on its root, marked as changed even where the client before had the same. A client costs its plain values and no encoder, no buffer.
 */
export class ClientStateSerializer implements Serializer<QueueState> {
  readonly id = "schema";
  readonly #viewOf: (client: Client) => QueueView | undefined;
  readonly #root = new QueueState();
  readonly #encoder = new Encoder(this.#root);
  readonly #handshake = Reflection.encode(this.#encoder);
  readonly #numbers: NumberPatches;

  /** `viewOf` answers what a client is to see. */
  constructor(viewOf: (client: Client) => QueueView | undefined) {
    this.#viewOf = viewOf;
    // The defaults are no news: every client has them from the start.
    this.#encoder.discardChanges();
    this.#numbers = new NumberPatches((field) => this.#encode(emptyQueueView(), [field]));
  }

  /** The room's own `state` is a template that nobody sees changed. */
  reset(): void {}

  handshake(): Uint8Array {
    return this.#handshake;
  }

  /** Without a client (tools that look into rooms) or before it has a place: the defaults. */
  getFullState(client?: Client): Uint8Array {
    const view = client === undefined ? undefined : this.#viewOf(client);
    Object.assign(this.#root, view ?? emptyQueueView());
    this.#encoder.sharedBuffer[0] = Protocol.ROOM_STATE;
    const bytes = this.#encoder.encodeAll({ offset: 1 });
    this.#encoder.discardChanges();
    return Buffer.from(bytes);
  }

  /** The room pushes patches itself, when a client has news. */
  applyPatches(): boolean {
    return false;
  }

  /** A patch message with these fields of a view. A copy: under back pressure the socket keeps what it was given. */
  encodePatch(view: QueueView, fields: readonly QueueField[]): Uint8Array {
    return this.#numbers.encode(view, fields) ?? this.#encode(view, fields);
  }

  #encode(view: QueueView, fields: readonly QueueField[]): Uint8Array {
    for (const field of fields) {
      if (this.#root[field] === view[field]) this.#root.setDirty(field);
      else copyField(this.#root, view, field);
    }
    this.#encoder.sharedBuffer[0] = Protocol.ROOM_STATE_PATCH;
    const bytes = this.#encoder.encode({ offset: 1 });
    this.#encoder.discardChanges();
    return Buffer.from(bytes);
  }
}

function copyField<F extends QueueField>(to: QueueView, from: QueueView, field: F): void {
  to[field] = from[field];
}
