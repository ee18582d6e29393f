-- A process is alive, and these sessions have sockets there: a part of the list, which is complete with its last part.
-- uses: base, settings, slots, tickets, queue_core
--
-- In:     ARGV[5] process; ARGV[6] name of this renewal, the same for all its parts; ARGV[7] 1 for the last part, else 0;
--         ARGV[8] how many sessions at most to close at a call; ARGV[9…] sids
-- Out:    1 where sessions that were not named are still to be closed: call again without sids; else 0
-- Atomic: a part is in force as a whole; a socket that opens or closes between two parts is counted as it happened.
-- Twice:  renews again.
-- Cost:   O(sids × log slots).
core.settle()
local hostId = ARGV[5]
core.leaseHost(hostId)
local renewal = slots.renewal(hostId, ARGV[6])
local sids = {}
for index = 9, #ARGV do sids[#sids + 1] = ARGV[index] end
slots.renew(hostId, renewal, sids, core.connectedLeaseEnd())
if ARGV[7] == "0" then return 0 end
local unnamed = slots.unnamedOf(hostId, renewal, tonumber(ARGV[8]))
for _, sid in ipairs(unnamed) do core.socketsClosed(sid, hostId, now) end
return #unnamed == tonumber(ARGV[8]) and 1 or 0
