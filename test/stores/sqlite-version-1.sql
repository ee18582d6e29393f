-- A file of version 1 as it was written by the first release: a session, an ended one, a ban, a mark, settings, an account.
CREATE TABLE sessions (
  position INTEGER PRIMARY KEY,
  sid TEXT NOT NULL UNIQUE,
  forgetAt REAL NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX sessionsByEnd ON sessions (forgetAt);
CREATE TABLE bans (userId TEXT PRIMARY KEY, reason TEXT NOT NULL, until REAL) STRICT, WITHOUT ROWID;
CREATE INDEX bansByEnd ON bans (until);
CREATE TABLE revocations (jti TEXT PRIMARY KEY, until REAL) STRICT, WITHOUT ROWID;
CREATE INDEX revocationsByEnd ON revocations (until);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
  userId TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  usernameKey TEXT NOT NULL UNIQUE,
  accountGroups TEXT NOT NULL,
  createdAt REAL NOT NULL,
  isFresh INTEGER NOT NULL
) STRICT;
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
INSERT INTO sessions (sid, forgetAt, record) VALUES
  ('live', 1896134400000, '{"sid":"live","userId":"user","username":"User","groups":["testers"],"kind":"player","clientVars":{"skin":"red"},"serverVars":{},"shard":null,"address":"192.0.2.1","agent":"Test/1","createdAt":1893456000000,"seenAt":1893456000500,"idleEndsAt":1896048000000,"absoluteEndsAt":1901232000000,"nonce":"nonce","generation":2,"rotatedAt":1893456000400,"previousRotatedAt":1893456000000,"confirmedAt":1893456000500,"attempt":"attempt-of-16-chars","refreshSecretId":"secret","tokenId":"token-2","tokenIssuedAt":1893456000400,"tokenExpiresAt":1893542400400,"end":null}'),
  ('ended', 1896048000000, '{"sid":"ended","userId":"user","username":"User","groups":[],"kind":"player","clientVars":{},"serverVars":{},"shard":null,"address":null,"agent":null,"createdAt":1893456000000,"seenAt":1893456000000,"idleEndsAt":1896048000000,"absoluteEndsAt":1901232000000,"nonce":"nonce","generation":1,"rotatedAt":1893456000000,"previousRotatedAt":1893456000000,"confirmedAt":null,"attempt":null,"refreshSecretId":"secret","tokenId":"token-1","tokenIssuedAt":1893456000000,"tokenExpiresAt":1893542400000,"end":{"at":1893456000600,"reason":"logout"}}');
INSERT INTO bans VALUES ('banned', 'Cheating.', NULL);
INSERT INTO revocations VALUES ('revoked', 1901232000000);
INSERT INTO settings VALUES
  ('accessRules', '{"mode":"limited","allow":{"userIds":["user"],"groups":[],"rule":null},"opensAt":null,"closesAt":null}'),
  ('queueOverrides', '{"mode":"always","lanes":{"default":1,"friends":2}}');
INSERT INTO accounts VALUES ('user', 'User', 'user', '["testers"]', 1893456000000, 0);
INSERT INTO identities (provider, externalId, userId, linkedAt, hash, version, verifiedAt) VALUES
  ('device', 'hash', 'user', 1893456000000, NULL, NULL, NULL),
  ('email', 'ada@example.org', 'user', 1893456000000, '$scrypt$hash', 'v1', 1893456000700);
PRAGMA application_id = 1668048750;
PRAGMA user_version = 1;
