// A WebSocket peer made of a bare TCP socket, which goes on talking whatever the server says.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Deferred } from "@colyseus/core";

const opcode = { binary: 0x2, close: 0x8, ping: 0x9 } as const;

export class DeafPeer {
  readonly #socket: Socket;
  readonly #closeFrame = new Deferred<void>();
  /** Resolves when the server has sent a close frame, which is not answered. */
  readonly toldToClose = this.#closeFrame.promise;
  /** Resolves when the connection is gone. */
  readonly cut: Promise<unknown>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.cut = once(socket, "close");
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      // Frames of these tests are short and come one at a time, or after each other in one piece.
      for (let at = 0; at + 1 < bytes.length; at += 2 + ((bytes[at + 1] ?? 0) & 0x7f)) {
        if (((bytes[at] ?? 0) & 0x0f) === opcode.close) this.#closeFrame.resolve();
      }
    });
  }

  static async connect(port: number, path: string): Promise<DeafPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    const answer = await new Promise<Buffer>((resolve) => {
      let seen = Buffer.alloc(0);
      const read = (bytes: Buffer): void => {
        seen = Buffer.concat([seen, bytes]);
        const end = seen.indexOf("\r\n\r\n");
        if (end === -1) return;
        socket.off("data", read);
        socket.pause();
        resolve(seen.subarray(end + 4));
      };
      socket.on("data", read);
    });
    const peer = new DeafPeer(socket);
    if (answer.length > 0) socket.unshift(answer);
    socket.resume();
    return peer;
  }

  send(bytes: readonly number[]): void {
    this.#write(opcode.binary, bytes);
  }

  ping(): void {
    this.#write(opcode.ping, []);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write(code: number, bytes: readonly number[]): void {
    // A client's frames are masked; a mask of zeros leaves the bytes as they are.
    this.#socket.write(Uint8Array.from([0x80 | code, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]));
  }
}
