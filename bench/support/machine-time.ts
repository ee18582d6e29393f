// A time that all processes of this machine agree on.

/** ms since some moment that is the same for all of them. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
