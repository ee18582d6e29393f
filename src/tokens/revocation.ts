// What revoking a token needs of a store: a mark by its `jti` that outlives restarts, for as long as the token would be good.

/** Both calls may throw `LoginError("STORE_UNAVAILABLE")`. */
export interface RevocationStore {
  /**
   * Marks a token as revoked. `until`, ms since the epoch, is when the mark may be
   * forgotten: no earlier than the token's own end; null: never. One atomic step: of calls at the same moment one alone
   * answers true, that it made the mark. Where there is a mark already, or `until` is not after the store's now, nothing is
   * written and the answer is false.
   */
  revokeToken(jti: string, until: number | null): Promise<boolean>;
  /** Whether there is a mark, at the store's now. */
  isTokenRevoked(jti: string): Promise<boolean>;
}
