-- An operator puts a waiting ticket at another place of its lane.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket  6 place, 1 the next; beyond the last: the last
-- Out:    its place, or null where no such ticket waits
-- Atomic: the places of all others stay in their order.
-- Twice:  puts it there again.
-- Cost:   O(log waiting), and as much for each ticket ahead whose order leaves no gap to the next.
core.settle()
local entry = tickets.get(ARGV[5])
if entry == nil or entry.status ~= "waiting" then return false end
return tickets.move(entry, tonumber(ARGV[6]))
