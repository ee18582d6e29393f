// The tables of the file, version by version: a step that was once released is never changed, a new version is one more step.

/** "clgn": tells our files from those of other programs. */
export const applicationId = 0x636c676e;

/**
 * Step n makes version n + 1 out of version n; SQLite keeps the version as `user_version`. Times are ms since the epoch, with
 * fractions where a lifetime has some. Every table holds its rows to its types (STRICT).
 */
export const migrations: readonly string[] = [
  `
  -- position: the order in which sessions were opened. forgetAt: when nothing could ask for it any more. record: JSON.
  CREATE TABLE sessions (
    position INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    forgetAt REAL NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessionsByEnd ON sessions (forgetAt);

  -- until: NULL for ever.
  CREATE TABLE bans (
    userId TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    until REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bansByEnd ON bans (until);

  CREATE TABLE revocations (
    jti TEXT PRIMARY KEY,
    until REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX revocationsByEnd ON revocations (until);

  -- What is there once: the access rules, and what of the queue's settings was changed. value: JSON.
  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- accountGroups: JSON. isFresh: whether nobody but its maker was ever told of it.
  CREATE TABLE accounts (
    userId TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    usernameKey TEXT NOT NULL UNIQUE,
    accountGroups TEXT NOT NULL,
    createdAt REAL NOT NULL,
    isFresh INTEGER NOT NULL
  ) STRICT;

  -- position: the order in which identities were linked. hash, version and verifiedAt are its credential's.
  CREATE TABLE identities (
    position INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    externalId TEXT NOT NULL,
    userId TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    linkedAt REAL NOT NULL,
    hash TEXT,
    version TEXT,
    verifiedAt REAL,
    UNIQUE (provider, externalId)
  ) STRICT;
  CREATE INDEX identitiesByUser ON identities (userId);
  `,
  `
  -- What operators did, the newest mostAuditEntries of it. entry: JSON, without id and at.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  `,
];
