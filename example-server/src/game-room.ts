// The arena: a guarded room where everyone sees everyone move. Clients say where to; the server does the walking.
import { type SchemaType, schema, t } from "@colyseus/schema";
import { type Client, definePlugins, Room } from "colyseus";
import type { SessionAuth } from "colyseus-login";
import { login, type PlayerVars } from "./login.ts";

/** What everyone sees of a player. The key in the map is the socket's id: a `sid` is for its owner alone. */
const Player = schema(
  { name: t.string(), colour: t.string(), x: t.float32(), y: t.float32(), away: t.boolean().default(false) },
  "Player",
);
const Arena = schema({ players: t.map(Player) }, "Arena");
type Player = SchemaType<typeof Player>;
type PlayerClient = Client<{ auth: SessionAuth<PlayerVars> }>;

const size = { x: 160, y: 120 };
const margin = 6;
const unitsPerSecond = 45;
const awaySeconds = 15;

interface Point {
  x: number;
  y: number;
}

export class GameRoom extends Room<{ state: SchemaType<typeof Arena>; client: PlayerClient }> {
  static override onAuth = login.onAuth;
  override plugins = definePlugins([login.sessionPlugin()]);

  override state = new Arena();
  override maxClients = 64;
  override maxMessagesPerSecond = 60;
  /** Where each player is heading. Keys held down head for a point far outside: the walls stop the player. */
  #goals = new Map<string, Point>();

  override messages = {
    /** `{ x, y }`: walk to this point. */
    goto: (client: PlayerClient, message: unknown) => {
      const point = toPoint(message);
      if (point !== null) this.#goals.set(client.sessionId, point);
    },
    /** `{ x, y }`: walk in this direction until told otherwise; `{ x: 0, y: 0 }` stops. */
    walk: (client: PlayerClient, message: unknown) => {
      const player = this.state.players.get(client.sessionId);
      const direction = toPoint(message);
      if (player === undefined || direction === null) return;
      const length = Math.hypot(direction.x, direction.y);
      if (length === 0) this.#goals.delete(client.sessionId);
      else
        this.#goals.set(client.sessionId, {
          x: player.x + (direction.x / length) * 1_000,
          y: player.y + (direction.y / length) * 1_000,
        });
    },
    /** The client refreshed its session: show the vars it has now, as the server knows them. */
    refreshed: async (client: PlayerClient) => {
      const session = await login.sessions.get(client.auth?.sid ?? "");
      const player = this.state.players.get(client.sessionId);
      if (session !== null && player !== undefined) paint(player, session);
    },
  };

  override onCreate() {
    this.setTimestep((deltaMs) => this.#step((deltaMs / 1_000) * unitsPerSecond), 50);
  }

  override onJoin(client: PlayerClient) {
    const player = new Player();
    player.x = margin + Math.random() * (size.x - 2 * margin);
    player.y = margin + Math.random() * (size.y - 2 * margin);
    if (client.auth !== undefined) paint(player, client.auth);
    this.state.players.set(client.sessionId, player);
  }

  override onDrop(client: PlayerClient) {
    this.#goals.delete(client.sessionId);
    const player = this.state.players.get(client.sessionId);
    if (player !== undefined) player.away = true;
    // A seat that nobody comes back to is no error: onLeave runs all the same.
    this.allowReconnection(client, awaySeconds).catch(() => {});
  }

  override onReconnect(client: PlayerClient) {
    const player = this.state.players.get(client.sessionId);
    if (player !== undefined) player.away = false;
  }

  override onLeave(client: PlayerClient) {
    this.#goals.delete(client.sessionId);
    this.state.players.delete(client.sessionId);
  }

  #step(distance: number) {
    for (const [sessionId, goal] of this.#goals) {
      const player = this.state.players.get(sessionId);
      if (player === undefined) continue;
      const left = Math.hypot(goal.x - player.x, goal.y - player.y);
      const part = left <= distance ? 1 : distance / left;
      if (part === 1) this.#goals.delete(sessionId);
      player.x = clamp(player.x + (goal.x - player.x) * part, size.x);
      player.y = clamp(player.y + (goal.y - player.y) * part, size.y);
    }
  }
}

function paint(player: Player, { username, vars }: { username: string; vars: PlayerVars }) {
  const name = vars.name?.trim();
  player.name = name === undefined || name === "" ? username : name.slice(0, 20);
  player.colour = /^#[0-9a-f]{6}$/i.test(vars.colour ?? "") ? (vars.colour ?? "") : "#7c8aa5";
}

/** Whatever a client sent, as a point, or null. */
function toPoint(message: unknown): Point | null {
  if (typeof message !== "object" || message === null || !("x" in message) || !("y" in message)) return null;
  const { x, y } = message;
  return typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
}

function clamp(value: number, end: number): number {
  return Math.min(end - margin, Math.max(margin, value));
}
