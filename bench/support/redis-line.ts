// A queue on Redis and nothing around it: a line of any length, and the tickets that fill it.
import type { Redis } from "ioredis";
import { systemClock } from "../../src/clock.ts";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { inParallel } from "../../src/parallel.ts";
import { randomId } from "../../src/random.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import type { Store } from "../../src/stores/store.ts";
import type { BenchRedis } from "./redis.ts";

/** Everybody may be let in, as far as the limit goes that the benchmark sets; and nobody's pass runs out meanwhile. */
const settings: QueueSettings = {
  mode: "auto",
  notice: "",
  targetLoginRatePerSecond: 1_000_000,
  loginBurst: null,
  targetCcuLimit: 0,
  safetyMarginPercent: 0,
  queueGraceSeconds: 3_600,
  playerGraceSeconds: 3_600,
  passSeconds: 3_600,
  restoreSeconds: 0,
  pollPresentSeconds: 15,
  maxCheckTicketPollTimeSeconds: 300,
  estimatedSecondsToLogin: 10,
  maxQueueLength: 0,
  maxTicketsPerIp: 0,
  lanes: { default: 1 },
};
/** Where fields are in a ticket's record: see lib/ticket_record.lua. */
const at = { position: 0, order: 3, socket: 5 } as const;
const copiedAtOnce = 2_000;
const joinsAtOnce = 64;
/** As the queue makes them. */
const ticketIdBytes = 10;

export class RedisLine {
  readonly store: Store;
  readonly ids: string[] = [];
  readonly #client: Redis;
  readonly #tag: string;
  /** As long as those of a process. */
  readonly #hostId = randomId(9);
  #template: readonly string[] | null = null;

  constructor(redis: BenchRedis, prefix: string) {
    this.#client = redis.client;
    this.#tag = `{${prefix}}`;
    this.store = redisStore(redis.url, { prefix })({ clock: systemClock, queue: settings, ticketsMayReturn: false });
  }

  /** The whole name of a key. */
  key(name: string): string {
    return `${this.#tag}:${name}`;
  }

  /** So many come and stay, each by the verb that a room uses. */
  async join(count: number): Promise<void> {
    await this.renew();
    await inParallel(Array(count).keys(), joinsAtOnce, async () => {
      const number = this.ids.length;
      const id = randomId(ticketIdBytes);
      this.ids.push(id);
      const holder = { kind: "socket", id: `${this.#hostId}-${number.toString(36)}`, hostId: this.#hostId } as const;
      const address = `203.0.${(number >> 8) & 255}.${number & 255}`;
      await this.store.queue.join({
        claim: null,
        newTicketId: id,
        lane: "default",
        userId: null,
        sid: null,
        holder,
        address,
      });
    });
  }

  /** So many more at the end of the line, written as the verb wrote the first, in bulk: a million by it would take minutes. */
  async copy(count: number): Promise<void> {
    const template = await this.#templateOf();
    const last = await this.#client.hget(this.key("queue"), "lastOrder");
    let order = Number(last);
    for (let left = count; left > 0; left -= copiedAtOnce) {
      const records: string[] = [];
      const places: string[] = [];
      for (let index = 0; index < Math.min(copiedAtOnce, left); index++) {
        const id = randomId(ticketIdBytes);
        order += 1;
        this.ids.push(id);
        const fields = [...template];
        fields[at.position] = String(this.ids.length);
        fields[at.order] = String(order);
        fields[at.socket] = `=-${this.ids.length.toString(36)}`;
        records.push(id, fields.join("\t"));
        places.push(String(order), id);
      }
      const added = String(records.length / 2);
      await this.#client
        .pipeline()
        .hset(this.key("ticket"), ...records)
        .zadd(this.key("wait:default"), ...places)
        .zadd(this.key(`ready:${this.#hostId}:default`), ...places)
        .hset(this.key("queue"), "lastOrder", String(order))
        .hincrby(this.key("lane:default"), "present", added)
        .hincrby(this.key("lane:default"), "entered", added)
        .exec();
    }
  }

  /** The process is alive: its tickets count as present. */
  async renew(): Promise<void> {
    await this.store.queue.renewHost(this.#hostId, []);
  }

  async length(): Promise<number> {
    return await this.#client.zcard(this.key("wait:default"));
  }

  async #templateOf(): Promise<readonly string[]> {
    if (this.#template !== null) return this.#template;
    await this.join(1);
    const record = await this.#client.hget(this.key("ticket"), this.ids.at(-1) ?? "");
    this.#template = (record ?? "").split("\t");
    return this.#template;
  }
}
