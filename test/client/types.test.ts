// What the helper's types promise: checked by the compiler, with nothing to run.
import { createRouter, defineRoom, defineServer, Room } from "@colyseus/core";
import { type SchemaType, schema, t } from "@colyseus/schema";
import { Client } from "@colyseus/sdk";
import { expectTypeOf, it } from "vitest";
import {
  createLoginClient,
  type LoginClient,
  type LoginClientError,
  type LoginSession,
} from "../../src/client/index.ts";

const ArenaState = schema({ round: t.number().default(0) }, "ArenaState");
class ArenaRoom extends Room<{ state: SchemaType<typeof ArenaState> }> {}
const server = defineServer({ rooms: { arena: defineRoom(ArenaRoom) }, routes: createRouter({}) });

it("takes the stock client, typed by its server or not", () => {
  expectTypeOf(createLoginClient<Client>).toBeCallableWith(new Client("ws://localhost"));
  expectTypeOf(createLoginClient<Client<typeof server>>).toBeCallableWith(new Client<typeof server>("ws://localhost"));
  // @ts-expect-error: not an SDK client
  expectTypeOf(createLoginClient).toBeCallableWith({ auth: {} });
});

it("keeps the SDK's types of the joins", () => {
  type Sdk = Client<typeof server>;
  type Helper = LoginClient<Sdk>;
  expectTypeOf<Helper["joinOrCreate"]>().toEqualTypeOf<Sdk["joinOrCreate"]>();
  expectTypeOf<Helper["create"]>().toEqualTypeOf<Sdk["create"]>();
  expectTypeOf<Helper["join"]>().toEqualTypeOf<Sdk["join"]>();
  expectTypeOf<Helper["joinById"]>().toEqualTypeOf<Sdk["joinById"]>();
  const joinArena = (login: Helper) => login.joinOrCreate("arena");
  expectTypeOf(joinArena).returns.resolves.toHaveProperty("state").not.toBeAny();
  const round = async (login: Helper) => (await joinArena(login)).state.round;
  expectTypeOf(round).returns.resolves.toEqualTypeOf<number>();
});

it("knows the session, its vars, and what events bring", () => {
  const plain = (client: Client) => createLoginClient(client);
  expectTypeOf(plain).returns.toHaveProperty("session").toEqualTypeOf<LoginSession<Record<string, string>> | null>();

  type Vars = { team: "red" | "blue" };
  const login = (client: Client) => createLoginClient<Client, Vars>(client);
  type Typed = ReturnType<typeof login>;
  expectTypeOf<Typed["session"]>().not.toBeAny();
  expectTypeOf<NonNullable<Typed["session"]>["vars"]>().toEqualTypeOf<Vars>();
  expectTypeOf<NonNullable<Typed["session"]>["serverVars"]>().toEqualTypeOf<Record<string, string>>();
  expectTypeOf<Awaited<ReturnType<Typed["authenticate"]>>>().toEqualTypeOf<LoginSession<Vars>>();
  expectTypeOf<Awaited<ReturnType<Typed["restore"]>>>().toEqualTypeOf<LoginSession<Vars> | null>();

  interface Data {
    gold: number;
    offers?: string[];
  }
  const withData = (client: Client) => createLoginClient<Client, Vars, Data>(client);
  type WithData = ReturnType<typeof withData>;
  expectTypeOf<NonNullable<WithData["session"]>["loginData"]>().toEqualTypeOf<Readonly<Data>>();
  expectTypeOf<Awaited<ReturnType<WithData["authenticate"]>>["loginData"]["gold"]>().toEqualTypeOf<number>();
  expectTypeOf<NonNullable<Typed["session"]>["loginData"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();

  const listen = (helper: Typed) => {
    helper.on("session", (session, error) => {
      expectTypeOf(session).toEqualTypeOf<LoginSession<Vars> | null>();
      expectTypeOf(error).toEqualTypeOf<LoginClientError | null>();
    });
    helper.on("queue", (update) => {
      expectTypeOf(update.status).toEqualTypeOf<"waiting" | "admitted" | "removed">();
      expectTypeOf(update.position).toEqualTypeOf<number>();
      // @ts-expect-error: the pass is for the helper alone
      update.pass;
    });
    helper.on("disconnected", ({ code, reason, room }) => {
      expectTypeOf(code).toEqualTypeOf<number>();
      expectTypeOf(reason).toEqualTypeOf<string>();
      expectTypeOf(room.name).toEqualTypeOf<string>();
    });
    helper.on("idle", ({ secondsLeft, room }) => {
      expectTypeOf(secondsLeft).toEqualTypeOf<number>();
      expectTypeOf(room.name).toEqualTypeOf<string>();
    });
    helper.on("stale", ({ since }) => expectTypeOf(since).toEqualTypeOf<number>());
    // @ts-expect-error: no such event
    helper.on("nothing", () => {});
    return helper.on("stale", () => {});
  };
  expectTypeOf(listen).returns.toEqualTypeOf<() => void>();
});

it("refuses vars that are not strings, and what is read-only", () => {
  const misuse = (login: LoginClient<Client>) => {
    // @ts-expect-error: vars are strings
    void login.refresh({ level: 3 });
    // @ts-expect-error: vars are strings
    void login.authenticate("device", {}, { vars: { level: 3 } });
    // @ts-expect-error: read-only after issue
    if (login.session !== null) login.session.userId = "another";
  };
  expectTypeOf(misuse).returns.toBeVoid();
});
