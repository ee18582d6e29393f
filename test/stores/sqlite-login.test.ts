// The operator's side of a whole login on one SQLite file: what it changed and wrote down is there after a restart.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { sqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { newKey, refreshSecrets } from "../login/keys.ts";
import { loginServer } from "../login/server.ts";
import { Desk } from "../operator/desk.ts";
import { newFile } from "./sqlite-setup.ts";

const server = loginServer();

const openOn = (path: string) =>
  server.open({
    store: sqliteStore(path),
    accounts: sqliteAccounts(path),
    tokens: { keys: { current: newKey() }, refreshSecrets },
    queue: { targetCcuLimit: 50, restoreSeconds: 0 },
  });

it("settings, bans, access rules and the audit list outlive a restart, and so does the operator's token", async () => {
  const house = openOn(newFile());
  const desk = await Desk.open(house);
  const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
  const until = house.clock.now() + 3_600_000;
  await desk.ok(desk.patch("/queue", { mode: "paused", notice: "Soon.", targetCcuLimit: 70 }));
  await desk.ok(desk.put(`/bans/${ann.userId}`, { reason: "Cheating.", until }));
  await desk.ok(desk.put("/access", { mode: "limited", allow: { userIds: [bob.userId] } }));
  await desk.ok(desk.post(`/sessions/${bob.sid}/logout`, { reason: "A break." }));
  const before = await desk.events();
  expect(before.filter(({ action }) => !String(action).endsWith(".read"))).toHaveLength(4);
  const { settings, access } = await desk.ok(desk.get("/status"));
  await house.restart();

  const status = await desk.ok(desk.get("/status"));
  expect(status).toMatchObject({ settings: settings ?? {}, access: access ?? {}, queue: { mode: "paused" } });
  expect(status["settings"]).toMatchObject({ notice: "Soon.", targetCcuLimit: 70 });
  expect(await desk.ok(desk.get(`/bans/${ann.userId}`))).toEqual({ ban: { reason: "Cheating.", until } });
  const { sessions } = await desk.ok(desk.get(`/sessions?sid=${bob.sid}`));
  expect(sessions).toMatchObject([{ sid: bob.sid, ended: { reason: "logout" } }]);
  const now = await desk.changes();
  expect(now).toEqual(before.filter(({ action }) => !String(action).endsWith(".read")));

  const back = await desk.ok(desk.patch("/queue", { mode: null, targetCcuLimit: null }));
  expect(back).toMatchObject({
    settings: { mode: "auto", targetCcuLimit: 50, notice: "Soon." },
    previous: { mode: "paused", targetCcuLimit: 70 },
  });
  const [newest, ...older] = await desk.changes();
  expect(older).toEqual(now);
  expect(Number(newest?.["id"])).toBeGreaterThan(Number(older[0]?.["id"]));
});

it("a token that was revoked stays so", async () => {
  const house = openOn(newFile());
  const desk = await Desk.open(house);
  const other = await desk.with("Otto", ["status:read"]);
  expect((await other.get("/status")).status).toBe(200);
  await house.login.tokens.revoke(other.token);
  await house.restart();
  expect(await other.get("/status")).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID" } });
  expect((await desk.get("/status")).status).toBe(200);
});

it("a file of version 1 is taken over as it is, and its audit list begins", async () => {
  const path = newFile();
  const database = new DatabaseSync(path);
  database.exec(readFileSync(join(import.meta.dirname, "sqlite-version-1.sql"), "utf8"));
  database.close();
  const house = openOn(path);
  const desk = await Desk.open(house);
  expect(await desk.ok(desk.get("/status"))).toMatchObject({
    settings: { mode: "always", lanes: { default: 1, friends: 2 }, targetCcuLimit: 50 },
    access: { mode: "limited", allow: { userIds: ["user"] } },
  });
  expect(await desk.ok(desk.get("/bans/banned"))).toEqual({ ban: { reason: "Cheating.", until: null } });
  expect(await desk.ok(desk.get("/sessions?username=USER"))).toMatchObject({
    user: { userId: "user", username: "User", groups: ["testers"] },
    sessions: [{ sid: "live", vars: { skin: "red" }, address: "192.0.2.1", ended: null }],
  });
  expect(await desk.changes()).toEqual([]);
  await desk.ok(desk.post("/sessions/live/logout", {}));
  expect(await desk.changes()).toMatchObject([{ action: "session.logout", before: { userId: "user" } }]);
});
