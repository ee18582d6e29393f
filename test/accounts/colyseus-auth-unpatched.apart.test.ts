// Neither the package nor its provider for @colyseus/auth changes the rooms of a server that does not load that package itself.
import { Room } from "@colyseus/core";
import { expect, it } from "vitest";

it("no room's onAuth is changed by our index, nor by the provider at work", async () => {
  const before = Room.onAuth;
  const { colyseusAuthProvider, defineLogin } = await import("../../src/index.ts");
  const provider = colyseusAuthProvider();
  const login = defineLogin({ providers: { colyseus: provider }, tokens: { algorithm: "EdDSA" } });
  process.env["JWT_SECRET"] = "a secret of the tests, long enough";
  const context = { provider: "colyseus", headers: new Headers(), address: null };
  await expect(provider.authenticate({ token: "a.b.c" }, context)).rejects.toMatchObject({
    code: "INVALID_CREDENTIALS",
  });
  expect(Room.onAuth).toBe(before);
  await import("@colyseus/auth");
  expect(Room.onAuth).not.toBe(before);
  await login.shutdown();
});
