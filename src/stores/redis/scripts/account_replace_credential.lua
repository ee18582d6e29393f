-- Puts a credential in the place of the one that was seen.
-- uses: accounts
--
-- In:     ARGV[4] digest of the identity  5 the version seen  6 hash  7 version  8 verifiedAt
-- Out:    1 where it did, 0 where the credential is gone or another by now
-- Atomic: of many who saw the same one replaces it, so a mailed token works once.
-- Twice:  by `once`.
-- Cost:   O(1).
return once(function()
  if accounts.field(ARGV[4], "version") ~= ARGV[5] then return 0 end
  accounts.setCredential(ARGV[4], { hash = ARGV[6], version = ARGV[7], verifiedAt = ARGV[8] })
  return 1
end)
