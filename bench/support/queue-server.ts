// A server with the queue room and rooms to compare it with, on a clock whose tasks the benchmark runs by hand.
import { createServer } from "node:http";
import { type Client, defineRoom, defineServer, matchMaker, Room } from "@colyseus/core";
import { type SchemaType, StateView, schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Clock } from "../../src/clock.ts";
import { createLogin } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store, StoreContext } from "../../src/stores/store.ts";
import { listenOnFreePort, quiet } from "./server.ts";

/** Real time plus what was skipped; what repeats does so only when it is told to. */
class TickedClock implements Clock {
  readonly #tasks = new Set<{ milliseconds: number; task: () => void | Promise<void> }>();
  #skipped = 0;

  now(): number {
    return Date.now() + this.#skipped;
  }

  every(milliseconds: number, task: () => void | Promise<void>): () => void {
    const entry = { milliseconds, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  after(milliseconds: number, task: () => void): () => void {
    const timer = setTimeout(task, milliseconds).unref();
    return () => clearTimeout(timer);
  }

  skip(milliseconds: number): void {
    this.#skipped += milliseconds;
  }

  /** Runs once whatever repeats at an interval that `chosen` picks. */
  async run(chosen: (milliseconds: number) => boolean): Promise<void> {
    for (const { milliseconds, task } of [...this.#tasks]) if (chosen(milliseconds)) await task();
  }
}

/** The queue's patches have an interval that nothing else on the clock has. */
const patchIntervalMs = 1_234;

class PlainRoom extends Room {}

const Ticket = schema(
  { position: t.uint32().default(0), etaMs: t.int32().default(-1), asOf: t.float64().default(0) },
  "Ticket",
);
const TicketState = schema({ tickets: t.map(Ticket).view() }, "TicketState");

/** The queue as it would be with one StateView per client. */
export class StateViewRoom extends Room<{ state: SchemaType<typeof TicketState> }> {
  override state = new TicketState();
  override patchRate = null;

  override onJoin(client: Client): void {
    const ticket = new Ticket();
    this.state.tickets.set(client.sessionId, ticket);
    client.view = new StateView();
    client.view.add(ticket);
  }

  override onLeave(client: Client): void {
    this.state.tickets.delete(client.sessionId);
  }

  changeAll(round: number): void {
    let position = 1;
    for (const ticket of this.state.tickets.values()) {
      ticket.position = position + round;
      ticket.etaMs = position * 20 + round;
      ticket.asOf = Date.now();
      position += 1;
    }
  }
}

export interface QueueServer {
  readonly port: number;
  /** Lets somebody at the very front leave, so that every place behind moves up, and the patch interval pass. */
  moveUp(): Promise<void>;
  /** The queue room's own patch, from asking where everybody stands to the last send. */
  patch(): Promise<void>;
  stop(): Promise<void>;
}

/** `front` is how often `moveUp` may be called. */
export async function startQueueServer(front: number): Promise<QueueServer> {
  const clock = new TickedClock();
  const stores: Store[] = [];
  const login = createLogin(
    resolveOptions({
      logger: quiet,
      store: (context: StoreContext) => {
        const store = memoryStore()(context);
        stores.push(store);
        return store;
      },
      queue: {
        mode: "paused",
        maxClientsPerQueueRoom: 50_000,
        updateIntervalSeconds: patchIntervalMs / 1000,
        // So that far places have their turn at every tick as well.
        heartbeatSeconds: patchIntervalMs / 1000,
      },
    }),
    clock,
  );
  const http = createServer();
  const server = defineServer({
    rooms: {
      login_queue: defineRoom(login.QueueRoom),
      plain: defineRoom(PlainRoom),
      state_view: defineRoom(StateViewRoom),
    },
    transport: new WebSocketTransport({ server: http, pingInterval: 0 }),
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const queue = stores[0]?.queue;
  if (queue === undefined) throw new Error("the login opened no store");
  const holder = { kind: "poll", nextPollSeconds: 300 } as const;
  const inFront = Array.from({ length: front }, (_, index) => `front-${index}`);
  for (const newTicketId of inFront) {
    await queue.join({ claim: null, newTicketId, lane: "default", userId: null, sid: null, holder });
  }
  return {
    port,
    async moveUp() {
      const first = inFront.shift();
      if (first === undefined) throw new Error("nobody is left in front");
      await queue.leave(first);
      clock.skip(patchIntervalMs);
      await clock.run((milliseconds) => milliseconds !== patchIntervalMs);
    },
    patch: () => clock.run((milliseconds) => milliseconds === patchIntervalMs),
    async stop() {
      await login.shutdown();
      await server.gracefullyShutdown(false);
    },
  };
}

/** The only room of that name in this process. */
export async function onlyRoom(name: string): Promise<Room> {
  const [listing] = await matchMaker.query({ name });
  if (listing === undefined) throw new Error(`there is no room ${name}`);
  return matchMaker.getLocalRoomById(listing.roomId);
}
