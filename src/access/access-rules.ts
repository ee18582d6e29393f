// Who is let in while access is limited, and when that is: plain values, and the pure rules over them.

/** `open`: everybody; `limited`: those whom `allow` names. */
export type AccessMode = "open" | "limited";

/** Whom to let in: a player who meets any of the three is. */
export interface AccessAllowance {
  readonly userIds: readonly string[];
  readonly groups: readonly string[];
  /** The name of a function of the option `accessRules`, or null. */
  readonly rule: string | null;
}

/** The access rules as they are kept. Times are ms since the epoch by the store's clock. */
export interface AccessRules {
  /** What holds until the first of the two moments. */
  readonly mode: AccessMode;
  readonly allow: AccessAllowance;
  /** From then on access is open; null for never. */
  readonly opensAt: number | null;
  /** From then on it is limited; null for never. */
  readonly closesAt: number | null;
}

/** What holds where nothing was ever set. */
export const openAccess: AccessRules = Object.freeze({
  mode: "open",
  allow: Object.freeze({ userIds: Object.freeze([]), groups: Object.freeze([]), rule: null }),
  opensAt: null,
  closesAt: null,
});

/** The mode at a moment: what the last of the moments that have come made of it. */
export function modeAt({ mode, opensAt, closesAt }: AccessRules, now: number): AccessMode {
  const openedAt = opensAt !== null && opensAt <= now ? opensAt : Number.NEGATIVE_INFINITY;
  const closedAt = closesAt !== null && closesAt <= now ? closesAt : Number.NEGATIVE_INFINITY;
  if (openedAt === closedAt) return mode;
  return openedAt > closedAt ? "open" : "limited";
}

/** When limited access opens next, or null where no such moment is to come. */
export function nextOpening({ opensAt }: AccessRules, now: number): number | null {
  return opensAt !== null && opensAt > now ? opensAt : null;
}

/** Whether the allowance can let anybody in at all. */
export function namesSomebody({ userIds, groups, rule }: AccessAllowance): boolean {
  return userIds.length > 0 || groups.length > 0 || rule !== null;
}
