-- Takes an account away, with its identities and its username.
-- uses: accounts
--
-- In:     ARGV[4] user id  5 "1" where it may go only while nobody but its maker was told of it
-- Out:    1 where it is gone by this call, else 0
-- Atomic: nobody finds an account that is going, and nothing of one is left.
-- Twice:  by `once`.
-- Cost:   O(identities of the account).
return once(function()
  if ARGV[5] == "1" and not accounts.isFresh(ARGV[4]) then return 0 end
  return accounts.remove(ARGV[4]) and 1 or 0
end)
