-- The account of an identity, with the identity's credential.
-- uses: accounts
--
-- In:     ARGV[4] digest of the identity
-- Out:    { account, { hash, version, verifiedAt } }, or null
-- Atomic: an account that somebody has found cannot be taken back by its maker.
-- Twice:  the same answer.
-- Cost:   O(1).
local owner = accounts.tell(ARGV[4])
if not owner then return false end
return { accounts.read(owner), accounts.credential(ARGV[4]) }
