// What the types of sessions promise to games: checked by tsc, where a broken promise is a compile error.
import { describe, expectTypeOf, it } from "vitest";
import type { Account, AccountStore, AccountStoreFactory } from "../../src/accounts/account-store.ts";
import { customProvider } from "../../src/accounts/custom.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import type { IdentityProvider, RequestContext } from "../../src/accounts/providers.ts";
import type { LoginErrorCode } from "../../src/errors.ts";
import type { LoginHooks } from "../../src/sessions/hooks.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth, type Vars } from "../../src/sessions/session.ts";
import type { Sessions } from "../../src/sessions/sessions.ts";
import type { JwtSigner, VerifiedToken } from "../../src/tokens/jwt.ts";
import type { KeyRing } from "../../src/tokens/keys.ts";

interface GameVars {
  color: string;
  level?: string;
}

describe("SessionAuth", () => {
  it("has vars of the game's own shape, none of them any", () => {
    expectTypeOf<SessionAuth<GameVars>["vars"]>().not.toBeAny();
    expectTypeOf<SessionAuth<GameVars>["vars"]["color"]>().toEqualTypeOf<string>();
    expectTypeOf<SessionAuth<GameVars>["vars"]["level"]>().toEqualTypeOf<string | undefined>();
    // @ts-expect-error: no such var
    type _Missing = SessionAuth<GameVars>["vars"]["colour"];
  });

  it("has string vars where the game says nothing", () => {
    expectTypeOf<SessionAuth>().toEqualTypeOf<SessionAuth<Vars>>();
    expectTypeOf<SessionAuth["vars"][string]>().toEqualTypeOf<string>();
  });

  it("has no field that is any, and none called sessionId", () => {
    expectTypeOf<SessionAuth>().not.toBeAny();
    expectTypeOf<SessionAuth[keyof SessionAuth]>().not.toBeAny();
    expectTypeOf<SessionAuth>().not.toHaveProperty("sessionId");
    expectTypeOf<keyof SessionAuth>().toEqualTypeOf<
      "id" | "userId" | "sid" | "username" | "vars" | "serverVars" | "kind" | "groups" | "expiresAt"
    >();
  });

  it("cannot be written to", () => {
    const write = (auth: SessionAuth<GameVars>) => {
      // @ts-expect-error: read only
      auth.userId = "someone else";
      // @ts-expect-error: read only
      auth.vars.color = "red";
      // @ts-expect-error: read only
      auth.serverVars["level"] = "99";
      // @ts-expect-error: read only
      auth.groups.push("admin");
    };
    expectTypeOf(write).returns.toBeVoid();
  });

  it("is made of a record, in the shape asked for", () => {
    expectTypeOf(toSessionAuth<GameVars>).returns.toEqualTypeOf<SessionAuth<GameVars>>();
    expectTypeOf<SessionRecord>().toExtend<Parameters<typeof toSessionAuth>[0]>();
  });
});

describe("hooks", () => {
  it("see the game's vars", () => {
    type Session = Parameters<NonNullable<LoginHooks<GameVars>["beforeRefresh"]>>[0];
    expectTypeOf<Session>().toEqualTypeOf<SessionAuth<GameVars>>();
    expectTypeOf<Parameters<NonNullable<LoginHooks<GameVars>["onSessionEnd"]>>[0]>().toEqualTypeOf<Session>();
    expectTypeOf<Parameters<NonNullable<LoginHooks<GameVars>["afterAuthenticate"]>>[0]>().toEqualTypeOf<Session>();
  });

  it("may be written in any usual way", () => {
    const hooks: LoginHooks<GameVars>[] = [
      {},
      { beforeAuthenticate: () => {}, onSessionEnd: async () => {} },
      { beforeAuthenticate: async ({ vars }) => (vars["cheat"] === undefined ? undefined : { vars: {} }) },
      { beforeAuthenticate: (_request, { headers }) => ({ serverVars: { ip: headers.get("x") ?? "" } }) },
      { beforeRefresh: ({ vars }) => ({ serverVars: { color: vars.color } }) },
    ];
    expectTypeOf(hooks).not.toBeAny();
    // @ts-expect-error: server vars are strings
    const wrong: LoginHooks = { beforeRefresh: () => ({ serverVars: { level: 7 } }) };
    expectTypeOf(wrong).not.toBeAny();
  });
});

describe("the service and its parts", () => {
  it("answer what they say", () => {
    expectTypeOf(toSessionAuth<GameVars>).returns.toEqualTypeOf<SessionAuth<GameVars>>();
    expectTypeOf<Sessions["verify"]>().returns.resolves.toEqualTypeOf<SessionRecord>();
    expectTypeOf<Sessions["get"]>().returns.resolves.toEqualTypeOf<SessionRecord | null>();
    expectTypeOf<Sessions["disconnect"]>().returns.resolves.toEqualTypeOf<number>();
    expectTypeOf<Sessions["logoutByTokens"]>().returns.resolves.toBeVoid();
    expectTypeOf<JwtSigner["verify"]>().returns.resolves.toEqualTypeOf<VerifiedToken>();
    expectTypeOf<VerifiedToken["claims"][string]>().toBeUnknown();
    expectTypeOf<ReturnType<KeyRing["jwks"]>>().not.toBeAny();
    expectTypeOf<LoginErrorCode>().not.toEqualTypeOf<string>();
  });

  it("take accounts and providers of the game's own", () => {
    expectTypeOf(memoryAccounts).returns.toEqualTypeOf<AccountStoreFactory>();
    expectTypeOf<AccountStore["get"]>().returns.resolves.toEqualTypeOf<Account | null>();
    expectTypeOf(customProvider).returns.toEqualTypeOf<IdentityProvider>();
    customProvider((credentials, context) => {
      expectTypeOf(credentials["ticket"]).toBeUnknown();
      expectTypeOf(context).toEqualTypeOf<RequestContext>();
      return null;
    });
    // @ts-expect-error: an identity says who it is
    customProvider(() => ({ username: "Ada" }));
  });
});
