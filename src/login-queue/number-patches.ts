// Patches of nothing but numbers, as nearly all of a waiting client's are, written without going through the schema's encoder.
import type { QueueField, QueueView } from "./queue-state.ts";

/** The state's number fields with what writes them: the schema's own encoding of its fixed-width numbers. */
const writers = {
  position: { bytes: 4, write: (to: DataView, at: number, value: number) => to.setUint32(at, value, true) },
  queueLength: { bytes: 4, write: (to: DataView, at: number, value: number) => to.setUint32(at, value, true) },
  etaMs: { bytes: 4, write: (to: DataView, at: number, value: number) => to.setInt32(at, value, true) },
  passExpiresAt: { bytes: 8, write: (to: DataView, at: number, value: number) => to.setFloat64(at, value, true) },
  asOf: { bytes: 8, write: (to: DataView, at: number, value: number) => to.setFloat64(at, value, true) },
} as const satisfies Partial<Record<QueueField, unknown>>;

type NumberField = keyof typeof writers;

export class NumberPatches {
  readonly #message = new Uint8Array(64);
  readonly #bytes = new DataView(this.#message.buffer);
  /** What stands before each field's value. */
  readonly #operations: Readonly<Record<NumberField, number>>;

  /** `encode` answers a whole patch message with this one field: the message's type, the field's operation, its value. */
  constructor(encode: (field: NumberField) => Uint8Array) {
    const operationOf = (field: NumberField): number => {
      const [type, operation] = encode(field);
      if (type === undefined || operation === undefined) throw new Error(`the schema has no field ${field}`);
      this.#message[0] = type;
      return operation;
    };
    this.#operations = {
      position: operationOf("position"),
      queueLength: operationOf("queueLength"),
      etaMs: operationOf("etaMs"),
      passExpiresAt: operationOf("passExpiresAt"),
      asOf: operationOf("asOf"),
    };
  }

  /** The message with these fields of a view, or null where one of them is no number. */
  encode(view: QueueView, fields: readonly QueueField[]): Uint8Array | null {
    let at = 1;
    for (const field of fields) {
      if (!isNumberField(field)) return null;
      const { bytes, write } = writers[field];
      this.#bytes.setUint8(at, this.#operations[field]);
      write(this.#bytes, at + 1, view[field]);
      at += 1 + bytes;
    }
    return Buffer.from(this.#message.subarray(0, at));
  }
}

function isNumberField(field: QueueField): field is NumberField {
  return field in writers;
}
