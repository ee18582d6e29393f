// The memory store's marks of revoked tokens take no room after their end.
import { expect, it } from "vitest";
import { RevocationTable } from "../../src/stores/memory/revocation-table.ts";

it("forgets what is over, and keeps what is not", () => {
  const table = new RevocationTable();
  for (let i = 0; i < 1_000; i += 1) table.put(`token-${i}`, 1_000 + i);
  table.put("for ever", null);
  expect(table.size).toBe(1_001);
  table.forgetDue(1_499);
  expect(table.size).toBe(501);
  expect([table.inForce("token-499", 1_499), table.inForce("token-500", 1_499)]).toEqual([false, true]);
  table.forgetDue(10_000);
  expect(table.size).toBe(1);
});
