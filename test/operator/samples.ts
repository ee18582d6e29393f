// One good request of every call of the operator's side: what the tables of all calls are made of.
import { decodeJwt } from "jose";
import type { OperatorScope } from "../../src/tokens/scopes.ts";
import type { House } from "../login/server.ts";

export interface Sample {
  readonly action: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/auth/operator`. */
  readonly path: string;
  readonly scope: OperatorScope;
  readonly body?: object;
}

/** What there is to look at and to act on. */
export interface Scene {
  readonly ticketId: string;
  readonly sid: string;
  readonly userId: string;
}

/** A ticket that waits, a session that lives and a user who is banned. */
export async function setScene(house: House): Promise<Scene> {
  const player = await house.loggedIn("who plays");
  const banned = await house.loggedIn("who is banned");
  await house.login.bans.ban(banned.userId, { reason: "cheating" });
  await house.login.queue.configure({ mode: "paused" });
  const { ticket } = await house.player("who waits").takePlace();
  return { ticketId: decodeJwt(ticket).jti ?? "", sid: player.sid, userId: banned.userId };
}

/** Each works once on one scene, in this order. */
export function samples({ ticketId, sid, userId }: Scene): readonly Sample[] {
  return [
    { action: "status.read", method: "GET", path: "/status", scope: "status:read" },
    { action: "openapi.read", method: "GET", path: "/openapi.json", scope: "status:read" },
    { action: "forecast.read", method: "GET", path: "/forecast", scope: "status:read" },
    { action: "history.read", method: "GET", path: "/history", scope: "status:read" },
    { action: "access.read", method: "GET", path: "/access", scope: "status:read" },
    { action: "events.read", method: "GET", path: "/events", scope: "events:read" },
    { action: "metrics.read", method: "GET", path: "/metrics", scope: "metrics:read" },
    { action: "tickets.read", method: "GET", path: "/tickets", scope: "tickets:read" },
    { action: "sessions.read", method: "GET", path: `/sessions?sid=${sid}`, scope: "sessions:read" },
    { action: "bans.read", method: "GET", path: `/bans/${userId}`, scope: "sessions:read" },
    { action: "queue.configure", method: "PATCH", path: "/queue", scope: "queue:write", body: { notice: "Soon." } },
    {
      action: "ticket.move",
      method: "POST",
      path: `/tickets/${ticketId}/move`,
      scope: "tickets:write",
      body: { position: 1 },
    },
    { action: "ticket.admit", method: "POST", path: `/tickets/${ticketId}/admit`, scope: "tickets:write" },
    {
      action: "ticket.remove",
      method: "POST",
      path: `/tickets/${ticketId}/remove`,
      scope: "tickets:write",
      body: { reason: "Two places." },
    },
    {
      action: "session.disconnect",
      method: "POST",
      path: `/sessions/${sid}/disconnect`,
      scope: "sessions:write",
      body: { reason: "A break." },
    },
    { action: "session.logout", method: "POST", path: `/sessions/${sid}/logout`, scope: "sessions:write", body: {} },
    { action: "user.ban", method: "PUT", path: `/bans/${userId}`, scope: "bans:write", body: { reason: "again" } },
    { action: "user.unban", method: "DELETE", path: `/bans/${userId}`, scope: "bans:write" },
    { action: "access.set", method: "PUT", path: "/access", scope: "access:write", body: { mode: "limited" } },
  ];
}
