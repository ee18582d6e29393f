// One bot: waits in the queue as a player does, logs in as a guest, walks about in the arena, and logs out.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { createLoginClient } from "colyseus-login/client";
import type { Tally } from "./tally.ts";

const colours = ["#5b5bd6", "#e0568f", "#d97706", "#2fa37a", "#3b8fe0", "#a855f7", "#e5484d", "#0d9488"];

export interface BotRun {
  readonly number: number;
  /** Of the server. */
  readonly url: string;
  readonly staySeconds: number;
  readonly tally: Tally;
  /** Ends the run early: the bot leaves the queue, or the arena. */
  readonly signal: AbortSignal;
}

/** Resolves when the bot has gone again; what went wrong is in the tally. */
export async function runBot({ number, url, staySeconds, tally, signal }: BotRun): Promise<void> {
  const client = new Client(url);
  const login = createLoginClient(client);
  const arrivedAt = performance.now();
  let joined = false;
  const join = () => {
    if (!joined) tally.joined += 1;
    joined = true;
  };
  try {
    const vars = { name: `Bot ${number}`, colour: colours[number % colours.length] ?? "" };
    await login.authenticate("anonymous", {}, { vars, onQueue: join, signal });
    join();
    tally.admit(performance.now() - arrivedAt);
    const room = await login.joinOrCreate("game");
    tally.played += 1;
    tally.playing += 1;
    await walkAbout(room, staySeconds, signal).finally(() => {
      tally.playing -= 1;
    });
  } catch (error) {
    if (!signal.aborted) tally.fail(error);
  } finally {
    // A bot that logs out with its sockets frees its slot for the next at once.
    await login.logout({ disconnectSockets: true }).catch((error: unknown) => tally.fail(error));
    login.dispose();
  }
}

async function walkAbout(room: Room, staySeconds: number, signal: AbortSignal): Promise<void> {
  const left = new Promise<never>((_resolve, reject) => {
    room.onLeave((code, reason) => reject(new Error(`closed ${code} ${reason ?? ""}`.trim())));
  });
  // Once the bot means to leave, nobody listens any more.
  left.catch(() => {});
  const leaveAt = performance.now() + staySeconds * 1_000;
  while (performance.now() < leaveAt) {
    room.send("goto", { x: Math.random() * 160, y: Math.random() * 120 });
    const pause = Math.min(leaveAt - performance.now(), 1_000 + Math.random() * 2_000);
    await Promise.race([left, sleep(Math.max(0, pause), undefined, { signal })]);
  }
}
