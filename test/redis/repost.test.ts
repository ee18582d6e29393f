// Ends and bans that an asynchronous failover lost with its last writes.
import { describe, expect, it, vi } from "vitest";
import type { StoreEvent } from "../../src/stores/store.ts";
import { day } from "../contract/harness.ts";
import { key, logout, open, useSessionStores } from "./sessions-setup.ts";
import { isLevel } from "./setup.ts";

const { server, openStore } = useSessionStores();

describe("ends and bans that a failover lost", () => {
  /** The connection breaks, and what was written last is gone. */
  async function failOver(lost: () => Promise<unknown>): Promise<void> {
    await lost();
    await server.cutConnections();
  }

  it("S27 are posted again by the process that made them", async () => {
    const store = openStore();
    const told: StoreEvent[] = [];
    store.subscribe((event) => told.push(event));
    const { sid, userId } = await open(store);
    const alive = (await server.client.get(key(`s:${sid}`))) ?? "";
    await store.sessions.end(sid, { reason: "logout", closeSockets: true, message: "Good night" });
    const banned = await open(store, { userId: "banned" });
    await store.access.ban("banned", { reason: "cheating", until: null });
    await store.access.revokeToken("token", null);
    const bannedAlive = alive.replace('"user"', '"banned"');
    await failOver(async () => {
      await server.client.set(key(`s:${sid}`), alive);
      await server.client.set(key(`s:${banned.sid}`), bannedAlive);
      await server.client.del(key("ban:banned"), key("revoked:token"));
      told.length = 0;
    });
    await vi.waitFor(async () => expect(told).toHaveLength(2), { timeout: 10_000 });
    expect(told).toContainEqual({
      type: "sessionEnded",
      sid,
      userId,
      reason: "logout",
      closeSockets: true,
      message: "Good night",
    });
    expect((await store.sessions.get(sid))?.end?.reason).toBe("logout");
    expect((await store.sessions.get(banned.sid))?.end?.reason).toBe("banned");
    expect(await store.access.getBan("banned")).toEqual({ reason: "cheating", until: null });
    expect(await store.access.isTokenRevoked("token")).toBe(true);
  });

  it("change nothing where nothing was lost, and bring back no ban that another process lifted", async () => {
    const store = openStore();
    const other = openStore();
    await Promise.all([isLevel(store), isLevel(other)]);
    const { sid } = await open(store);
    await store.sessions.end(sid, { reason: "logout", closeSockets: true });
    const record = await store.sessions.get(sid);
    await store.access.ban("lifted", { reason: "", until: null });
    await other.access.unban("lifted");
    await store.access.ban("longer", { reason: "short", until: Date.now() + day });
    await other.access.ban("longer", { reason: "long", until: null });
    const told: StoreEvent[] = [];
    store.subscribe((event) => told.push(event));
    const last = await open(store, { userId: "last" });
    const alive = (await server.client.get(key(`s:${last.sid}`))) ?? "";
    await store.sessions.end(last.sid, logout);
    told.length = 0;
    await failOver(() => server.client.set(key(`s:${last.sid}`), alive));
    // It is posted last: when it is told, the others have been looked at.
    await vi.waitUntil(() => told.length > 0, { timeout: 10_000 });
    expect(told).toMatchObject([{ sid: last.sid }]);
    expect(await store.sessions.get(sid)).toEqual(record);
    expect(await store.access.getBan("lifted")).toBeNull();
    expect(await store.access.getBan("longer")).toEqual({ reason: "long", until: null });
  });
});
