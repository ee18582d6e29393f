// What the types of `defineLogin` promise to a server: checked by tsc, where a broken promise is a compile error.
import { type Client, definePlugins, Room } from "@colyseus/core";
import { expectTypeOf, it } from "vitest";
import {
  defineLogin,
  type EndReason,
  type EventSession,
  type Login,
  type LoginDataOf,
  LoginError,
  type LoginEvents,
  type LoginOptions,
  type QueueConfigured,
  type QueueMode,
  type QueueOverview,
  type RequestContext,
  type SessionAuth,
  type Vars,
  type VarsOf,
} from "../../src/index.ts";

interface PlayerVars {
  skin?: string;
  team: string;
}

/** None of these functions runs: only their types matter. */
function loginOfPlayers() {
  return defineLogin<{ vars: PlayerVars }>({
    hooks: {
      beforeAuthenticate: (request) => {
        expectTypeOf(request.vars).toEqualTypeOf<Vars>();
        return { serverVars: { rank: "gold" } };
      },
      afterAuthenticate: (session) => {
        expectTypeOf(session.vars).toEqualTypeOf<Readonly<PlayerVars>>();
      },
      beforeRefresh: (session) => {
        expectTypeOf(session.vars.team).toEqualTypeOf<string>();
      },
      beforeQueue: ({ session, hint, address }, { headers }) => {
        expectTypeOf(session).toEqualTypeOf<SessionAuth<PlayerVars> | null>();
        expectTypeOf(hint).toBeUnknown();
        expectTypeOf(address).toEqualTypeOf<string | null>();
        expectTypeOf(headers).toEqualTypeOf<Headers>();
      },
      onSessionEnd: (session, reason) => {
        expectTypeOf(session.vars.skin).toEqualTypeOf<string | undefined>();
        expectTypeOf(reason).toEqualTypeOf<EndReason>();
      },
    },
  });
}

function roomOf(login: ReturnType<typeof loginOfPlayers>) {
  return class GameRoom extends Room<{ client: Client<{ auth: SessionAuth<PlayerVars> }> }> {
    static override onAuth = login.onAuth;
    override plugins = definePlugins([login.sessionPlugin()]);

    override onJoin(
      client: Client<{ auth: SessionAuth<PlayerVars> }>,
      _options: unknown,
      auth: SessionAuth<PlayerVars>,
    ) {
      expectTypeOf(client.auth).not.toBeAny();
      expectTypeOf(client.auth?.vars).toEqualTypeOf<Readonly<PlayerVars> | undefined>();
      // @ts-expect-error: vars do not change after issue
      auth.vars.team = "red";
      // @ts-expect-error: no such var
      auth.vars.colour;
    }
  };
}

function wrongOptions() {
  // @ts-expect-error: vars are strings
  defineLogin<{ vars: { level: number } }>();
  // @ts-expect-error: no such option
  defineLogin({ queues: {} });
  // @ts-expect-error: a lifetime is a number
  defineLogin({ tokens: { tokenExpirationMinutes: "60" } });
  // @ts-expect-error: a provider has `authenticate`
  defineLogin({ providers: { mine: {} } });
  // @ts-expect-error: no such hook
  defineLogin({ hooks: { onSessionStart: () => {} } });
  // @ts-expect-error: no such code
  new LoginError("BANISHED", "");
}

function wrongLevers({ queue }: ReturnType<typeof loginOfPlayers>) {
  void queue.configure({ mode: "paused", notice: null, lanes: { vip: 2 } });
  // @ts-expect-error: no such mode
  void queue.configure({ mode: "fast" });
  // @ts-expect-error: read once, at the start
  void queue.configure({ restoreSeconds: 1 });
  // @ts-expect-error: a place is a number
  void queue.move("ticket", "1");
}

it("the levers of the queue are typed", () => {
  expectTypeOf(wrongLevers).returns.toBeVoid();
  type Queue = ReturnType<typeof loginOfPlayers>["queue"];
  expectTypeOf<Queue["configure"]>().returns.resolves.toEqualTypeOf<QueueConfigured>();
  expectTypeOf<QueueConfigured["previous"]["loginBurst"]>().toEqualTypeOf<number>();
  expectTypeOf<Queue["status"]>().returns.resolves.toEqualTypeOf<QueueOverview>();
  expectTypeOf<QueueOverview["admittedPerSecond"][10]>().toEqualTypeOf<number>();
});

function listeners({ on }: ReturnType<typeof loginOfPlayers>) {
  const stop = on("loggedIn", ({ session, provider, created }) => {
    expectTypeOf(session).not.toBeAny();
    expectTypeOf(session).toEqualTypeOf<EventSession<PlayerVars>>();
    expectTypeOf(session.vars).toEqualTypeOf<Readonly<PlayerVars>>();
    expectTypeOf(provider).toEqualTypeOf<string>();
    expectTypeOf(created).toEqualTypeOf<boolean>();
    // @ts-expect-error: a whole sid opens doors
    session.sid;
    // @ts-expect-error: no such var
    session.vars.colour;
  });
  expectTypeOf(stop).toEqualTypeOf<() => void>();
  on("sessionEnded", async ({ session, reason }) => {
    expectTypeOf(session.vars.team).toEqualTypeOf<string>();
    expectTypeOf(reason).toEqualTypeOf<EndReason>();
  });
  on("queueMode", ({ mode, previous }) => {
    expectTypeOf(mode).toEqualTypeOf<QueueMode>();
    expectTypeOf(previous).toEqualTypeOf<QueueMode>();
  });
  on("admitted", (admission) => {
    expectTypeOf(admission).toEqualTypeOf<LoginEvents["admitted"]>();
    // @ts-expect-error: an event is not to be changed
    admission.waitedMs = 0;
  });
  // @ts-expect-error: no such event
  on("loggedOut", () => {});
  // @ts-expect-error: a listener is a function
  on("loggedIn", {});
  // @ts-expect-error: it hears of its own event alone
  on("banned", ({ session }) => session);
}

it("events are typed, with the game's vars", () => {
  expectTypeOf(listeners).returns.toBeVoid();
  expectTypeOf<keyof LoginEvents>().not.toBeAny();
  expectTypeOf<EventSession["vars"]>().toEqualTypeOf<Vars>();
});

it("a login carries the game's vars wherever it answers a session", () => {
  type PlayerLogin = ReturnType<typeof loginOfPlayers>;
  type Auth = SessionAuth<PlayerVars>;
  expectTypeOf<PlayerLogin["onAuth"]>().returns.resolves.toEqualTypeOf<Auth>();
  expectTypeOf<PlayerLogin["sessions"]["verify"]>().returns.resolves.toExtend<Auth>();
  expectTypeOf<PlayerLogin["sessions"]["get"]>().returns.resolves.toExtend<Auth | null>();
  expectTypeOf<PlayerLogin["sessions"]["list"]>().returns.resolves.items.toExtend<Auth>();
});

interface GameData {
  inventory: { name: string; count: number }[];
  gold: number;
  offers?: string[];
}

function loginWithData() {
  return defineLogin<{ vars: PlayerVars; loginData: GameData }>({
    loginData: {
      inventory: () => [{ name: "sword", count: 1 }],
      gold: {
        after: ["inventory", "offers"],
        timeoutSeconds: 2,
        run: async ({ session, request, created, results, signal }) => {
          expectTypeOf(session).toEqualTypeOf<SessionAuth<PlayerVars>>();
          expectTypeOf(request).toEqualTypeOf<RequestContext>();
          expectTypeOf(created).toEqualTypeOf<boolean>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(results.inventory).toEqualTypeOf<GameData["inventory"]>();
          expectTypeOf(results.offers).toEqualTypeOf<string[] | undefined>();
          // @ts-expect-error: its own result is yet to come
          results.gold;
          return results.inventory.length;
        },
      },
      offers: { optional: true, run: () => ["sale"] },
    },
  });
}

function wrongData() {
  // @ts-expect-error: gold is a number
  defineLogin<{ loginData: { gold: number } }>({ loginData: { gold: () => "much" } });
  // @ts-expect-error: no job brings the gold
  defineLogin<{ loginData: { gold: number } }>({ loginData: {} });
  defineLogin<{ loginData: { gold: number } }>({
    // @ts-expect-error: gold is promised to the client
    loginData: { gold: { optional: true, run: () => 1 } },
  });
  defineLogin<{ loginData: { gold: number; silver: number } }>({
    loginData: {
      gold: () => 1,
      // @ts-expect-error: no such job
      silver: { after: ["copper"], run: () => 1 },
    },
  });
  // @ts-expect-error: a job is a function, or has one
  defineLogin({ loginData: { gold: 7 } });
  defineLogin({
    accessRules: {
      friends: ({ session, account }) => {
        expectTypeOf(session).toEqualTypeOf<SessionAuth>();
        return account.groups.includes("friends");
      },
    },
  });
}

it("login data is typed from the jobs to the client", () => {
  expectTypeOf(wrongData).returns.toBeVoid();
  type DataLogin = ReturnType<typeof loginWithData>;
  type Types = NonNullable<DataLogin["$types"]>;
  expectTypeOf<LoginDataOf<Types>>().toEqualTypeOf<GameData>();
  expectTypeOf<VarsOf<Types>>().toEqualTypeOf<PlayerVars>();
  expectTypeOf<LoginDataOf<Record<never, never>>>().toEqualTypeOf<Record<string, unknown>>();
  const untyped = () =>
    defineLogin({
      loginData: { gold: () => 7, more: { after: ["gold"], run: ({ results }) => results["gold"] } },
    });
  expectTypeOf(untyped).returns.toExtend<Login>();
});

it("a login without a word about vars has strings by name", () => {
  expectTypeOf(defineLogin<Record<never, never>>)
    .returns.toHaveProperty("onAuth")
    .returns.resolves.toEqualTypeOf<SessionAuth>();
  expectTypeOf<SessionAuth["vars"]>().toEqualTypeOf<Vars>();
});

it("a guarded room is of the class it was made of", () => {
  expectTypeOf(roomOf).returns.instance.toExtend<Room>();
  type Guard = ReturnType<typeof loginOfPlayers>["guard"];
  expectTypeOf<Guard>().toBeCallableWith(Room);
});

it("options, hooks and codes that do not exist are noticed", () => {
  expectTypeOf(wrongOptions).returns.toBeVoid();
  expectTypeOf<LoginOptions["queue"]>().not.toBeAny();
  expectTypeOf<LoginOptions["tokens"]>().not.toBeAny();
  expectTypeOf<LoginError["code"]>().not.toEqualTypeOf<string>();
});
