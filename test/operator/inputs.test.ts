// What no operator should send, on the real login: each is answered with a code and the name of what is wrong, and changes nothing.
import { describe, expect, it } from "vitest";
import { loginServer } from "../login/server.ts";
import { Desk } from "./desk.ts";
import { samples, setScene } from "./samples.ts";

const server = loginServer();

type Wrong = readonly [field: string, values: readonly unknown[]];
/** JSON that `JSON.stringify` does not write. */
class Raw {
  readonly json: string;
  constructor(json: string) {
    this.json = json;
  }
}
const raw = (json: string): Raw => new Raw(json);
const endless = raw("1e999");
const bodyOf = (fields: Record<string, unknown>): string =>
  `{${Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${value instanceof Raw ? value.json : JSON.stringify(value)}`)
    .join(",")}}`;

/** Beyond it no form can show a date, and some time later there are none. */
const lastMoment = Date.parse("9999-12-31T23:59:59.999Z");

const notNumber = ["5", true, [], {}, endless];
const notAmount = [-1, 0, ...notNumber];
const notCount = [-1, 1.5, ...notNumber];
const notText = [5, true, [], {}, raw('"\\ud800"')];
const notReason = [null, ...notText, "x".repeat(501), "nul \u0000", "bell \u0007"];

const settings: readonly Wrong[] = [
  ["mode", ["", "AUTO", "off", 1, [], {}]],
  ["notice", [...notText, "x".repeat(501)]],
  ["targetLoginRatePerSecond", notAmount],
  ["loginBurst", [0.5, ...notNumber]],
  ["targetCcuLimit", notCount],
  ["safetyMarginPercent", [-1, 101, ...notNumber]],
  ["estimatedSecondsToLogin", [-1, ...notNumber]],
  ["maxCheckTicketPollTimeSeconds", notAmount],
  ["queueGraceSeconds", notAmount],
  ["playerGraceSeconds", notAmount],
  ["passSeconds", notAmount],
  ["pollPresentSeconds", notAmount],
  ["maxQueueLength", notCount],
  ["maxTicketsPerIp", notCount],
  [
    "lanes",
    [
      {},
      [],
      "a",
      { a: 0 },
      { a: "1" },
      { a: 1001 },
      { "": 1 },
      { "a b": 1 },
      { ["x".repeat(33)]: 1 },
      raw('{"__proto__":1}'),
      Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`lane${index}`, 1])),
    ],
  ],
  ["restoreSeconds", [1]],
  ["constructor", [1]],
  ["targetCcuLimit ", [1]],
];

const bodies: readonly { action: string; rest?: object; wrong: readonly Wrong[] }[] = [
  { action: "queue.configure", wrong: settings },
  { action: "ticket.admit", wrong: [["position", [1]]] },
  {
    action: "ticket.remove",
    rest: { reason: "why" },
    wrong: [
      ["reason", [undefined, ...notReason]],
      ["until", [1]],
    ],
  },
  { action: "ticket.move", wrong: [["position", [undefined, null, 0, 2 ** 53, ...notCount]]] },
  { action: "session.disconnect", wrong: [["reason", [...notReason, "x".repeat(257)]]] },
  {
    action: "session.logout",
    wrong: [
      ["reason", [...notReason, "x".repeat(257)]],
      ["disconnectSockets", [null, "true", 1, []]],
    ],
  },
  {
    action: "user.ban",
    rest: { reason: "why" },
    wrong: [
      ["reason", [undefined, ...notReason, "x".repeat(257)]],
      ["until", ["1", true, [], endless, -1, 0, 1, 1.5, lastMoment + 1, 2 ** 53, 1e300]],
      ["forEver", [true]],
    ],
  },
  {
    action: "access.set",
    rest: { mode: "limited" },
    wrong: [
      ["mode", [undefined, null, "closed", 1, []]],
      ["allow", [null, [], "ann", { userIds: "ann" }, { userIds: [1] }, { userIds: [""] }, { rule: "none" }]],
      ["allow", [{ groups: Array.from({ length: 101 }, () => "a") }, { users: [] }, { rule: 1 }]],
      ["opensAt", ["now", -1, [], endless, lastMoment + 1, 1e300]],
      ["closesAt", ["now", -1, [], endless, lastMoment + 1, 1e300]],
      ["modeNow", ["open"]],
    ],
  },
];

const notObjects = [
  "[]",
  "null",
  '"text"',
  "7",
  "{",
  '{"a":}',
  "a=b",
  "\u0000",
  `{"a":${"[".repeat(40)}${"]".repeat(40)}}`,
];

describe("S35 a body", () => {
  it.each(bodies)(
    "$action refuses every wrong value, names the field, and does nothing",
    async ({ action, rest, wrong }) => {
      const house = server.open({ queue: { targetCcuLimit: 9 } });
      const desk = await Desk.open(house);
      const scene = await setScene(house);
      const { method, path } = samples(scene).find((sample) => sample.action === action) ?? { method: "", path: "" };
      const before = await desk.ok(desk.get("/status"));
      for (const [field, values] of wrong) {
        for (const value of values) {
          const body = bodyOf({ ...rest, [field]: value });
          const answer = await desk.send(method, path, { body });
          expect(answer, body).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
          const says = /ud800|__proto__/.test(body) ? "" : field;
          expect(answer.body["message"], body).toContain(says);
          expect(String(answer.body["message"]).length).toBeLessThan(300);
        }
      }
      for (const body of notObjects) {
        const answer = await desk.send(method, path, { body });
        expect(answer, body).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
      }
      const large = await desk.send(method, path, { body: JSON.stringify({ reason: "x".repeat(16 * 1024) }) });
      expect(large).toMatchObject({ status: 413, body: { code: "PAYLOAD_TOO_LARGE" } });
      expect(await desk.ok(desk.get("/status"))).toEqual(before);
      expect(await house.login.sessions.get(scene.sid)).toMatchObject({ ended: null });
      expect(await house.login.bans.get(scene.userId)).toEqual({ reason: "cheating", until: null });
      expect((await desk.ok(desk.get("/tickets")))["tickets"]).toMatchObject([{ status: "waiting", position: 1 }]);
    },
  );

  it("of another type is 415", async () => {
    const house = server.open({ queue: {} });
    const desk = await Desk.open(house);
    const answer = await fetch(`${house.url}/auth/operator/queue`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${desk.token}`, "content-type": "text/plain" },
      body: "{}",
    });
    expect([answer.status, await answer.json()]).toMatchObject([415, { code: "UNSUPPORTED_MEDIA_TYPE" }]);
  });
});

const queries: readonly (readonly [path: string, queries: readonly string[]])[] = [
  ["/status", ["a=1", "=", "__proto__=1", "constructor=1", "operator"]],
  [
    "/forecast",
    [
      ...["-1", "0", "x", "", "1e3", "0x10", "9".repeat(400), "Infinity", "%00", "1,5"].map(
        (value) => `targetLoginRatePerSecond=${value}`,
      ),
      ...["-1", "x", "1.5", "", "1e3"].map((value) => `targetCcuLimit=${value}`),
      "mode=x",
      "mode=",
      "mode=auto&mode=auto",
      "notice=x",
      "targetCcuLimit[]=1",
    ],
  ],
  [
    "/tickets",
    ["status=removed", "status=", "lane=", `lane=${"x".repeat(33)}`, "lane=a%20b", "q=", `q=${"x".repeat(257)}`],
  ],
  [
    "/tickets",
    ["q=%00", "q=%0a", "q=%E2%80%AE", `q=${"x".repeat(10_000)}`, "limit=5", "status=waiting&status=admitted"],
  ],
  ["/events", ["before=", "before=x", "before=-1", "before=1.5", "before=0", `before=${"9".repeat(16)}`]],
  ["/events", ["limit=0", "limit=201", "limit=x", "limit=1.5", "limit=-1", "limit=", "after=1"]],
  ["/sessions", ["userId=", "userId=%00", `userId=${"x".repeat(257)}`, `username=${"x".repeat(10_000)}`]],
  ["/sessions", ["userId=a&from=-1", "userId=a&from=x", "userId=a&from=1.5", "userId=a&from=", "userId=a&limit=5"]],
  ["/bans/ann", ["a=1"]],
  ["/metrics", ["name=x"]],
];

it.each(queries)("S37 %s refuses a query that is not as it should be", async (path, wrong) => {
  const desk = await Desk.open(server.open({ queue: {} }));
  for (const query of wrong) {
    const answer = await desk.get(`${path}?${query}`);
    expect(answer, query.slice(0, 60)).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
    expect(answer.body["message"]).toMatch(/^query/);
  }
});

describe("S37 an id in the path or the query", () => {
  const broken = [
    "%",
    "%zz",
    "%ff",
    "%c0%af",
    "%00",
    "a%00b",
    "%0a",
    "%7f",
    "%E2%80%AE",
    "x".repeat(257),
    "x".repeat(10_000),
  ];
  const unknown = [
    "..%2f..%2fetc",
    "__proto__",
    "constructor",
    "%F0%9F%92%A9",
    "*",
    ":id",
    "x".repeat(256),
    "a%20b",
    "%EF%BF%BD",
  ];

  it.each(samples({ ticketId: "ID", sid: "ID", userId: "ID" }).filter(({ path }) => path.includes("ID")))(
    "$action",
    async ({ method, path, body }) => {
      const desk = await Desk.open(server.open({ queue: {} }));
      const inQuery = path.includes("?");
      // A ban needs no account, and half a pair or broken bytes of the query are read as U+FFFD.
      const isBan = method === "PUT";
      for (const id of broken) {
        const { status } = await desk.send(method, path.replace("ID", id), { body });
        expect(inQuery ? [400, 404] : [400], id.slice(0, 60)).toContain(status);
      }
      for (const id of [...unknown, "%ED%A0%80"]) {
        const { status } = await desk.send(method, path.replace("ID", id), { body });
        expect(isBan ? [200, 400] : [400, 404], id.slice(0, 60)).toContain(status);
      }
    },
  );
});
