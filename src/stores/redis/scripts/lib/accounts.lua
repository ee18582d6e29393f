-- Accounts, the names that they hold, and the identities that lead to them: the rules of accounts/memory-accounts.ts.
-- uses: base
--
-- Keys: account:<userId>     HASH    username, usernameKey, groups (JSON), createdAt; fresh while nobody but its maker was told of it
--       username:<key>       STRING  the user whose name has this key
--       identity:<digest>    HASH    owner, provider and externalId (JSON), linkedAt; hash, version, verifiedAt of a credential
--       identities:<userId>  LIST    the digests of an account's identities, in the order in which they were linked
-- None of them expires: accounts outlive every session.
-- Arguments name an account by its user id, and an identity by what `identityAt` reads.
local accounts = {}

local function accountKey(userId) return key("account:" .. userId) end
local function usernameKeyOf(name) return key("username:" .. name) end
local function identityKey(digest) return key("identity:" .. digest) end
local function identitiesKey(userId) return key("identities:" .. userId) end

-- The six arguments of an identity, from the i-th on.
function accounts.identityAt(i)
  return {
    digest = ARGV[i],
    provider = ARGV[i + 1],
    externalId = ARGV[i + 2],
    hash = ARGV[i + 3],
    version = ARGV[i + 4],
    verifiedAt = ARGV[i + 5],
  }
end

function accounts.exists(userId)
  return redis.call("EXISTS", accountKey(userId)) == 1
end

-- Whether nobody but its maker was ever told of it: it may be taken back.
function accounts.isFresh(userId)
  return redis.call("HEXISTS", accountKey(userId), "fresh") == 1
end

-- { userId, username, groups, createdAt }
function accounts.read(userId)
  local fields = redis.call("HMGET", accountKey(userId), "username", "groups", "createdAt")
  return { userId, fields[1], fields[2], fields[3] }
end

function accounts.ownerOf(digest)
  return redis.call("HGET", identityKey(digest), "owner")
end

-- The owner of an identity, for an answer to somebody who may have a login under way: its account cannot be taken back any more.
function accounts.tell(digest)
  local owner = accounts.ownerOf(digest)
  if owner then redis.call("HDEL", accountKey(owner), "fresh") end
  return owner
end

-- The user whose name it is, or false.
function accounts.holderOf(nameKey)
  return redis.call("GET", usernameKeyOf(nameKey))
end

function accounts.rename(userId, name, nameKey)
  local old = redis.call("HGET", accountKey(userId), "usernameKey")
  if old then redis.call("DEL", usernameKeyOf(old)) end
  redis.call("SET", usernameKeyOf(nameKey), userId)
  redis.call("HSET", accountKey(userId), "username", name, "usernameKey", nameKey)
end

function accounts.setGroups(userId, groups)
  redis.call("HSET", accountKey(userId), "groups", groups)
end

function accounts.add(userId, name, nameKey, groups)
  redis.call("HSET", accountKey(userId), "createdAt", num(now), "groups", groups, "fresh", "1")
  accounts.rename(userId, name, nameKey)
end

function accounts.setCredential(digest, identity)
  redis.call(
    "HSET", identityKey(digest),
    "hash", identity.hash, "version", identity.version, "verifiedAt", identity.verifiedAt
  )
end

function accounts.attach(userId, identity)
  redis.call(
    "HSET", identityKey(identity.digest),
    "owner", userId, "provider", identity.provider, "externalId", identity.externalId, "linkedAt", num(now)
  )
  if identity.version ~= "" then accounts.setCredential(identity.digest, identity) end
  redis.call("RPUSH", identitiesKey(userId), identity.digest)
end

-- In the order in which they were linked.
function accounts.digests(userId)
  return redis.call("LRANGE", identitiesKey(userId), "0", "-1")
end

function accounts.field(digest, name)
  return redis.call("HGET", identityKey(digest), name)
end

-- { provider, externalId, linkedAt, verifiedAt or null }
function accounts.identity(digest)
  return redis.call("HMGET", identityKey(digest), "provider", "externalId", "linkedAt", "verifiedAt")
end

-- { hash, version, verifiedAt }, each null where there is no credential.
function accounts.credential(digest)
  return redis.call("HMGET", identityKey(digest), "hash", "version", "verifiedAt")
end

function accounts.detach(userId, digest)
  redis.call("LREM", identitiesKey(userId), "1", digest)
  redis.call("DEL", identityKey(digest))
end

-- Answers whether there was one.
function accounts.remove(userId)
  local nameKey = redis.call("HGET", accountKey(userId), "usernameKey")
  if not nameKey then return false end
  for _, digest in ipairs(accounts.digests(userId)) do redis.call("DEL", identityKey(digest)) end
  redis.call("DEL", identitiesKey(userId), usernameKeyOf(nameKey), accountKey(userId))
  return true
end

-- A new account with its identity, nil where it gets none. Answers why it cannot be, or "made".
function accounts.create(account, identity)
  if identity and accounts.ownerOf(identity.digest) then return "linked" end
  if account.name == "" then return "misnamed" end
  if accounts.holderOf(account.nameKey) then return "taken" end
  accounts.add(account.userId, account.name, account.nameKey, account.groups)
  if identity then accounts.attach(account.userId, identity) end
  return "made"
end

return accounts
