-- Gives an account another username; the one that it had is free.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 username  6 its key
-- Out:    { "done", account } | { "unknown" } | { "taken" }
-- Atomic: of many who want a name one gets it.
-- Twice:  by `once`.
-- Cost:   O(1).
return once(function()
  local userId, name, nameKey = ARGV[4], ARGV[5], ARGV[6]
  if not accounts.exists(userId) then return { "unknown" } end
  local holder = accounts.holderOf(nameKey)
  if holder and holder ~= userId then return { "taken" } end
  accounts.rename(userId, name, nameKey)
  return { "done", accounts.read(userId) }
end)
