// How often a waiting client is told of its place: near the front at every tick, far from it less often.

/** Up to this place every step forward is told as it happens: people watch it. */
const nearPosition = 100;
/** From this place on one step is nothing, and clients count the estimate down on their own. */
const farPosition = 1_000;
/** Between two patches of a far place; a heartbeat that is due sooner wins. */
const farSeconds = 5;

/**
 * At every how many ticks the holder of `position` has its turn: 1 up to place 100, from there evenly more, and from place
 * 1 000 on those of five seconds, or as many as leave no heartbeat late.
 */
export function ticksBetweenTurns(
  position: number,
  { updateIntervalSeconds, heartbeatSeconds }: { updateIntervalSeconds: number; heartbeatSeconds: number },
): number {
  const farness = Math.min(1, Math.max(0, (position - nearPosition) / (farPosition - nearPosition)));
  const wanted = Math.floor((farness * farSeconds) / updateIntervalSeconds);
  // A tick comes a little late now and then, so the last one within the heartbeat is not counted on.
  const longest = Math.ceil(heartbeatSeconds / updateIntervalSeconds) - 1;
  return Math.max(1, Math.min(wanted, longest));
}
