// Which lane a player waits in: what the game's own function says, held to the lanes that exist.
import type { Logger } from "../logger.ts";

/** Who joins, as the game's `lane` function sees it: the session was verified, the hint is whatever the client sent. */
export interface LanePlayer<S> {
  readonly session: S | null;
  readonly hint: unknown;
}

/** Chooses a lane and never fails: a function that throws or names no lane costs nobody the place. */
export type ChooseLane<S> = (player: LanePlayer<S>) => string;

/** The lane of whoever has no other: the first one configured. */
export function defaultLane(lanes: Readonly<Record<string, number>>): string {
  const [first] = Object.keys(lanes);
  if (first === undefined) throw new TypeError("queue.lanes: expected at least one lane, got none");
  return first;
}

/** `lanes` is asked at every choice: they may come and go. */
export function createLaneChooser<S>(
  settings: {
    readonly lanes: () => Readonly<Record<string, number>>;
    readonly lane?: ((player: LanePlayer<S>) => string) | undefined;
  },
  logger: Logger,
): ChooseLane<S> {
  const { lane } = settings;
  if (lane === undefined) return () => defaultLane(settings.lanes());
  let complained = false;
  const complain = (what: string): string => {
    const fallback = defaultLane(settings.lanes());
    if (!complained)
      logger.error(`colyseus-login: the option queue.lane ${what}; such players wait in lane "${fallback}"`);
    complained = true;
    return fallback;
  };
  return (player) => {
    try {
      const chosen: unknown = lane(player);
      if (typeof chosen === "string" && Object.hasOwn(settings.lanes(), chosen)) return chosen;
      return complain(
        typeof chosen === "string" ? `chose a lane that does not exist` : `answered with ${typeof chosen}`,
      );
    } catch {
      return complain("threw an error");
    }
  };
}
