// What nearly every part of a login is made of.
import type { Callers } from "../callers.ts";
import type { Clock } from "../clock.ts";
import type { Emitter } from "../emitter.ts";
import type { Logger } from "../logger.ts";
import type { LoginSignals } from "../login-signals.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { StoreOutage } from "../outage.ts";
import type { RecordCache } from "../sessions/record-cache.ts";
import type { Store } from "../stores/store.ts";
import type { JwtSigner } from "../tokens/jwt.ts";

export interface Basics {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What happens in this login: every part tells it, and knows no listener. */
  readonly signals: Emitter<LoginSignals>;
  readonly jwt: JwtSigner;
  readonly store: Store;
  readonly callers: Callers;
  readonly outage: StoreOutage;
  /** null where every check reads. */
  readonly cache: RecordCache | null;
}
