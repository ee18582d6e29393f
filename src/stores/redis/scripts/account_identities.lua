-- The identities of an account in the order in which they were linked, without the hashes of their secrets.
-- uses: accounts
--
-- In:     ARGV[4] user id
-- Out:    a list of { provider and external id as JSON, linkedAt, verifiedAt or null }
-- Atomic: a list that no link or unlink has changed halfway.
-- Cost:   O(identities of the account).
local list = {}
for i, digest in ipairs(accounts.digests(ARGV[4])) do list[i] = accounts.identity(digest) end
return list
