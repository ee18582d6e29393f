// What a client of the queue room sees as `room.state` (DESIGN 5): one flat schema, synced per client.
import { type SchemaType, schema, t } from "@colyseus/schema";

export const QueueState = schema(
  {
    /** `waiting`, `admitted` or `removed`. */
    status: t.string().default("waiting"),
    /** 1 = next; 0 once admitted. */
    position: t.uint32().default(0),
    /** Tickets waiting in the same lane. */
    queueLength: t.uint32().default(0),
    /** Estimated ms until logged in; -1 = not known. */
    etaMs: t.int32().default(-1),
    /** Mode of the queue, or `unavailable` while the store is out of reach: the place is kept. */
    mode: t.string().default("auto"),
    /** Words for the players, or why the place was taken away. */
    notice: t.string().default(""),
    /** The signed ticket, to come back with. Signed again every minute: keep the latest. */
    ticket: t.string().default(""),
    /** The signed pass, once admitted. */
    pass: t.string().default(""),
    /** When the pass ends, ms since the epoch; 0 while there is none. */
    passExpiresAt: t.float64().default(0),
    /** When all this was so, ms since the epoch. */
    asOf: t.float64().default(0),
  },
  "QueueState",
);
export type QueueState = SchemaType<typeof QueueState>;

/** The values of one client's state, without the schema's bookkeeping: a waiting client must cost little memory. */
export interface QueueView {
  status: string;
  position: number;
  queueLength: number;
  etaMs: number;
  mode: string;
  notice: string;
  ticket: string;
  pass: string;
  passExpiresAt: number;
  asOf: number;
}

export type QueueField = keyof QueueView;

/** The schema's own defaults. */
export function emptyQueueView(): QueueView {
  return {
    status: "waiting",
    position: 0,
    queueLength: 0,
    etaMs: -1,
    mode: "auto",
    notice: "",
    ticket: "",
    pass: "",
    passExpiresAt: 0,
    asOf: 0,
  };
}

export const queueFields = Object.freeze(Object.keys(emptyQueueView()) as QueueField[]);
