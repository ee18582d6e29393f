-- Lifts a ban.
-- uses: base, bans
--
-- In:   5 userId
-- Out:  the one that was in force: end and reason, or {}
-- Atomic, because a ban at the same moment would be lifted unseen.
-- Cost: O(1).
return once(function()
  local lifted = bans.inForce(ARGV[5]) or {}
  bans.lift(ARGV[5])
  return lifted
end)
