// Holds docs/accounts.md to its word: the example in it is the code that passes the contract here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { accountStoreContract } from "../contract/accounts.contract.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { myAccounts } from "./own-accounts.ts";

accountStoreContract("the example of docs/accounts.md", async () => {
  const clock = new ManualClock();
  const database = new DatabaseSync(":memory:");
  const open = myAccounts(database);
  return {
    accounts: open({ clock }),
    connect: async () => open({ clock }),
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
});

it("docs/accounts.md shows this example", () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
  const [, ...lines] = read("own-accounts.ts").split("\n");
  const example = lines.join("\n").replace('"../../src/index.ts"', '"colyseus-login"');
  expect(read("../../docs/accounts.md")).toContain(`\`\`\`ts\n// my-accounts.ts\n${example}\`\`\``);
});
