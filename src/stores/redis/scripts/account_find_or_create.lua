-- The account of an identity, made if there is none.
-- uses: accounts
--
-- In:     ARGV[4] user id of a new account  5 its username, "" for a malformed one  6 its key  7 its groups, as JSON
--         8 "1" where an account that exists gets these groups
--         9 to 14 the identity: digest, provider, external id, hash, version, verifiedAt
-- Out:    { "found" | "made", account } | { "taken" } | { "misnamed" }
-- Atomic: of many who come with an identity for the first time one makes its account, and the others find it.
-- Twice:  an account that this very call made is made by it once more, and stays one that may be taken back.
-- Cost:   O(1).
local userId, identity = ARGV[4], accounts.identityAt(9)
local owner = accounts.ownerOf(identity.digest)
if owner == userId then return { "made", accounts.read(userId) } end
if owner then
  accounts.tell(identity.digest)
  if ARGV[8] == "1" then accounts.setGroups(owner, ARGV[7]) end
  return { "found", accounts.read(owner) }
end
local account = { userId = userId, name = ARGV[5], nameKey = ARGV[6], groups = ARGV[7] }
local outcome = accounts.create(account, identity)
if outcome ~= "made" then return { outcome } end
return { outcome, accounts.read(userId) }
