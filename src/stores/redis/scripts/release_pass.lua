-- Gives an unspent pass's slot back at once.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket
-- Out:    nothing
-- Atomic: a login that opens a session with it comes before, and keeps the slot, or after, and finds no pass.
-- Twice:  finds no pass.
-- Cost:   O(log tickets).
core.settle()
local entry = tickets.get(ARGV[5])
if entry ~= nil and entry.status == "admitted" and entry.claimedBy == nil then core.finish(entry, "left", now) end
return false
