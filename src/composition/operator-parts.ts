// The operator's side with what it looks at and acts through: the same faces that a server has.
import type { BanRegister } from "../access/bans.ts";
import type { AccessControl } from "../access-face.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import type { Route } from "../http/dual-mode.ts";
import type { LoginQueue } from "../login-queue/queue.ts";
import { AuditLog } from "../operator/audit-log.ts";
import type { QueueHistory } from "../operator/history.ts";
import type { Metrics } from "../operator/metrics.ts";
import { operatorRoutes } from "../operator/operator-routes.ts";
import { scrapeTokens } from "../operator/scrape-tokens.ts";
import type { QueueFace } from "../queue-face.ts";
import type { SessionsFace } from "../sessions/sessions-face.ts";
import type { TokensFace } from "../tokens/tokens-face.ts";
import type { Basics } from "./basics.ts";

export interface OperatorParts {
  readonly accounts: AccountStore;
  readonly tokens: TokensFace;
  readonly sessions: SessionsFace;
  readonly bans: BanRegister;
  readonly access: AccessControl;
  /** null where none is configured. */
  readonly queue: { readonly face: QueueFace; readonly service: LoginQueue; readonly history: QueueHistory } | null;
  readonly metrics: Metrics;
  readonly connectedSessions: () => number;
}

/** The calls of the operator's side, and its page. */
export function createOperatorRoutes(
  { options, clock, logger, signals, store }: Basics,
  parts: OperatorParts,
): Route[] {
  const { accounts, tokens, sessions, bans, access, queue, metrics, connectedSessions } = parts;
  const audit = new AuditLog({ store: store.audit, clock, logger, emit: signals.emit });
  return operatorRoutes(
    {
      status: {
        access,
        queue: queue === null ? null : { face: queue.face, store: store.queue },
        events: store.audit,
        metrics,
        connectedSessions,
        feedLagMs: () => store.feedLagMs(),
        clock,
      },
      sessions: { sessions, accounts, bans },
      access: { bans, access, accessRuleNames: Object.keys(options.accessRules ?? {}), clock },
      queue:
        queue === null
          ? null
          : {
              queue: queue.face,
              history: queue.history,
              estimates: queue.service.outlook,
              store: store.queue,
              sessions,
            },
      prefix: options.prefix,
    },
    { tokens: scrapeTokens(tokens, clock), audit, clock },
  );
}
