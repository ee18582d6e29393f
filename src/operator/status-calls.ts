// The operator's calls that show: how all of it stands, who did what, the metrics, and what calls there are.
import { z } from "zod";
import type { AccessFace } from "../access-face.ts";
import { type AuditStore, auditNumberOf } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import { mostPerPage, pageOf } from "../http/page.ts";
import { text } from "../http/reply.ts";
import type { QueueOverview } from "../login-queue/queue-overview.ts";
import { liveSettingsOf } from "../login-queue/queue-settings.ts";
import type { QueueStore } from "../login-queue/queue-store.ts";
import type { QueueFace } from "../queue-face.ts";
import { shownAccess } from "./access-calls.ts";
import * as answers from "./answers.ts";
import { inQuery, none } from "./inputs.ts";
import type { Metrics } from "./metrics.ts";
import { type OperatorCall, operatorCall } from "./operator-call.ts";

export interface StatusCallsDependencies {
  readonly access: Pick<AccessFace, "get">;
  /** null where none is configured. */
  readonly queue: { readonly face: Pick<QueueFace, "status">; readonly store: Pick<QueueStore, "settings"> } | null;
  readonly events: Pick<AuditStore, "list">;
  readonly metrics: Pick<Metrics, "text">;
  /** Of this process. */
  readonly connectedSessions: () => number;
  readonly feedLagMs: () => number;
  /** The store's. */
  readonly clock: Pick<Clock, "now">;
  /** The description of all calls. */
  readonly describe: () => z.output<typeof answers.description>;
}

/** Lanes of one answer. A lane that was taken away stays while somebody waits in it, so that there may be any number. */
const mostLanesShown = 200;
const pageWords = `a whole number from 1 to ${mostPerPage}`;
const eventWords = "the `next` of the page before, or the id of an entry";

export function statusCalls(deps: StatusCallsDependencies): OperatorCall[] {
  const { access, queue, events, metrics, clock } = deps;
  return [
    operatorCall({
      action: "status.read",
      method: "GET",
      path: "/status",
      scope: "status:read",
      summary: "How everything stands, and what the token may do",
      params: none,
      query: none,
      body: none,
      answer: answers.status,
      async run({ operator: { kind, name, scopes, expiresAt } }) {
        const [overview, settings, rules] = await Promise.all([
          queue?.face.status() ?? null,
          queue?.store.settings() ?? null,
          access.get(),
        ]);
        return {
          answer: {
            asOf: overview?.asOf ?? clock.now(),
            operator: { kind, name, scopes: [...scopes], expiresAt },
            queue: overview === null ? null : withFewLanes(overview),
            settings: settings === null ? null : liveSettingsOf(settings),
            access: shownAccess(rules),
            process: { connectedSessions: deps.connectedSessions(), feedLagMs: deps.feedLagMs() },
          },
        };
      },
    }),
    operatorCall({
      action: "events.read",
      method: "GET",
      path: "/events",
      scope: "events:read",
      summary: "The audit list: who of the operators and partners did what",
      params: none,
      query: z.strictObject({
        before: z
          .string()
          .refine((entryId) => auditNumberOf(entryId) !== null, eventWords)
          .exactOptional()
          .describe("The id of an entry: those older than it."),
        limit: inQuery(z.int(pageWords).min(1, pageWords).max(mostPerPage, pageWords)).exactOptional(),
      }),
      body: none,
      answer: answers.events,
      async run({ query: { before = null, limit = mostPerPage } }) {
        const found = await events.list({ before, limit: limit + 1 });
        const listed = pageOf(found.slice(0, limit), { events: [], next: "x".repeat(64) });
        const last = listed.at(-1);
        const next = last === undefined || listed.length === found.length ? {} : { next: last.id };
        return {
          answer: { events: listed.map(({ actor, ...entry }) => ({ ...entry, actor: { ...actor } })), ...next },
        };
      },
    }),
    operatorCall({
      action: "metrics.read",
      method: "GET",
      path: "/metrics",
      scope: "metrics:read",
      summary: "The metrics, as Prometheus reads them",
      params: none,
      query: none,
      body: none,
      answer: answers.metrics,
      mediaType: "text/plain",
      run: async () => ({ answer: await metrics.text() }),
      toAnswer: ({ body, contentType }) => text(body, contentType),
    }),
    operatorCall({
      action: "openapi.read",
      method: "GET",
      path: "/openapi.json",
      scope: "status:read",
      summary: "This description (OpenAPI 3.1)",
      params: none,
      query: none,
      body: none,
      answer: answers.description,
      run: async () => ({ answer: deps.describe() }),
    }),
  ];
}

function withFewLanes(overview: QueueOverview): z.output<typeof answers.status>["queue"] {
  const lanes = Object.entries(overview.lanes);
  const fullest = lanes.sort(([, a], [, b]) => b.waiting - a.waiting).slice(0, mostLanesShown);
  return { ...overview, lanes: lanes.length > mostLanesShown ? Object.fromEntries(fullest) : overview.lanes };
}
