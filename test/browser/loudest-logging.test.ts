// S61 for a started server: all that the example and Colyseus print at their loudest, in a journey by e-mail from end to end.
import { Client } from "@colyseus/sdk";
import { expect, it, vi } from "vitest";
import { createLoginClient, type LoginClient } from "../../src/client/index.ts";
import { ExampleProgram } from "./support/example.ts";
import { Secrets } from "./support/secrets.ts";

const email = "ada@example.org";
const passwords = {
  first: "a horse of one colour",
  second: "another horse entirely",
  third: "the last of all horses",
  wrong: "a horse of no colour",
};

it("S61 the loudest output of the example in a whole journey contains no password, token or whole sid", async () => {
  // The SDK tells the console of every connection that ends.
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
  const secrets = new Secrets(Object.values(passwords));
  const program = new ExampleProgram(["src/server.ts"], {
    PORT: "0",
    DEBUG: "colyseus:*",
    LOGIN_CONFIG: JSON.stringify({ queue: { targetCcuLimit: 1 } }),
  });
  const [, url = ""] = await program.printed(/^listening on (http:\/\/localhost:\d+)$/m);
  try {
    await journey(url, secrets);
  } finally {
    vi.restoreAllMocks();
  }
  const { code, output } = await program.stop();
  expect(code).toBe(0);
  // It was loud indeed, and what a journey has of secrets was seen.
  for (const loud of ["colyseus:matchmaking", "colyseus:message", "colyseus:errors"]) expect(output).toContain(loud);
  const kinds = ["token", "refreshToken", "sid", "ticket", "queuePass", "id", "attempt", "mail", "password"];
  expect(secrets.kinds).toEqual(expect.arrayContaining(kinds));
  expect(secrets.foundIn(output)).toEqual([]);
});

async function journey(url: string, secrets: Secrets): Promise<void> {
  const someone = (): { client: Client; login: LoginClient<Client> } => {
    const client = new Client(url, { fetchFn: secrets.fetch });
    // The SDK keeps one token for all clients of a process.
    client.auth.token = "";
    return { client, login: createLoginClient(client, { storage: secrets.storage() }) };
  };
  const refused = async (call: Promise<unknown>): Promise<void> => {
    await expect(call).rejects.toThrow();
  };
  const mailed = async (call: string, count: number): Promise<string> => {
    const links = async () => {
      const { mails } = await (await secrets.fetch(`${url}/demo/outbox`)).json();
      return mails.flatMap(({ link }: { link: { href: string } | null }) => link?.href.split(`#${call}=`)[1] ?? []);
    };
    await expect.poll(async () => (await links()).length, { timeout: 10_000 }).toBe(count);
    const [token] = await links();
    secrets.keep("mail", token);
    return token;
  };

  // Ada registers while somebody else plays, and waits.
  const guest = someone();
  await guest.login.authenticate("device", { id: "the device of a guest who plays" });
  const ada = someone();
  const waits = new Promise((resolve) => ada.login.on("queue", resolve));
  const registering = ada.login.authenticate("email", { email, password: passwords.first, register: true });
  await waits;
  await refused(someone().login.authenticate("nobody", { password: passwords.wrong }));
  await guest.login.logout();
  await registering;
  const { http } = ada.client;
  const token = await mailed("verify-email", 1);
  await http.post("/auth/verify-email", { body: { token } });
  await refused(http.post("/auth/verify-email", { body: { token } }));

  // The arena, a refresh, and what is said of it there.
  const room = await ada.login.joinOrCreate("game");
  room.onMessage("*", () => {});
  await ada.login.refresh({ name: "Ada" });
  room.send("refreshed");
  await http.get("/auth/sessions");
  await http.post("/auth/change-password", { body: { password: passwords.first, newPassword: passwords.second } });
  await refused(http.post("/auth/change-password", { body: { password: passwords.wrong, newPassword: "short" } }));

  // Bodies that are wrong in every way, with secrets in them; tokens that are no good, at every door.
  await secrets.fetch(`${url}/auth/login`, post(`{"email":"${email}","password":"${passwords.second}"`));
  await secrets.fetch(`${url}/auth/login`, post(JSON.stringify({ email: [passwords.second], password: 7 })));
  await secrets.fetch(`${url}/auth/login`, { ...post(passwords.second), headers: { "content-type": "text/plain" } });
  const stale = { token: ada.client.auth.token ?? "", refreshToken: secrets.newest("refreshToken") };
  const closed = new Promise((resolve) => room.onLeave(resolve));
  await ada.login.logout({ disconnectSockets: true });
  await closed;
  ada.client.auth.token = stale.token;
  await refused(http.get("/auth/session"));
  await refused(http.post("/demo/disconnect-me"));
  await refused(http.post("/auth/refresh", { body: { refreshToken: stale.refreshToken } }));
  await refused(ada.client.joinOrCreate("game"));
  ada.client.auth.token = "";
  // A ticket that is no good counts as none.
  const line = await ada.client.joinOrCreate("login_queue", { ticket: `${secrets.newest("ticket")}x` });
  line.onMessage("*", () => {});
  await line.leave();

  // A wrong password, a forgotten one, a new one.
  await refused(ada.login.authenticate("email", { email, password: passwords.wrong }));
  await http.post("/auth/forgot-password", { body: { email } });
  const reset = { token: await mailed("reset-password", 1), password: passwords.third };
  await http.post("/auth/reset-password", { body: reset });
  await refused(http.post("/auth/reset-password", { body: reset }));
  await refused(ada.login.authenticate("email", { email, password: passwords.second }));
  await ada.login.authenticate("email", { email, password: passwords.third });
  const again = await ada.login.joinOrCreate("game");
  const left = new Promise((resolve) => again.onLeave(resolve));
  await ada.login.logout({ disconnectSockets: true, everywhere: true });
  await left;
  for (const { login } of [guest, ada]) login.dispose();
}

function post(body: string): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body };
}
