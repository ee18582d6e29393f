// Tokens of the real @colyseus/auth, as its own calls give them, exchanged for identities; and what else it signs, refused.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { auth, JWT } from "@colyseus/auth";
import { createRouter } from "@colyseus/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { colyseusAuthProvider } from "../../src/accounts/colyseus-auth.ts";
import type { Identity } from "../../src/accounts/providers.ts";
import { refusal, refusalCode } from "../sessions/setup.ts";
import { base64url } from "./issuer.ts";

const context = { provider: "colyseus", headers: new Headers(), address: null };
const secret = "a secret of the tests, long enough";
/** A token as that package signs it, under any secret and algorithm. */
function sign(payload: unknown, { key = secret, alg = "HS256" } = {}): string {
  const input = `${base64url({ alg, typ: "JWT" })}.${base64url(payload)}`;
  if (alg === "none") return `${input}.`;
  return `${input}.${createHmac(`sha${alg.slice(2)}`, key)
    .update(input)
    .digest("base64url")}`;
}
const check = (token: unknown, provider = colyseusAuthProvider()): Promise<Identity> =>
  provider.authenticate({ token }, context);

beforeEach(() => {
  JWT.settings.secret = secret;
  // It tells the console of every refusal.
  for (const method of ["debug", "error", "info", "warn"] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
});
afterEach(() => {
  JWT.settings.revocationCheck = undefined;
  JWT.settings.verify = { algorithms: ["HS256"] };
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("whoever logs in at @colyseus/auth", () => {
  interface Row {
    id: number;
    email: string;
    password: string;
  }

  /** A server with its HTTP calls, over users in memory. */
  function server() {
    const rows: Row[] = [];
    const mails: string[] = [];
    const endpoints = auth.endpoints({
      oauth: false,
      settings: {
        onFindUserByEmail: async (email) => rows.find((row) => row.email === email) ?? null,
        onRegisterWithEmailAndPassword: async (email, password) => {
          rows.push({ id: rows.length + 1, email, password });
        },
        onSendEmailConfirmation: async () => {},
        onForgotPassword: async (_email, _html, link) => void mails.push(link),
        onResetPassword: async () => true,
      },
    });
    const router = createRouter(endpoints);
    const post = async (path: string, body: object): Promise<{ token: string }> => {
      const request = new Request(`http://127.0.0.1/auth/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
      const answer = await router.handler(request);
      expect(answer.status).toBe(200);
      return answer.json();
    };
    return { post, mails };
  }

  it("by e-mail is the same player at the registration and at each login", async () => {
    const { post } = server();
    const ada = { email: "ada@example.com", password: "a good password" };
    const registered = await check((await post("register", ada)).token);
    expect(registered).toEqual({ externalId: "id:1" });
    expect(await check((await post("login", ada)).token)).toEqual(registered);
    const bob = await post("register", { ...ada, email: "bob@example.com" });
    expect(await check(bob.token)).toEqual({ externalId: "id:2" });
  });

  it("as a guest is that guest for as long as the token is kept", async () => {
    const { post } = server();
    const { token } = await post("anonymous", {});
    const guest = await check(token);
    expect(guest.externalId).toMatch(/^anonymous:.{21}$/);
    expect(await check(token)).toEqual(guest);
    expect(await check((await post("anonymous", {})).token)).not.toEqual(guest);
  });

  it("S04 is not whoever holds the link of a password-reset mail, which has the same signature", async () => {
    const { post, mails } = server();
    const ada = { email: "ada@example.com", password: "a good password" };
    await post("register", ada);
    await post("forgot-password", { email: ada.email });
    const token = new URL(mails[0] ?? "").searchParams.get("token") ?? "";
    expect(await JWT.verify(token)).toMatchObject({ email: ada.email });
    const byAddress = colyseusAuthProvider({ identify: ({ email }) => ({ externalId: String(email) }) });
    for (const provider of [colyseusAuthProvider(), byAddress])
      expect(await refusalCode(check(token, provider))).toBe("INVALID_CREDENTIALS");
  });

  it("by OAuth is whom the game's callback made of the profile", async () => {
    const foreign = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      const answer = request.url === "/profile" ? { id: "99", username: "Ada" } : { access_token: "foreign-token" };
      response.end(JSON.stringify(answer));
    });
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
    const url = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
    const settings = { authorize_url: `${url}/authorize`, access_url: `${url}/token`, profile_url: `${url}/profile` };
    const discord = { key: "client", secret: "client secret", ...settings };
    auth.oauth.addProvider("discord", discord);
    const endpoints = auth.endpoints({
      oauth: { cookieSecret: secret },
      settings: {
        onOAuthProviderCallback: async ({ profile }, provider) => ({
          id: `${provider}-${profile?.id}`,
          name: profile?.username,
        }),
      },
    });
    const router = createRouter(endpoints);

    const start = await router.handler(new Request("http://127.0.0.1/auth/provider/discord"));
    const state = new URL(start.headers.get("location") ?? "").searchParams.get("state");
    const callback = new Request(`http://127.0.0.1/auth/provider/discord/callback?code=code&state=${state}`, {
      headers: { cookie: start.headers.get("set-cookie")?.split(";")[0] ?? "" },
    });
    const page = await (await router.handler(callback)).text();
    foreign.close();
    const { token } = JSON.parse(/postMessage\((.*), '\*'\)/.exec(page)?.[1] ?? "{}");
    expect(await check(token)).toEqual({ externalId: "id:discord-99" });
    const named = colyseusAuthProvider({
      identify: ({ id, name }) => ({ externalId: String(id), username: String(name) }),
    });
    expect(await check(token, named)).toEqual({ externalId: "discord-99", username: "Ada" });
  });
});

describe("a token of @colyseus/auth", () => {
  const user = { id: 7 };

  it("goes by the settings of that package, whenever they are made", async () => {
    const provider = colyseusAuthProvider();
    const token = await JWT.sign(user);
    expect(await check(token, provider)).toEqual({ externalId: "id:7" });
    JWT.settings.secret = "another secret of the tests, as long";
    expect(await refusalCode(check(token, provider))).toBe("INVALID_CREDENTIALS");
    expect(await check(await JWT.sign(user), provider)).toEqual({ externalId: "id:7" });
    const strong = sign(user, { key: "another secret of the tests, as long", alg: "HS512" });
    expect(await refusalCode(check(strong, provider))).toBe("INVALID_CREDENTIALS");
    JWT.settings.verify = { algorithms: ["HS512"] };
    expect(await check(strong, provider)).toEqual({ externalId: "id:7" });
  });

  it("goes by JWT_SECRET where no secret is set", async () => {
    const token = await JWT.sign(user);
    Reflect.set(JWT.settings, "secret", undefined);
    vi.stubEnv("JWT_SECRET", secret);
    expect(await check(token)).toEqual({ externalId: "id:7" });
  });

  it("without a secret on the server is the server's mistake", async () => {
    const token = await JWT.sign(user);
    Reflect.set(JWT.settings, "secret", undefined);
    vi.stubEnv("JWT_SECRET", "");
    await expect(check(token)).rejects.toThrow("@colyseus/auth has no secret");
  });

  it("that was revoked there is refused here", async () => {
    const token = await JWT.sign({ id: 7, tokenVersion: 1 });
    const seen: unknown[] = [];
    JWT.settings.revocationCheck = async (payload) => {
      seen.push(payload.tokenVersion);
      return false;
    };
    expect(await refusalCode(check(token))).toBe("INVALID_CREDENTIALS");
    JWT.settings.revocationCheck = () => true;
    expect(await check(token)).toEqual({ externalId: "id:7" });
    expect(seen).toEqual([1]);
  });

  it("S01 S06 is refused forged, unsigned, ended or before its time", async () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong = [
      sign(user, { key: "a secret of somebody else's" }),
      sign(user, { alg: "none" }),
      sign({ ...user, exp: now - 1 }),
      sign({ ...user, nbf: now + 60 }),
      sign("text"),
      "a.b.c",
      "x",
    ];
    expect(await check(sign({ ...user, exp: now + 60 }))).toEqual({ externalId: "id:7" });
    for (const token of wrong) {
      const error = await refusal(check(token));
      expect(error.code).toBe("INVALID_CREDENTIALS");
      expect(error.message).not.toContain(token);
    }
  });

  it.each([undefined, null, "", 7, {}, ["x"]])("S35 is not %j", async (token) => {
    expect(await refusalCode(check(token))).toBe("INVALID_REQUEST");
  });

  it.each([{ id: 0 }, { id: 7 }, { id: "7" }])("%j has an id to go by", async (payload) => {
    expect(await check(await JWT.sign(payload))).toEqual({ externalId: `id:${payload.id}` });
  });

  it.each([
    {},
    { id: "" },
    { id: null },
    { id: 1.5 },
    { name: "Ada" },
    { anonymousId: "x" },
    { email: "a@example.com" },
  ])("%j has none, and the developer is told what to do", async (payload) => {
    await expect(check(await JWT.sign(payload))).rejects.toThrow("give the option identify");
    expect(await refusalCode(check(await JWT.sign(payload), colyseusAuthProvider({ identify: () => null })))).toBe(
      "INVALID_CREDENTIALS",
    );
  });
});

describe("the provider", () => {
  it("takes the JWT of a package that was loaded otherwise", async () => {
    const other = { settings: { secret: "x" }, verify: async (token: string) => ({ id: token.length }) };
    expect(await check("four", colyseusAuthProvider({ JWT: other }))).toEqual({ externalId: "id:4" });
  });

  it("is told at once what is wrong with its options", () => {
    for (const options of [{ JWT: {} }, { JWT: 7 }, { identify: "id" }])
      expect(() => colyseusAuthProvider(options as never)).toThrow(
        "colyseusAuthProvider: expected { JWT?, identify? }",
      );
  });

  it("passes a failure on that is not the token's", async () => {
    const broken = { settings: { secret: "x" }, verify: () => Promise.reject(new Error("no memory")) };
    await expect(check("token", colyseusAuthProvider({ JWT: broken }))).rejects.toThrow("no memory");
  });
});
