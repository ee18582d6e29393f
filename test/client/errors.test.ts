// How refusals and failures are read, whatever form they come in.
import { MatchMakeError, ServerError } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { fromHttp, fromMatchmaking, isPassing, LoginClientError, serverCodes } from "../../src/client/errors.ts";
import { errorStatus } from "../../src/errors.ts";

it("knows every code of the server", () => {
  expect([...serverCodes].sort()).toEqual(Object.keys(errorStatus).sort());
});

describe("over HTTP", () => {
  const served = (status: number, data: unknown) => new ServerError(status, "text", { status, data });

  it("reads our body", () => {
    const error = fromHttp(served(429, { code: "TOO_MANY_REQUESTS", message: "slowly", retryAfterSeconds: 3 }));
    expect(error).toBeInstanceOf(LoginClientError);
    expect(error).toMatchObject({ code: "TOO_MANY_REQUESTS", status: 429, message: "slowly", retryAfterSeconds: 3 });
    expect(error.reason).toBeUndefined();
  });

  it("reads a code that a newer server may have, and no nonsense", () => {
    expect(fromHttp(served(403, { code: "MOON_PHASE" })).code).toBe("MOON_PHASE");
    for (const data of [null, "text", [], { code: 12 }, { code: "ENOENT: x" }, { code: "" }]) {
      expect(fromHttp(served(403, data)).code).toBe("UNEXPECTED_ANSWER");
    }
    const odd = fromHttp(served(403, { code: "BANNED", message: 4, reason: {}, until: "x", retryAfterSeconds: null }));
    expect(odd).toMatchObject({ code: "BANNED", message: "BANNED" });
    expect(odd.reason ?? odd.until ?? odd.retryAfterSeconds).toBeUndefined();
  });

  it("reads the absence of an answer", () => {
    expect(fromHttp(new ServerError(Number.NaN, "fetch failed"))).toMatchObject({ code: "NETWORK", status: 0 });
    expect(fromHttp(new TypeError("terminated"))).toMatchObject({ code: "NETWORK", status: 0 });
    expect(fromHttp(undefined)).toMatchObject({ code: "NETWORK", status: 0 });
    for (const status of [502, 503, 504]) expect(fromHttp(served(status, "<h1>")).code).toBe("NETWORK");
  });

  it("keeps what was thrown as the cause, and never wraps twice", () => {
    const thrown = served(401, { code: "TOKEN_INVALID" });
    const error = fromHttp(thrown);
    expect(error.cause).toBe(thrown);
    expect(fromHttp(error)).toBe(error);
  });

  it("says what may be asked again", () => {
    const again = [served(500, ""), served(503, { code: "STORE_UNAVAILABLE" }), served(404, "<h1>"), new TypeError()];
    expect(isPassing(fromHttp(served(500, { code: "INTERNAL_SERVER_ERROR" })))).toBe(true);
    const final = [served(401, { code: "SESSION_REVOKED" }), served(503, { code: "QUEUE_FULL" })];
    expect(again.map((error) => isPassing(fromHttp(error)))).toEqual([true, true, true, true]);
    expect(final.map((error) => isPassing(fromHttp(error)))).toEqual([false, false]);
  });
});

describe("at matchmaking", () => {
  it("reads our code from the message, whether it came by HTTP or at the socket", () => {
    for (const error of [new MatchMakeError("BANNED", 403), new ServerError(403, "BANNED")]) {
      expect(fromMatchmaking(error)).toMatchObject({ code: "BANNED", status: 403, cause: error });
    }
  });

  it("leaves alone what is not ours", () => {
    for (const error of [
      new MatchMakeError("no rooms found with provided criteria", 521),
      new MatchMakeError("the team is full", 403),
      new MatchMakeError("BANNED", 4002),
      new Error("BANNED"),
      null,
    ]) {
      expect(fromMatchmaking(error)).toBeNull();
    }
  });

  it("reads a connection that was lost", () => {
    const refused = Object.assign(new MatchMakeError("connect ECONNREFUSED", 0), { code: "ECONNREFUSED" });
    const inBrowsers = Object.assign(new MatchMakeError("Failed to fetch", 0), { code: undefined });
    for (const error of [refused, inBrowsers, new MatchMakeError("", 1006), new MatchMakeError("Bad Gateway", 502)]) {
      expect(fromMatchmaking(error)).toMatchObject({ code: "NETWORK", status: 0 });
    }
  });
});
