-- Links one more identity to an account.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 the most identities of an account
--         6 to 11 the identity: digest, provider, external id, hash, version, verifiedAt
-- Out:    "done" | "unknown" | "linked" (to another account) | "full" | "rival" (it has one with a credential of the provider)
-- Atomic: an identity leads to one account, whoever links it at the same moment, and an account has one password of a provider.
-- Twice:  by `once`.
-- Cost:   O(identities of the account).
return once(function()
  local userId, identity = ARGV[4], accounts.identityAt(6)
  if not accounts.exists(userId) then return "unknown" end
  local owner = accounts.ownerOf(identity.digest)
  if owner == userId then return "done" end
  if owner then return "linked" end
  local digests = accounts.digests(userId)
  if #digests >= tonumber(ARGV[5]) then return "full" end
  if identity.version ~= "" then
    for _, digest in ipairs(digests) do
      local isOfProvider = accounts.field(digest, "provider") == identity.provider
      if isOfProvider and accounts.field(digest, "version") then return "rival" end
    end
  end
  accounts.attach(userId, identity)
  return "done"
end)
