// The identity providers of this issue: device, anonymous, custom.
import { describe, expect, it } from "vitest";
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import type { Identity } from "../../src/accounts/providers.ts";
import { LoginError } from "../../src/errors.ts";
import { refusal, refusalCode } from "../sessions/setup.ts";

const context = { provider: "any", headers: new Headers(), address: null };

describe("the device provider", () => {
  const authenticate = (credentials: Record<string, unknown>) => deviceProvider().authenticate(credentials, context);

  it("S56 knows a device by a hash of its id, the same each time", async () => {
    const id = "device-0123456789";
    const { externalId, ...rest } = await authenticate({ id });
    expect(externalId).toMatch(/^[\w-]{43}$/);
    expect(rest).toEqual({});
    expect(externalId).not.toContain("0123456789");
    expect(await authenticate({ id, other: 1 })).toEqual({ externalId });
    expect(await authenticate({ id: `${id} ` })).not.toEqual({ externalId });
  });

  it.each(["x".repeat(10), "x".repeat(128), "😀".repeat(10), "😀".repeat(128), "12345678-1234-1234-1234-123456789012"])(
    "takes an id of 10 to 128 characters: %s",
    async (id) => {
      expect((await authenticate({ id })).externalId).not.toBeNull();
    },
  );

  it.each(["", "x".repeat(9), "x".repeat(129), "😀".repeat(9), "x".repeat(1_000_000), `${"x".repeat(10)}\ud800`])(
    "S35 refuses an id of another length, or no text at all: %#",
    async (id) => {
      const error = await refusal(authenticate({ id }));
      expect(error.code).toBe("INVALID_REQUEST");
      expect(error.message).toBe("id: expected a string of 10 to 128 characters");
    },
  );

  it.each([undefined, null, 1234567890, true, {}, ["x".repeat(20)], { length: 20 }])(
    "S35 refuses %j as id",
    async (id) => {
      expect(await refusalCode(authenticate({ id }))).toBe("INVALID_REQUEST");
      expect(await refusalCode(authenticate({}))).toBe("INVALID_REQUEST");
    },
  );
});

it("the anonymous provider asks for nothing and makes a fresh account each time", async () => {
  for (const credentials of [{}, { id: "x" }, { externalId: "someone-else" }]) {
    expect(await anonymousProvider().authenticate(credentials, context)).toEqual({ externalId: null });
  }
});

describe("a custom provider", () => {
  const answering = (identity: unknown) => customProvider(() => identity as Identity).authenticate({}, context);

  it("gives its function the credentials and the request, and answers what it says", async () => {
    const headers = new Headers({ "x-api-key": "k" });
    const provider = customProvider(async (credentials, request) => ({
      externalId: `${String(credentials["ticket"])} ${request.headers.get("x-api-key")} ${request.provider}`,
      username: " Ada ",
      groups: ["vip", "vip"],
    }));
    expect(await provider.authenticate({ ticket: "t" }, { provider: "steam", headers, address: null })).toEqual({
      externalId: "t k steam",
      username: "Ada",
      groups: ["vip"],
    });
  });

  it("may make a fresh account each time, and need not say more than who it is", async () => {
    expect(await answering({ externalId: null })).toEqual({ externalId: null });
    expect(await answering({ externalId: "a", extra: "dropped" })).toEqual({ externalId: "a" });
  });

  it("refuses credentials by null, or by a LoginError of its own", async () => {
    expect(await refusalCode(answering(null))).toBe("INVALID_CREDENTIALS");
    const refused = new LoginError("FORBIDDEN", "Not from here.");
    const provider = customProvider(() => {
      throw refused;
    });
    expect(await refusal(provider.authenticate({}, context))).toBe(refused);
  });

  it.each([
    undefined,
    "user-1",
    7,
    {},
    [],
    { externalId: undefined },
    { externalId: "" },
    { externalId: 7 },
    { externalId: "x".repeat(1025) },
    { externalId: "a", groups: "vip" },
    { externalId: "a", groups: [1] },
  ])("that answers %j is a mistake of the server: a TypeError", async (identity) => {
    await expect(answering(identity)).rejects.toThrow(TypeError);
  });

  it("is made of a function", () => {
    expect(() => customProvider(undefined as never)).toThrow(TypeError);
    expect(() => customProvider({} as never)).toThrow("customProvider: expected a function, got object");
  });
});
