-- Whether a pass may be presented.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket
-- Out:    "unspent", "bound", "spent" or "none"
-- Atomic: what ran out by now is out before it answers.
-- Twice:  answers again.
-- Cost:   O(1).
core.settle()
local entry = tickets.get(ARGV[5])
if entry ~= nil and entry.status == "admitted" then return entry.claimedBy == nil and "unspent" or "bound" end
local tombstone = tickets.tombstone(ARGV[5])
local claim = tombstone and tombstone.claim
return claim and now < claim["until"] and "spent" or "none"
