// What a client may say when it joins, and by which call.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { parseJoinOptions, requireJoiningCall } from "../../src/login-queue/join-options.ts";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe("the join options", () => {
  it.each<[string, unknown, unknown]>([
    ["nothing", undefined, { ticket: null, hint: undefined }],
    ["a seat reserved without options", true, { ticket: null, hint: undefined }],
    ["an empty object", {}, { ticket: null, hint: undefined }],
    ["a ticket", { ticket: "abc" }, { ticket: "abc", hint: undefined }],
    ["what localStorage answers without a ticket", { ticket: null }, { ticket: null, hint: undefined }],
    ["an empty ticket", { ticket: "" }, { ticket: null, hint: undefined }],
    ["a hint of any shape", { hint: { a: [1, null] } }, { ticket: null, hint: { a: [1, null] } }],
    ["something else beside them", { ticket: "abc", more: 1 }, { ticket: "abc", hint: undefined }],
  ])("takes %s", (_name, options, parsed) => {
    expect(parseJoinOptions(options)).toEqual(parsed);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a string", "ticket"],
    ["a number", 7],
    ["false", false],
    ["an array", [{ ticket: "abc" }]],
    ["a ticket that is a number", { ticket: 1 }],
    ["a ticket that is an object", { ticket: { toString: "abc" } }],
    ["a ticket that is an array", { ticket: ["abc"] }],
    ["a huge ticket", { ticket: "x".repeat(9_000) }],
    ["a huge hint", { hint: "x".repeat(9_000) }],
    ["a huge something", { more: "x".repeat(9_000) }],
    ["a hint nested too deep to be written", { hint: nested(100_000) }],
    ["a key that shadows a method", { hasOwnProperty: 1 }],
    ["__proto__ as a key", JSON.parse('{"__proto__": {"ticket": "abc"}}')],
    ["constructor as a key", { constructor: 1 }],
  ])("S36 refuses %s", (_name, options) => {
    expect(() => parseJoinOptions(options)).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
  });
});

describe("the matchmaker's call", () => {
  const at = (path: string) => ({ req: { url: `http://game.example${path}` } });

  it.each(["joinOrCreate/login_queue", "join/login_queue", "joinById/abcdefghi"])("may be %s", (call) => {
    expect(() => requireJoiningCall(at(`/matchmake/${call}`))).not.toThrow();
    expect(() => requireJoiningCall(at(`/below/matchmake/${call}/?x=1`))).not.toThrow();
  });

  it.each([
    "/matchmake/create/login_queue",
    "/matchmake/create/login_queue/",
    "/matchmake/create/login_queue?a=/joinOrCreate/login_queue",
    "/matchmake/%63reate/login_queue",
    "/matchmake/joinOrCreate/x/../../create/login_queue",
    "/matchmake/create%2f/login_queue",
    "/login_queue",
  ])("S44 may not be %s", (path) => {
    expect(() => requireJoiningCall(at(path))).toThrow(LoginError);
  });

  it("is not told for a seat that the server reserves by itself", () => {
    expect(() => requireJoiningCall(undefined)).not.toThrow();
    expect(() => requireJoiningCall({})).not.toThrow();
  });
});
