// The plugin and the guard as a game's code meets them: types, names, plugins of its own, and what guard refuses.
import { type Client, definePlugins, matchMaker, Room, RoomPlugin } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import type { SessionPlugin } from "../../src/sessions/room-plugin.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { refusal } from "../support/room-clients.ts";
import { RoomServer } from "../support/room-server.ts";
import { type RoomClass, Rooms } from "../support/rooms.ts";

const server = new RoomServer();
let rooms: Rooms;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  rooms = new Rooms(server);
});
afterEach(() => rooms.stop());

class Chat extends RoomPlugin {
  override readonly pluginName = "chat" as const;
  say(): string {
    return "hello";
  }
}

async function joined<T extends Room>(roomClass: RoomClass, sid: string): Promise<T> {
  const name = `room-${crypto.randomUUID()}`;
  rooms.define(name, roomClass);
  const { roomId } = await rooms.sdk(sid).create(name);
  return rooms.room<T>(roomId);
}

describe("the plugin", () => {
  it("stands under plugins.session beside others, typed", async () => {
    class Game extends Room<{ client: Client<{ auth: SessionAuth<{ colour: string }> }> }> {
      static override onAuth = rooms.onAuth;
      override plugins = definePlugins([rooms.plugin(), new Chat()]);
    }
    const room = await joined<Game>(Game, await rooms.openSession());
    expectTypeOf(room.plugins).not.toBeAny();
    expectTypeOf(room.plugins.session.clientsOf).toEqualTypeOf<SessionPlugin["clientsOf"]>();
    expectTypeOf(room.clients[0]!.auth).toEqualTypeOf<SessionAuth<{ colour: string }> | undefined>();
    expect(room.plugins.chat.say()).toBe("hello");
    expect(room.clients[0]?.auth?.vars.colour).toBe("red");
  });

  it("finds the clients of a user, over all sessions", async () => {
    class Game extends Room {
      static override onAuth = rooms.onAuth;
      override plugins = definePlugins([rooms.plugin()]);
    }
    const room = await joined<Game>(Game, await rooms.openSession("ann"));
    await rooms.sdk(await rooms.openSession("ann")).joinById(room.roomId);
    await rooms.sdk(await rooms.openSession("bob")).joinById(room.roomId);
    expect(room.plugins.session.clientsOf("ann")).toEqual([room.clients[0], room.clients[1]]);
    expect(room.plugins.session.clientsOf("nobody")).toEqual([]);
  });
});

describe("the guard", () => {
  it("keeps the class's name, its own plugins and its types", async () => {
    class Game extends Room<{ client: Client<{ auth: SessionAuth }> }> {
      override plugins = definePlugins([new Chat()]);
      answer(): number {
        return 42;
      }
    }
    const Guarded = rooms.guard(Game);
    expectTypeOf(Guarded).toEqualTypeOf<typeof Game>();
    expect(Guarded.name).toBe("Game");
    const room = await joined<Game>(Guarded, await rooms.openSession());
    expect(room.answer()).toBe(42);
    expect(Object.keys(room.plugins)).toEqual(["chat", "session"]);
    expect(room.clients[0]?.auth?.userId).toBe("ann");
  });

  it("asks its own onAuth, whatever the class asked before", async () => {
    class Open extends Room {
      static override async onAuth(): Promise<unknown> {
        return { id: "anybody" };
      }
    }
    rooms.define("open", rooms.guard(Open));
    expect(await refusal(rooms.sdk(null).create("open"))).toEqual({ code: 401, message: "SESSION_REVOKED" });
  });

  it("S30 a subclass that asks another onAuth lets nobody in: the seat names no session", async () => {
    class Open extends rooms.guard(Room) {
      static override onAuth = async (): Promise<SessionAuth> => ({ id: "anybody" }) as SessionAuth;
    }
    rooms.define("open", Open);
    expect(await refusal(rooms.sdk(null).create("open"))).toEqual({ code: 401, message: "TOKEN_INVALID" });
  });

  it("leaves another plugin its name, and guards the room all the same", async () => {
    class Game extends Room {
      override plugins = definePlugins({ session: new Chat() });
    }
    const sid = await rooms.openSession();
    const room = await joined<Game>(rooms.guard(Game), sid);
    expect(room.plugins.session.say()).toBe("hello");
    expect(rooms.sockets.count(sid)).toBe(1);
  });

  it("guards a class once, however often it is asked to", async () => {
    class Game extends Room {
      override plugins = definePlugins([rooms.plugin()]);
    }
    const sid = await rooms.openSession();
    await joined(rooms.guard(rooms.guard(Game)), sid);
    expect(rooms.sockets.count(sid)).toBe(1);
  });

  it.each([undefined, null, {}, () => {}, class {}, "Room"])("refuses what is no room class: %s", (value) => {
    expect(() => Reflect.apply(rooms.guard, rooms, [value])).toThrow(TypeError);
  });

  it("leaves the class it was given as it was", async () => {
    class Game extends Room {}
    rooms.guard(Game);
    rooms.define("unguarded", Game);
    const room = await rooms.sdk(null).create("unguarded");
    expect(matchMaker.getLocalRoomById(room.roomId)?.plugins).toBeUndefined();
  });
});
