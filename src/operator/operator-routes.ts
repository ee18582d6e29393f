// The operator's side over HTTP: its one table of calls, mounted with the dashboard's files.
import type { Route } from "../http/dual-mode.ts";
import { type AccessCallsDependencies, accessCalls } from "./access-calls.ts";
import { dashboardRoutes } from "./dashboard-files.ts";
import { describeCalls } from "./openapi.ts";
import { hasBody, type OperatorCall, type Serving } from "./operator-call.ts";
import { type QueueCallsDependencies, queueCalls } from "./queue-calls.ts";
import { type SessionCallsDependencies, sessionCalls } from "./session-calls.ts";
import { type StatusCallsDependencies, statusCalls } from "./status-calls.ts";
import { type TicketCallsDependencies, ticketCalls } from "./ticket-calls.ts";

export interface OperatorDependencies {
  readonly status: Omit<StatusCallsDependencies, "describe">;
  readonly sessions: SessionCallsDependencies;
  readonly access: AccessCallsDependencies;
  /** null where no queue is configured: its paths then belong to the host. */
  readonly queue: (QueueCallsDependencies & TicketCallsDependencies) | null;
  /** Under which the login's calls stand, such as `/auth`. */
  readonly prefix: string;
}

export function operatorRoutes(deps: OperatorDependencies, serving: Serving): Route[] {
  return [...operatorCalls(deps).map((call) => routeOf(call, serving)), ...dashboardRoutes()];
}

/** Every call that there is. */
function operatorCalls({ status, sessions, access, queue, prefix }: OperatorDependencies): OperatorCall[] {
  let description: ReturnType<typeof describeCalls> | null = null;
  const describe = () => {
    description ??= describeCalls(calls, prefix);
    return description;
  };
  const calls: OperatorCall[] = [
    ...statusCalls({ ...status, describe }),
    ...(queue === null ? [] : [...queueCalls(queue), ...ticketCalls(queue)]),
    ...sessionCalls(sessions),
    ...accessCalls(access),
  ];
  return calls;
}

function routeOf(call: OperatorCall, serving: Serving): Route {
  const { action, method, path, summary, body } = call;
  return {
    name: `login-operator-${action}`,
    method,
    path: `/operator${path}`,
    summary,
    ...(hasBody(method) && { body }),
    handle: (request) => call.serve(request, serving),
  };
}
