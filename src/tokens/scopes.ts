// What an operator's or a partner's token may be for: one closed list, which the calls of the operator's side go by (DESIGN 6).

/**
 * What the calls under `/auth/operator` ask for: `status:read` (status, the API's description), `tickets:read`,
 * `sessions:read`, `events:read` (the audit list), `metrics:read`, `queue:write` (live settings, mode, notice),
 * `tickets:write` (admit, remove, move), `sessions:write` (disconnect, logout), `bans:write`, `access:write`.
 */
export const operatorScopes = Object.freeze([
  "status:read",
  "tickets:read",
  "sessions:read",
  "events:read",
  "metrics:read",
  "queue:write",
  "tickets:write",
  "sessions:write",
  "bans:write",
  "access:write",
] as const);

export type OperatorScope = (typeof operatorScopes)[number];

export function isOperatorScope(value: unknown): value is OperatorScope {
  return operatorScopes.some((scope) => scope === value);
}
