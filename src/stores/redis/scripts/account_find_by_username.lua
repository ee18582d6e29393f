-- The account that has a username.
-- uses: accounts
--
-- In:     ARGV[4] key of the username
-- Out:    account, or null
-- Atomic: the account has that name, and not one that it took since.
-- Cost:   O(1).
local userId = accounts.holderOf(ARGV[4])
if not userId then return false end
return accounts.read(userId)
