-- The ticket with an id, and the one of a user with the same: an operator's search. Nothing of theirs changes.
-- uses: base, settings, hosts, ticket_record, tickets, queue_core
--
-- In:     ARGV[5] id of a ticket or of a user
-- Out:    { the processes that are alive; the tickets: id, record and 1 + how many are ahead (0 of an admitted one) by turns }
-- Atomic: what is said of them is of one moment.
-- Twice:  answers again.
-- Cost:   O(log waiting).
core.settle()
local found = {}
local function add(entry)
  found[#found + 1] = entry.id
  found[#found + 1] = ticketRecord.pack(entry)
  found[#found + 1] = entry.status == "waiting" and tickets.rank(entry) or 0
end
local byId, ofUser = tickets.get(ARGV[5]), tickets.ofUser(ARGV[5])
if byId ~= nil then add(byId) end
if ofUser ~= nil and ofUser ~= byId then add(ofUser) end
return { hosts.alive(), found }
