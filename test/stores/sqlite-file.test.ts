// The file of the SQLite store: whose it may be, what is wrong with it, and how it comes from one version to the next.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { migrations } from "../../src/stores/sqlite/migrations.ts";
import { openDatabase } from "../../src/stores/sqlite/open-database.ts";
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { sqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { newFile, startOn } from "./sqlite-setup.ts";

const openStore = (path: string) => startOn(path).store;
const openAccounts = (path: string) => sqliteAccounts(path)({ clock: new ManualClock() });

/** What either says of the file. */
function wordsAbout(path: string): readonly string[] {
  return [openStore, openAccounts].map((open) => {
    try {
      open(path);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return error instanceof Error ? error.message : "";
    }
    throw new Error("it was opened");
  });
}

function inDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe("a path", () => {
  it.each(["", ":memory:", undefined, 7])("%j is none", (path) => {
    // @ts-expect-error: what no TypeScript would pass
    expect(() => sqliteStore(path)).toThrow("sqliteStore: expected the path of a file, got");
    // @ts-expect-error: as above
    expect(() => sqliteAccounts(path)).toThrow("sqliteAccounts: expected the path of a file, got");
  });

  it("may lead to a file that is not there: it is made, for its owner alone to read", async () => {
    const path = newFile();
    const [store, accounts] = [openStore(path), openAccounts(path)];
    await store.access.revokeToken("token", null);
    await accounts.create({});
    const files = ["", "-wal", "-shm", "-lock"].map((end) => path + end);
    expect(files.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(files.map(() => "600"));
    await store.close();
    await accounts.close?.();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it("is written so that accounts outlive a power cut, and sessions the end of the process", () => {
    const levels = { off: 0, normal: 1, full: 2 };
    const path = newFile();
    for (const [durability, level] of [
      ["process", levels.normal],
      ["power", levels.full],
    ] as const) {
      const database = openDatabase(path, durability);
      expect(database.one("PRAGMA synchronous")).toEqual({ synchronous: level });
      database.close();
    }
  });

  it("into a folder that does not exist is told so", () => {
    const path = join(dirname(newFile()), "nowhere", "login.db");
    for (const words of wordsAbout(path)) {
      expect(words).toBe(`colyseus-login/sqlite: ${path} cannot be made: its folder does not exist, make it first`);
    }
  });

  it("to a folder is told so", () => {
    const path = newFile();
    mkdirSync(path);
    for (const words of wordsAbout(path)) expect(words).toMatch(/: .* cannot be opened .* must be a file/);
  });
});

describe("a file", () => {
  it("that is no database is left alone", () => {
    const path = newFile();
    const text = "My notes. ".repeat(1_000);
    writeFileSync(path, text);
    for (const words of wordsAbout(path)) {
      expect(words).toBe(
        `colyseus-login/sqlite: ${path} is not an SQLite database: give another path, or move it away`,
      );
    }
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("of another program is left alone", () => {
    const path = newFile();
    inDatabase(path, "CREATE TABLE notes (text TEXT)");
    const bytes = readFileSync(path);
    for (const words of wordsAbout(path)) expect(words).toContain("is the database of another program");
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("of a newer version is left alone", async () => {
    const path = newFile();
    await openStore(path).close();
    inDatabase(path, `PRAGMA user_version = ${migrations.length + 1}`);
    const versions = `version ${migrations.length + 1} of the tables, and this one knows ${migrations.length}`;
    for (const words of wordsAbout(path)) {
      expect(words).toBe(
        `colyseus-login/sqlite: ${path} was written by a newer colyseus-login (${versions}): use that one, or a backup`,
      );
    }
  });

  it("that is cut off or scribbled on is told to be damaged", async () => {
    const damaged = async (harm: (path: string) => void) => {
      const path = newFile();
      const h = startOn(path);
      for (let i = 0; i < 100; i += 1) await h.open({ userId: `user-${i}` });
      await h.store.close();
      harm(path);
      expect(() => openStore(path)).toThrow(`${path} is damaged: put a backup in its place`);
    };
    await damaged((path) => truncateSync(path, 20_000));
    await damaged((path) => inDatabase(path, "UPDATE sessions SET record = substr(record, 7)"));
  });

  it("that another program writes for long is told to be locked", async () => {
    const path = newFile();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    for (const words of wordsAbout(path)) expect(words).toContain("is locked by another program: close that first");
    other.close();
    await openStore(path).close();
  });
});

describe("one store at a time", () => {
  const inUse = "has a store already, in another process or in this one";

  it("has the file; accounts may share it, and it is free when the store is closed", async () => {
    const path = newFile();
    const [store, accounts] = [openStore(path), openAccounts(path)];
    expect(() => openStore(path)).toThrow(TypeError);
    expect(() => openStore(path)).toThrow(`${path} ${inUse}`);
    await store.close();
    await openStore(path).close();
    await accounts.close?.();
  });

  it("in two processes too, and a process that is killed leaves nothing locked", async () => {
    const path = newFile();
    const process_ = spawn(process.execPath, [join(import.meta.dirname, "sqlite-program.ts"), path]);
    await once(process_.stdout, "data");
    expect(() => openStore(path)).toThrow(`${path} ${inUse}`);
    process_.kill("SIGKILL");
    await once(process_, "close");
    await openStore(path).close();
  });

  it("a start that fails leaves nothing locked", async () => {
    const path = newFile();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    expect(() => openStore(path)).toThrow("locked by another program");
    other.close();
    await openStore(path).close();
  });
});

describe("from one version to the next", () => {
  const version1 = (): string => {
    const path = newFile();
    inDatabase(path, readFileSync(join(import.meta.dirname, "sqlite-version-1.sql"), "utf8"));
    return path;
  };

  it("what version 1 wrote is there", async () => {
    const path = version1();
    const h = startOn(path);
    const { queue, access, sessions } = h.store;
    expect(await h.record("live")).toMatchObject({ generation: 2, clientVars: { skin: "red" }, groups: ["testers"] });
    expect((await h.refresh("live", 2)).outcome).toBe("rotated");
    expect((await sessions.get("ended"))?.end).toEqual({ at: 1893456000600, reason: "logout" });
    expect(await access.getBan("banned")).toEqual({ reason: "Cheating.", until: null });
    expect(await access.isTokenRevoked("revoked")).toBe(true);
    expect(await access.accessRules()).toMatchObject({ mode: "limited", allow: { userIds: ["user"] } });
    expect(await queue.settings()).toMatchObject({ mode: "always", lanes: { default: 1, friends: 2 } });
    expect(await h.store.audit.list({ before: null, limit: 10 })).toEqual([]);
    const actor = { kind: "operator", name: "ann", tokenId: "token" } as const;
    const empty = { target: null, reason: null, before: null, after: null };
    expect((await h.store.audit.append({ actor, action: "status.read", outcome: "done", ...empty })).id).toBe("1");
    await h.store.close();

    const accounts = openAccounts(path);
    const account = { userId: "user", username: "User", groups: ["testers"], createdAt: 1893456000000 };
    expect(await accounts.findByIdentity({ provider: "device", externalId: "hash" })).toEqual(account);
    const credential = { hash: "$scrypt$hash", version: "v1", verifiedAt: 1893456000700 };
    const mail = { provider: "email", externalId: "ada@example.org" };
    expect(await accounts.findCredential(mail)).toEqual({ account, credential });
    await accounts.close?.();
  });

  it("takes the steps that the file has not taken, each once", () => {
    const path = version1();
    const step2 = "ALTER TABLE bans ADD COLUMN author TEXT; UPDATE bans SET author = 'nobody'";
    const step3 = "UPDATE bans SET author = author || '!'";
    for (const steps of [[step2], [step2, step3], [step2, step3]]) {
      openDatabase(path, "process", [...migrations.slice(0, 1), ...steps]).close();
    }
    const database = openDatabase(path, "process", [...migrations.slice(0, 1), step2, step3]);
    expect(database.all("SELECT userId, author FROM bans")).toEqual([{ userId: "banned", author: "nobody!" }]);
    database.close();
  });

  it("a step that fails leaves the file as it was", async () => {
    const path = version1();
    const steps = [...migrations.slice(0, 1), "DELETE FROM bans", "INSERT INTO nowhere VALUES (1)"];
    expect(() => openDatabase(path, "process", steps)).toThrow(/no such table: nowhere/);
    const h = startOn(path);
    expect(await h.store.access.getBan("banned")).not.toBeNull();
    await h.store.close();
  });

  it("a new file is that of version 1 with every step taken", async () => {
    const schemaOf = (path: string) => {
      const database = new DatabaseSync(path);
      const rows = database.prepare("SELECT type, name FROM sqlite_schema ORDER BY name").all();
      const columns = database.prepare(
        `SELECT s.name AS "table", c.name, c.type, c."notnull", c.pk FROM sqlite_schema s, pragma_table_info(s.name) c
         ORDER BY 1, c.cid`,
      );
      const schema = { rows, columns: columns.all() };
      database.close();
      return schema;
    };
    const [made, migrated] = [newFile(), version1()];
    for (const path of [made, migrated]) await openStore(path).close();
    expect(schemaOf(made)).toEqual(schemaOf(migrated));
  });
});
