-- The holder's socket is gone: its ticket is away, unless another holder has it by now.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket  6 id of the socket
-- Out:    nothing
-- Atomic: a holder that takes the ticket at the same moment keeps it.
-- Twice:  the second finds no such holder.
-- Cost:   O(log waiting).
core.settle()
local entry = tickets.get(ARGV[5])
if entry ~= nil and entry.holder ~= nil and entry.holder.kind == "socket" and entry.holder.id == ARGV[6] then
  tickets.setHolder(entry, nil)
end
return false
