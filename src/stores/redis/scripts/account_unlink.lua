-- Takes an identity away from an account, or all of a provider.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 provider, as JSON  6 digest of the identity, "" for all of the provider
--         7 "1" where the last one may go
-- Out:    "done" | "none" (the account has none such) | "last" (no other would be left)
-- Atomic: of two that go at the same moment one stays.
-- Twice:  by `once`.
-- Cost:   O(identities of the account).
return once(function()
  local userId = ARGV[4]
  local digests = accounts.digests(userId)
  local parting = {}
  for _, digest in ipairs(digests) do
    local isMeant = ARGV[6] == "" and accounts.field(digest, "provider") == ARGV[5]
    if isMeant or digest == ARGV[6] then parting[#parting + 1] = digest end
  end
  if #parting == 0 then return "none" end
  if #parting == #digests and ARGV[7] ~= "1" then return "last" end
  for _, digest in ipairs(parting) do accounts.detach(userId, digest) end
  return "done"
end)
