// S11: that a MAC is compared in constant time cannot be measured here; that it is compared by Node's own function for it can be seen.
import { timingSafeEqual } from "node:crypto";
import { expect, it, vi } from "vitest";
import { randomId } from "../../src/random.ts";
import { createHouse, refusalCode } from "./setup.ts";

vi.mock("node:crypto", { spy: true });

it("S11 every forged MAC, however close, is compared whole, in constant time", async () => {
  const house = createHouse();
  const { login } = await house.login();
  const [sid, generation, mac = ""] = login.refreshToken.split(".");
  const bytes = Buffer.from(mac, "base64url");
  const near = [0, 15, 31].map((at) => {
    const forged = Buffer.from(bytes);
    forged[at] = (forged[at] ?? 0) ^ 1;
    return forged.toString("base64url");
  });
  for (const forged of [...near, randomId(32)]) {
    vi.mocked(timingSafeEqual).mockClear();
    const refreshToken = `${sid}.${generation}.${forged}`;
    expect(await refusalCode(house.sessions.refresh({ refreshToken }))).toBe("TOKEN_INVALID");
    expect(vi.mocked(timingSafeEqual).mock.results).toEqual([{ type: "return", value: false }]);
    const [made, shown] = vi.mocked(timingSafeEqual).mock.calls[0] ?? [];
    expect([made, shown]).toEqual([bytes, Buffer.from(forged, "base64url")]);
  }
});
