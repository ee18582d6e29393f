// A guarded room whose hooks wait where a test wants them to, and what its tests do over and over.
import { type Client, type Deferred, matchMaker, Room } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";
import { DeafPeer } from "../support/deaf-peer.ts";
import { drop, reconnectAtOnce } from "../support/room-clients.ts";
import { type RoomClass, Rooms } from "../support/rooms.ts";

export class SlowRooms extends Rooms {
  /** What hooks wait for, by name. */
  readonly gates: Partial<Record<"onJoin" | "onDrop" | "onReconnect" | "onLeave", Deferred<void>>> = {};

  /** Writes down the start and the end of every hook. */
  get SlowRoom(): RoomClass {
    const { calls, gates } = this;
    return class extends Room {
      override autoDispose = false;
      override messages = { say: () => calls.add("message") };

      override async onJoin(): Promise<void> {
        calls.add("onJoin");
        await gates.onJoin;
        calls.add("joined");
      }

      override async onDrop(client: Client): Promise<void> {
        calls.add("onDrop");
        await gates.onDrop;
        this.allowReconnection(client, 60);
        calls.add("dropped");
      }

      override async onReconnect(): Promise<void> {
        calls.add("onReconnect");
        await gates.onReconnect;
        calls.add("reconnected");
      }

      override async onLeave(): Promise<void> {
        calls.add("onLeave");
        await gates.onLeave;
        calls.add("gone");
      }
    };
  }

  /** A room of the guarded class, by its id. */
  async makeRoom(roomClass = this.SlowRoom): Promise<string> {
    const name = `room-${crypto.randomUUID()}`;
    this.define(name, this.guard(roomClass));
    return (await matchMaker.createRoom(name, {})).roomId;
  }

  async join(roomId: string, sid: string): Promise<SdkRoom> {
    const room = await this.sdk(sid).joinById(roomId);
    reconnectAtOnce(room);
    return room;
  }

  /** Joins, drops and stays away; resolves when the room holds the seat. */
  async joinAndDrop(roomId: string, sid: string): Promise<SdkRoom> {
    const room = await this.join(roomId, sid);
    room.reconnection.enabled = false;
    drop(room);
    await this.calls.until("dropped");
    return room;
  }

  /** A peer that takes a seat and does not listen. */
  deafPeer(roomId: string, query: Record<string, string>): Promise<DeafPeer> {
    return DeafPeer.connect(this.port, `/${matchMaker.processId}/${roomId}?${new URLSearchParams(query)}`);
  }

  override stop(): Promise<void> {
    for (const gate of Object.values(this.gates)) gate.resolve();
    return super.stop();
  }
}
