// Time: sockets that are closed when their session runs out, and refreshes that prolong them.
import { describe, expect, it } from "vitest";
import { drop, left, reconnectAtOnce, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

const minute = 60_000;
const tokens = { tokenExpirationMinutes: 60, refreshTokenExpirationMinutes: 180, sessionMaxMinutes: 300 };

describe("an open socket", () => {
  it("is closed with 4408 when its session token runs out, and the session can still be refreshed", async () => {
    const house = server.open({ tokens });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    const closed = left(game);
    await house.clock.advance(59 * minute);
    await settled(game);
    await house.clock.advance(minute + 1_000);
    expect(await closed).toEqual({ code: 4408, reason: "session expired" });
    expect(await refusal(ann.play())).toEqual({ code: 401, message: "TOKEN_EXPIRED" });
    expect((await ann.get("/me")).body).toMatchObject({ code: "TOKEN_EXPIRED" });
    await ann.refresh();
    await ann.play();
  });

  it("is prolonged by a refresh without joining again, and shows the new end at the next join", async () => {
    const house = server.open({ tokens });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    const closed = left(game);
    const first = ann.login.session.expiresAt;
    for (let times = 0; times < 2; times += 1) {
      await house.clock.advance(50 * minute);
      await ann.refresh();
    }
    await settled(game);
    await ann.play();
    expect(house.auths.map(({ expiresAt }) => expiresAt)).toEqual([first, ann.login.session.expiresAt]);
    await house.clock.advance(59 * minute);
    await settled(game);
    await house.clock.advance(minute + 1_000);
    expect((await closed).code).toBe(4408);
  });

  it("S18 is closed at the session's absolute end, however often it was refreshed", async () => {
    const house = server.open({ tokens });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    const closed = left(game);
    const { createdAt } = ann.login.session;
    for (let times = 0; times < 6; times += 1) {
      await house.clock.advance(45 * minute);
      await ann.refresh();
      expect(ann.login.session.createdAt).toBe(createdAt);
      expect(ann.login.tokenExpiresAt).toBeLessThanOrEqual(createdAt + 300 * minute);
    }
    await settled(game);
    await house.clock.advance(31 * minute);
    expect((await closed).code).toBe(4408);
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  it("stays where closeSocketsOnExpiry is off, and every way in is closed all the same", async () => {
    const house = server.open({ tokens, closeSocketsOnExpiry: false });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    await house.clock.advance(70 * minute);
    const said = new Promise((resolve) => game.onMessage("said", resolve));
    game.send("say", "still here");
    expect(await said).toBe("still here");
    expect(await refusal(ann.play())).toEqual({ code: 401, message: "TOKEN_EXPIRED" });
  });

  it("S23 does not come back with 4408 where it dropped before and the session ran out since", async () => {
    const house = server.open({ tokens });
    house.holdsSeats = true;
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    game.reconnection.enabled = false;
    drop(game);
    await house.calls.until("onDrop");
    await house.clock.advance(61 * minute);
    expect(await refusal(ann.client.reconnect(game.reconnectionToken))).toMatchObject({ code: 4408 });
    expect(house.calls.count("onReconnect")).toBe(0);
  });
});

it("a reconnection shows today's vars, and the token of an older generation too", async () => {
  const house = server.open({ tokens });
  house.holdsSeats = true;
  const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
  const { token } = ann.login;
  const game = await ann.play();
  reconnectAtOnce(game);
  await ann.refresh({ vars: { skin: "blue" } });
  const back = new Promise<void>((resolve) => game.onReconnect(resolve));
  drop(game);
  await back;
  ann.client.auth.token = token;
  await ann.play("guarded");
  expect(house.auths.map(({ vars }) => vars["skin"])).toEqual(["red", "blue", "blue"]);
});

it("tells clients when to refresh: 45 minutes, give or take 5, drawn per answer", async () => {
  const house = server.open();
  const ann = await house.loggedIn("Ann");
  const seen: number[] = [];
  for (let times = 0; times < 20; times += 1) {
    const { refreshAt } = await ann.refresh();
    seen.push((refreshAt - house.clock.now()) / minute);
  }
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(40);
  expect(Math.max(...seen)).toBeLessThanOrEqual(50);
  expect(new Set(seen).size).toBeGreaterThan(10);
});

it("S14 fifty refreshes at once make one successor, and the session lives", async () => {
  const house = server.open();
  const ann = await house.loggedIn("Ann");
  const answers = await Promise.all(Array.from({ length: 50 }, () => ann.tryRefresh()));
  expect(new Set(answers.map(({ body }) => body["refreshToken"])).size).toBe(1);
  expect(new Set(answers.map(({ body }) => body["token"])).size).toBe(1);
  const [first] = answers;
  if (first !== undefined) ann.take(first);
  await ann.play();
  await ann.refresh();
});
