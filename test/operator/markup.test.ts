// What players and operators write, as the operator's calls answer it: to be read as JSON, and by no browser as a page.
import { expect, it } from "vitest";
import { loginServer } from "../login/server.ts";
import { Desk } from "./desk.ts";
import { samples, setScene } from "./samples.ts";

const server = loginServer();
const markup = "<img src=x onerror=alert(1)>";

it("S59 markup in names, notices and reasons travels as it is, in JSON that is not sniffed, kept or shown as a page", async () => {
  const house = server.open({ queue: {} });
  const desk = await Desk.open(house, markup);
  const { userId, sid } = await house.loggedIn("Ann", { username: markup, vars: { clan: markup } });
  await house.player("Bob").takePlace();
  await desk.ok(desk.patch("/queue", { notice: markup }));
  await desk.ok(desk.put(`/bans/${userId}`, { reason: markup }));

  const shown: [path: string, where: string][] = [
    ["/status", "notice"],
    ["/status", "name"],
    ["/events", "name"],
    ["/events", "reason"],
    [`/sessions?sid=${sid}`, "username"],
    [`/sessions?sid=${sid}`, "clan"],
    [`/bans/${userId}`, "reason"],
  ];
  for (const [path, where] of shown) {
    const { headers, body } = await desk.get(path);
    expect(JSON.stringify(body), path).toContain(`"${where}":"${markup}"`);
    expect(headers.get("content-type"), path).toBe("application/json");
  }
  // A refusal that quotes what was sent.
  const refused = await desk.patch("/queue", { [markup]: 1 });
  expect(refused.body["message"]).toContain(markup);
  expect(refused.headers.get("content-type")).toBe("application/json");
});

it("S59 no answer of any call is cached or sniffed, nor is a refusal, and none sets a cookie", async () => {
  const house = server.open({ queue: {} });
  const desk = await Desk.open(house);
  for (const { method, path, body } of samples(await setScene(house))) {
    for (const token of [desk.token, null]) {
      const { status, headers } = await desk.send(method, path, { body, token });
      expect([path, status, headers.get("cache-control")]).toEqual([path, token === null ? 401 : 200, "no-store"]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("set-cookie")).toBeNull();
    }
  }
});
