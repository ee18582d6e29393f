// The time from a disconnect to the last of the session's sockets closed, with 5 000 sockets over three processes.
import { decodeJwt } from "jose";
import { type BenchResult, median } from "../support/figures.ts";
import { LoadProcess } from "../support/processes.ts";
import { sharedTokens, startRedis } from "../support/redis.ts";

const processes = 3;
/** Each has a socket at every process. */
const sessions = 1_667;
const disconnects = 400;

export async function benchDisconnect(): Promise<BenchResult> {
  const redis = await startRedis();
  const tokens = sharedTokens();
  const members = Array.from({ length: processes }, () => new LoadProcess("redis-member.ts"));
  const ports: number[] = [];
  for (const member of members) ports.push(await member.ask<number>({ type: "start", url: redis.url, tokens }));
  const load = new LoadProcess("load.ts");
  const logins = await load.ask<{ token: string }[]>({ type: "login", port: ports[0], count: sessions });
  const held = logins.map(({ token }) => token);
  const sockets = await load.ask<number>({ type: "holdAll", ports, room: "game", tokens: held });

  const took: number[] = [];
  for (let index = 0; index < disconnects; index++) {
    const token = held[index] ?? "";
    const member = members[index % processes];
    if (member === undefined) break;
    const sid = String(decodeJwt(token)["sid"]);
    const { at, closed } = await member.ask<{ at: number; closed: number }>({ type: "disconnect", sid });
    if (closed !== processes) throw new Error(`${closed} sockets were closed in place of ${processes}`);
    took.push((await load.ask<number>({ type: "closedAt", token })) - at);
  }
  load.stop();
  for (const member of members) member.stop();
  await redis.stop();

  const sorted = took.sort((a, b) => a - b);
  const p99 = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN;
  return {
    rows: [
      [`ms from disconnect to the last of ${processes} sockets closed, ${sockets} open: p50`, median(took).toFixed(1)],
      ["… p99", p99.toFixed(1)],
    ],
    ratios: { disconnect_p50_ms: median(took), disconnect_p99_ms: p99 },
  };
}
