// A process that is killed in the middle of logins and refreshes: whatever it had answered is there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { sqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { newFile } from "./sqlite-setup.ts";

interface Answer {
  readonly externalId?: string;
  readonly userId?: string;
  readonly sid?: string;
  readonly generation?: number;
  readonly ended?: string;
  readonly banned?: string;
}

/** Runs it until it has given so many answers, kills it at once, and answers all that it had said by then. */
async function killedAfter(count: number, path: string, name: string): Promise<Answer[]> {
  const program = spawn(process.execPath, [join(import.meta.dirname, "sqlite-program.ts"), path, name]);
  const answers: Answer[] = [];
  const complaints: string[] = [];
  program.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  createInterface(program.stdout).on("line", (line) => {
    // Of the last one only a part may have come through.
    if (line.endsWith("}")) answers.push(JSON.parse(line));
    if (answers.length === count) program.kill("SIGKILL");
  });
  const [, signal] = await once(program, "close");
  expect([signal, complaints.join("")]).toEqual(["SIGKILL", ""]);
  return answers;
}

it("every login, refresh, logout and ban that was answered outlives a kill, again and again", {
  timeout: 60_000,
}, async () => {
  const path = newFile();
  const answers: Answer[] = [];
  for (const [round, count] of [1, 40, 333, 1_500].entries()) {
    answers.push(...(await killedAfter(count, path, `round-${round}`)));
  }
  const { access, sessions, close } = opened(path);
  const accounts = sqliteAccounts(path)({ clock: systemClock });
  const newest = new Map<string, number>();
  for (const { externalId, userId, sid, generation = 0, ended, banned } of answers) {
    if (externalId !== undefined) {
      expect((await accounts.findByIdentity({ provider: "device", externalId }))?.userId).toBe(userId);
    }
    if (sid !== undefined) newest.set(sid, generation);
    if (ended !== undefined) expect((await sessions.get(ended))?.end?.reason).toBe("logout");
    if (banned !== undefined) expect(await access.getBan(banned)).not.toBeNull();
  }
  expect(newest.size).toBeGreaterThan(400);
  const lastOfRound = new Set([...newest.keys()].filter((sid) => !newest.has(following(sid))));
  for (const [sid, generation] of newest) {
    const record = await sessions.get(sid);
    // One step further is what was written when the kill came, before it could be answered.
    const allowed = lastOfRound.has(sid) ? [generation, generation + 1] : [generation];
    expect(allowed, sid).toContain(record?.generation);
  }
  await accounts.close?.();
  await close();
});

function opened(path: string) {
  const store = sqliteStore(path)({ clock: systemClock, queue: null, ticketsMayReturn: false });
  return { access: store.access, sessions: store.sessions, close: () => store.close() };
}

/** The session that the same process opens next. */
function following(sid: string): string {
  return sid.replace(/\d+$/, (count) => String(Number(count) + 1));
}
