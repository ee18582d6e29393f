// Many players with the stock SDK who wait, come back when they lose their connection, log in when they may, and go.
import { QueueBot } from "../../browser/support/queue-bot.ts";
import type { Member } from "./game.ts";

export class Crowd {
  readonly bots: readonly QueueBot[];
  /** Who they come to. */
  readonly #members: readonly Member[];
  /** How often one of them had lost its connection and came back. */
  returns = 0;

  constructor(members: readonly Member[], size: number, passSeconds: number) {
    this.#members = members;
    this.bots = Array.from({ length: size }, () => new QueueBot("", passSeconds, () => this.#url()));
  }

  /** All of them come, so many at a time and to each process in turn. Resolves when everybody has a place. */
  async arrive(atOnce = 20): Promise<void> {
    const left = [...this.bots.entries()];
    const comeInTurn = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await this.#join(...next);
    };
    await Promise.all(Array.from({ length: atOnce }, comeInTurn));
  }

  /** Resolves when everybody has logged in, wherever they had to go for it. */
  async allIn(): Promise<void> {
    await Promise.all(this.bots.map((bot, index) => this.#stay(bot, index)));
  }

  /** Those who were not let in exactly once, or did not log in with that. */
  get odd(): readonly QueueBot[] {
    return this.bots.filter(({ admissions, logins }) => admissions.length !== 1 || logins.join() !== "200");
  }

  async #stay(bot: QueueBot, index: number): Promise<void> {
    for (let times = 1; !bot.isIn; times += 1) {
      await Promise.race([bot.entered, bot.dropped()]);
      if (bot.isIn) return;
      this.returns += 1;
      await this.#join(index + times, bot);
    }
  }

  /** At the first process that takes it in. */
  async #join(at: number, bot: QueueBot): Promise<void> {
    for (let from = at; ; from += 1) {
      try {
        await bot.join(this.#url(from));
        return;
      } catch {
        // It went down in between, or the room it was sent to did: the next one.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Of one of the processes that are there: in turn where `index` counts, else any. */
  #url(index = Math.floor(Math.random() * this.#members.length)): string {
    const up = this.#members.filter(({ isUp }) => isUp);
    const member = up[index % up.length];
    if (member === undefined) throw new Error("no process is left");
    return member.url;
  }
}
