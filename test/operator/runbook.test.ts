// The commands of docs/operations.md, given to a real server as they stand there: who is tired copies them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { request } from "../login/player.ts";
import { loginServer } from "../login/server.ts";

const server = loginServer();
const docs = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");

interface Command {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const commands = [...docs.matchAll(/\bop (GET|POST|PUT|PATCH|DELETE) '?([^\s'`]+)'?(?: --json '([^']+)')?/g)].map(
  ([line, method = "", path = "", body]): readonly [string, Command] => [
    line,
    { method, path, body: body === undefined ? undefined : JSON.parse(body) },
  ],
);

it("has commands", () => {
  expect(commands.length).toBeGreaterThan(20);
});

it.each(commands)("%s", async (_, { method, path, body }) => {
  const house = server.open({ queue: { lanes: { default: 1 } } });
  const token = await house.login.tokens.issueOperatorToken({ name: "Ada" });
  const namesSomething = path.includes("<");
  const answer = await request(`${house.url}/auth/operator/${path.replace(/<\w+>/g, "somebody")}`, {
    method,
    token,
    body,
  });
  // Nobody is there to be admitted, removed or logged out; a ban may be for a user who never came.
  const expected = namesSomething && !path.startsWith("bans/") ? { status: 404, code: "NOT_FOUND" } : { status: 200 };
  expect({ status: answer.status, code: answer.body["code"] }).toMatchObject(expected);
});
