// A player without a page: waits in the queue with the stock SDK, remembers all it was told, and logs in when it may.
import { randomUUID } from "node:crypto";
import { Client, type Room } from "@colyseus/sdk";

/** One pass, and when its ticket was admitted by the server's clock, ms since the epoch. */
export interface Admission {
  readonly pass: string;
  readonly admittedAt: number;
}

export class QueueBot {
  #url: string;
  readonly #passSeconds: number;
  /** Where to go with its pass when the server it is at does not answer; null for nowhere else. */
  readonly #elsewhere: (() => string) | null;
  readonly #device = randomUUID();
  #room: Room | null = null;
  #gone: Promise<unknown> = Promise.resolve();
  #loggingIn: Promise<void> = Promise.resolve();
  #ticket = "";
  #position = Number.POSITIVE_INFINITY;
  /** Places that were worse than one it had been told before. */
  readonly rises: string[] = [];
  readonly admissions: Admission[] = [];
  /** Answers of the server to its logins. */
  readonly logins: number[] = [];
  readonly #entered = Promise.withResolvers<void>();

  constructor(url: string, passSeconds: number, elsewhere: (() => string) | null = null) {
    this.#url = url;
    this.#passSeconds = passSeconds;
    this.#elsewhere = elsewhere;
  }

  /** Resolves when it has logged in. */
  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  get isIn(): boolean {
    return this.logins.includes(200);
  }

  /** Of the queue, as it was told last. */
  get mode(): string {
    return this.#room?.state.mode ?? "";
  }

  /** Its place in the order of arrival, as its ticket says. */
  get order(): number {
    const claims: unknown = JSON.parse(Buffer.from(this.#ticket.split(".")[1] ?? "", "base64url").toString());
    if (typeof claims !== "object" || claims === null || !("order" in claims)) throw new Error("no ticket");
    return Number(claims.order);
  }

  /** Takes a place, or its own again, at this server from now on; resolves when it was told which. */
  async join(url = this.#url): Promise<void> {
    this.#url = url;
    const options = { hint: url, ...(this.#ticket === "" ? {} : { ticket: this.#ticket }) };
    const room: Room = await new Client(this.#url).joinOrCreate("login_queue", options);
    room.reconnection.enabled = false;
    this.#room = room;
    this.#gone = new Promise((resolve) => room.onLeave(resolve));
    const told = new Promise<void>((resolve) => {
      room.onStateChange((state) => {
        this.#read(state);
        resolve();
      });
    });
    const isTold = await Promise.race([told.then(() => true), this.#gone.then(() => false)]);
    if (!isTold) throw new Error("the server went down before it said anything");
  }

  /** Resolves when its connection is gone, and whatever it had asked is answered or lost. */
  async dropped(): Promise<void> {
    await this.#gone;
    await this.#loggingIn;
  }

  #read({ status, position, ticket, pass, passExpiresAt }: Room["state"]): void {
    if (ticket !== "") this.#ticket = ticket;
    if (status === "removed") this.rises.push("removed");
    if (status === "waiting") {
      if (position > this.#position) this.rises.push(`${this.#position} to ${position}`);
      this.#position = position;
    }
    if (pass === "" || this.admissions.some((admission) => admission.pass === pass)) return;
    this.admissions.push({ pass, admittedAt: passExpiresAt - this.#passSeconds * 1_000 });
    this.#loggingIn = this.#logIn(pass);
  }

  async #logIn(queuePass: string): Promise<void> {
    let status = await this.present(queuePass);
    // The answer may be lost of a login that succeeded: the same pass and account get it again, on any process.
    while ((status === null || status === 503) && this.#elsewhere !== null) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      this.#url = this.#elsewhere();
      status = await this.present(queuePass);
    }
    // The server went down meanwhile: the ticket brings it back.
    if (status === null) return;
    this.logins.push(status);
    await Promise.race([this.#room?.leave(), this.#gone]);
    this.#entered.resolve();
  }

  /** Logs in with a pass; answers the status, or null where the server is not there. */
  async present(queuePass: string): Promise<number | null> {
    try {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ queuePass, id: this.#device });
      const answer = await fetch(`${this.#url}/auth/authenticate/device`, { method: "POST", headers, body });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return null;
    }
  }
}
