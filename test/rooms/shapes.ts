// Room classes of every shape that has been known to pass hooks by, each writing down what it hears.
import { type Client, CloseCode, definePlugins, Room, RoomPlugin } from "@colyseus/core";
import type { RoomClass, Rooms } from "../support/rooms.ts";

export interface Shape {
  name: string;
  make(rooms: Rooms): RoomClass;
  /** Without one, the framework tells `onLeave` of drops. */
  hasDropHook: boolean;
}

/** Longer than any test: a seat is given up because it is, not because its time is over. */
const holdSeconds = 60;

type Body = (rooms: Rooms) => RoomClass;

/** Writes "gone" when the room has seen the last of a client. */
const methods: Body = ({ calls }) =>
  class extends Room {
    override autoDispose = false;
    override messages = { say: () => calls.add("message") };

    override onJoin(client: Client): void {
      calls.add("onJoin");
      if (!Object.isFrozen(client.auth)) calls.add("auth is not frozen");
    }

    override onDrop(client: Client): void | Promise<void> {
      calls.add("onDrop");
      this.allowReconnection(client, holdSeconds);
    }

    override onReconnect(client: Client): void {
      calls.add("onReconnect");
      if (!Object.isFrozen(client.auth)) calls.add("auth is not frozen");
    }

    override onLeave(_client: Client, _code?: number): void | Promise<void> {
      calls.add("onLeave");
      calls.add("gone");
    }
  };

const awaitingDrop: Body = (rooms) =>
  class extends methods(rooms) {
    override async onDrop(client: Client): Promise<void> {
      rooms.calls.add("onDrop");
      await this.allowReconnection(client, holdSeconds);
    }
  };

const arrowFields: Body = ({ calls }) =>
  class extends Room {
    override autoDispose = false;
    override messages = { say: () => calls.add("message") };
    override onJoin = (): void => calls.add("onJoin");
    override onDrop = (client: Client): void => {
      calls.add("onDrop");
      this.allowReconnection(client, "manual");
    };
    override onReconnect = (): void => calls.add("onReconnect");
    override onLeave = (): void => {
      calls.add("onLeave");
      calls.add("gone");
    };
  };

const uncaught: Body = (rooms) =>
  class extends methods(rooms) {
    override onUncaughtException(error: Error, method: string): void {
      rooms.calls.add(`uncaught in ${method}: ${error.message}`);
    }
  };

/** Holds the seat from `onLeave`, as rooms did before there was `onDrop`. */
const holdingLeave: Body = ({ calls }) =>
  class extends Room {
    override autoDispose = false;
    override messages = { say: () => calls.add("message") };

    override onJoin(): void {
      calls.add("onJoin");
    }

    override onReconnect(): void {
      calls.add("onReconnect");
    }

    override async onLeave(client: Client, code?: number): Promise<void> {
      calls.add("onLeave");
      try {
        if (code === CloseCode.CONSENTED) throw new Error("left");
        await this.allowReconnection(client, holdSeconds);
      } catch {
        calls.add("gone");
      }
    }
  };

const assignedLate: Body = ({ calls }) =>
  class extends Room {
    override autoDispose = false;
    override messages = { say: () => calls.add("message") };

    override onCreate(): void {
      this.onJoin = () => calls.add("onJoin");
      this.onDrop = (client) => {
        calls.add("onDrop");
        this.allowReconnection(client, holdSeconds);
      };
      this.onReconnect = () => calls.add("onReconnect");
      this.onLeave = () => {
        calls.add("onLeave");
        calls.add("gone");
      };
    }
  };

const ownAllowReconnection: Body = (rooms) =>
  class extends methods(rooms) {
    override allowReconnection(client: Client, seconds: number | "manual") {
      rooms.calls.add("allowReconnection");
      return super.allowReconnection(client, seconds);
    }
  };

const withPlugin =
  (body: Body): Body =>
  (rooms) =>
    class extends body(rooms) {
      static onAuth = rooms.onAuth;
      override plugins = definePlugins([rooms.plugin()]);
    };

const guarded =
  (body: Body): Body =>
  (rooms) =>
    rooms.guard(body(rooms));

const withoutPlugins =
  (body: Body): Body =>
  (rooms) =>
    class extends body(rooms) {
      override plugins = definePlugins([]);
    };

const subclass =
  (body: Body): Body =>
  (rooms) =>
    class extends body(rooms) {};

/** The framework lays the hooks of plugins over a class at its first instance, and over a subclass once more. */
const afterAnInstance =
  (body: Body): Body =>
  (rooms) => {
    const Parent = body(rooms);
    rooms.define(`${Parent.name}-parent`, Parent);
    new Parent();
    return class extends Parent {};
  };

class Witness extends RoomPlugin {
  override readonly pluginName = "witness" as const;
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    super();
    this.#rooms = rooms;
  }

  protected override onJoin(): void {
    this.#rooms.calls.add("witness joined");
  }

  protected override onLeave(): void {
    this.#rooms.calls.add("witness left");
  }
}

const besideOthers =
  (body: Body): Body =>
  (rooms) =>
    class extends body(rooms) {
      static onAuth = rooms.onAuth;
      override plugins = definePlugins([new Witness(rooms), rooms.plugin()]);
    };

/** The same plugin object for every room, where the framework wants one each. */
const sharedPlugin =
  (body: Body): Body =>
  (rooms) => {
    const plugin = rooms.plugin();
    return class extends body(rooms) {
      static onAuth = rooms.onAuth;
      override plugins = definePlugins([plugin]);
    };
  };

/** A plugin of another make that bears our name. */
const nameTaken =
  (body: Body): Body =>
  (rooms) =>
    rooms.guard(
      class extends body(rooms) {
        override plugins = definePlugins({ session: new Witness(rooms) });
      },
    );

const frozenPlugins =
  (body: Body): Body =>
  (rooms) =>
    rooms.guard(
      class extends body(rooms) {
        override plugins = Object.freeze(definePlugins([new Witness(rooms)]));
      },
    );

const shape = (name: string, make: Body, hasDropHook = true): Shape => ({ name, make, hasDropHook });

export const shapes: Shape[] = [
  shape("plugin: methods, onDrop that does not catch", withPlugin(methods)),
  shape("plugin: onDrop that awaits", withPlugin(awaitingDrop)),
  shape("plugin: arrow fields", withPlugin(arrowFields)),
  shape("plugin: onUncaughtException", withPlugin(uncaught)),
  shape("plugin: onLeave that holds, no onDrop", withPlugin(holdingLeave), false),
  shape("plugin: hooks assigned in onCreate", withPlugin(assignedLate)),
  shape("plugin: allowReconnection of its own", withPlugin(ownAllowReconnection)),
  shape("plugin: beside a plugin with hooks", besideOthers(methods)),
  shape("plugin: beside a plugin with hooks, onUncaughtException", besideOthers(uncaught)),
  shape("plugin: one object for all rooms", sharedPlugin(methods)),
  shape("plugin: subclass of a class with an instance", afterAnInstance(besideOthers(methods))),
  shape("guard: methods", guarded(methods)),
  shape("guard: arrow fields", guarded(arrowFields)),
  shape("guard: onUncaughtException", guarded(uncaught)),
  shape("guard: onLeave that holds, no onDrop", guarded(holdingLeave), false),
  shape("guard: over the plugin", guarded(withPlugin(methods))),
  shape("guard: over a guard", guarded(guarded(awaitingDrop))),
  shape("guard: over a subclass that drops the plugin", guarded(withoutPlugins(withPlugin(methods)))),
  shape("guard: subclass", subclass(guarded(methods))),
  shape("guard: subclass that drops the plugin", withoutPlugins(guarded(methods))),
  shape("guard: subclass with arrow fields that drops the plugin", (rooms) => {
    const { calls } = rooms;
    return class extends withoutPlugins(guarded(methods))(rooms) {
      override onJoin = (): void => calls.add("onJoin");
      override onDrop = (client: Client): void => {
        calls.add("onDrop");
        this.allowReconnection(client, holdSeconds);
      };
      override onReconnect = (): void => calls.add("onReconnect");
    };
  }),
  shape("guard: subclass of a class with an instance", afterAnInstance(guarded(besideOthers(methods)))),
  shape("guard: the plugin's name taken", nameTaken(methods)),
  shape("guard: frozen plugins", frozenPlugins(methods)),
];
