-- Makes an account, with an identity that leads to it or without one.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 username  6 its key  7 groups, as JSON
--         8 to 13 the identity: digest ("" for none), provider, external id, hash, version, verifiedAt
-- Out:    { "made", account } | { "linked" } | { "taken" }
-- Atomic: of many who want a name or an identity one gets it, and a refused call leaves neither.
-- Twice:  by `once`.
-- Cost:   O(1).
return once(function()
  local userId = ARGV[4]
  local identity = nil
  if ARGV[8] ~= "" then identity = accounts.identityAt(8) end
  local account = { userId = userId, name = ARGV[5], nameKey = ARGV[6], groups = ARGV[7] }
  local outcome = accounts.create(account, identity)
  if outcome ~= "made" then return { outcome } end
  return { outcome, accounts.read(userId) }
end)
