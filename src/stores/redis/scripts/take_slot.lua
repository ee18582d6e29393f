-- A session without a slot wants into a game room.
-- uses: base, settings, slots, tickets, sessions, queue_core, refusal
--
-- In:     ARGV[5] sid; ARGV[6] 1 for one who may enter a closed queue, else 0
-- Out:    { "held" }, { "taken" }, { "queueClosed" } or { "queueRequired", how many wait }
-- Atomic: of many at the same moment no more take one than rate and limit allow, and a session takes one.
-- Twice:  the session holds what it took.
-- Cost:   O(log slots).
core.settle()
local sid, mayEnterClosed = ARGV[5], ARGV[6] == "1"
if sessions.getLive(sid, now) == nil then return refusal(mayEnterClosed) end
if slots.isHeld(sid) then
  core.spendBoundTicket(sid)
  return { "held" }
end
-- The slot of a session that was thrown out is counted until its last socket is closed.
if not core.mayPassBy(mayEnterClosed, slots.has(sid) and 1 or 0) then return refusal(mayEnterClosed) end
core.spendToken()
slots.hold(sid, core.slotLeaseEnd())
return { "taken" }
