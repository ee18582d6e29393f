-- A process has sockets of the session, or has none any more.
-- uses: base, settings, slots, tickets, queue_core
--
-- In:     ARGV[5] sid; ARGV[6] process; ARGV[7] 1 for open, 0 for closed
-- Out:    nothing
-- Atomic: the last socket to close over all processes begins player grace, and no other.
-- Twice:  opens what is open, closes what is closed.
-- Cost:   O(log sockets).
core.settle()
local sid, hostId = ARGV[5], ARGV[6]
if ARGV[7] == "0" then
  core.socketsClosed(sid, hostId, now)
  return false
end
core.leaseHost(hostId)
slots.socketsOpened(sid, hostId)
-- A slot that is not there is not made here: who opens a socket must have been let in.
if slots.isHeld(sid) then
  slots.prolong(sid, core.connectedLeaseEnd())
  core.spendBoundTicket(sid)
end
return false
