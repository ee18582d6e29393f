-- Replaces the groups of an account.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 groups, as JSON
-- Out:    { "done", account } | { "unknown" }
-- Atomic: an account that is deleted at the same moment does not come back as groups alone.
-- Twice:  by `once`.
-- Cost:   O(1).
return once(function()
  local userId = ARGV[4]
  if not accounts.exists(userId) then return { "unknown" } end
  accounts.setGroups(userId, ARGV[5])
  return { "done", accounts.read(userId) }
end)
