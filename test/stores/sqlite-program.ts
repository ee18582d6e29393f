// A process that logs in, refreshes, logs out and bans without pause, and prints each answer: to be killed at any moment.
import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { systemClock } from "../../src/clock.ts";
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { sqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";

const day = 24 * 60 * 60 * 1000;
const lifetimes = { tokenMs: day, idleMs: 30 * day, absoluteMs: 90 * day, refreshGraceMs: 10_000 };

const [path = "", name = ""] = process.argv.slice(2);
const { sessions, access } = sqliteStore(path)({ clock: systemClock, queue: null, ticketsMayReturn: false });
const accounts = sqliteAccounts(path)({ clock: systemClock });

for (let count = 0; ; count += 1) {
  const externalId = `${name}-${count}`;
  const { account } = await accounts.findOrCreate({ provider: "device", externalId }, {});
  const { userId, username } = account;
  tell({ externalId, userId });
  const sid = `sid-${externalId}`;
  const player = { username, groups: [], refreshSecretId: "secret", tokenId: "token" };
  const rest = { kind: "player", shard: null, address: null, agent: null, nonce: "nonce" } as const;
  await sessions.open({
    session: { sid, userId, ...player, ...rest, clientVars: {}, serverVars: {} },
    lifetimes,
    ticketId: null,
    concurrent: { limit: 1, onExceeded: "replace" },
  });
  tell({ sid, generation: 1 });
  for (let presented = 1; presented <= count % 4; presented += 1) {
    const change = { attempt: null, clientVars: null, serverVars: null, lifetimes };
    await sessions.refresh({ sid, presented, ...player, ...change });
    tell({ sid, generation: presented + 1 });
  }
  if (count % 3 === 0) {
    await sessions.end(sid, { reason: "logout", closeSockets: false });
    tell({ ended: sid });
  }
  if (count % 5 === 0) {
    await access.ban(userId, { reason: "", until: null });
    tell({ banned: userId });
  }
  await setImmediate();
}

function tell(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}
