// S56: the id of a device is its owner's password, so neither accounts nor store nor log ever hold it.
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { FragileStore } from "./fragile-store.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

it("S56 a device's secret reaches the accounts as a hash, and the store not at all", async () => {
  const store = new FragileStore();
  const house = server.open({ store: store.open, accounts: store.openAccounts, queue: {} });
  const ann = await house.loggedIn("Ann");
  await ann.logIn();
  const linked = "another secret device";
  expect((await ann.post("/auth/link/device", { id: linked }, ann.login.token)).status).toBe(200);
  await ann.tryLogIn({ id: 7 });

  // Nothing can be kept that is not handed over.
  const kept = inspect(store.given, { depth: null, maxStringLength: null, maxArrayLength: null });
  // The two devices are known by what a hash made of them.
  expect(new Set(kept.match(/externalId: '[\w-]{43}'/g)).size).toBe(2);
  const told = [kept, ...house.logger.lines.map(({ text }) => text)].join("\n");
  for (const secret of [ann.device, "the device", linked]) {
    expect(told).not.toContain(secret);
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      expect(told).not.toContain(Buffer.from(secret).toString(encoding).slice(0, 12));
    }
  }
});
