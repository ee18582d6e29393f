-- A poller asks where its ticket stands, and holds it from now on.
-- uses: base, settings, tickets, queue_core, join, standing
--
-- In:     ARGV[5] ticket  6 seconds until the next poll  7 address ("" where it is not known)
-- Out:    what lib/standing.lua says
-- Atomic: a pass that is shown counts as delivered, so that its ticket is not given its place back.
-- Twice:  polls again.
-- Cost:   O(log waiting).
core.settle()
local entry = tickets.get(ARGV[5])
if entry == nil then return reply(standing(ARGV[5])) end
if ARGV[7] ~= "" then join.moveTo(entry, ARGV[7]) end
if entry.status == "admitted" then entry.delivered = true end
join.takeOver(entry, { kind = "poll", nextPollSeconds = tonumber(ARGV[6]) })
return reply(standing(ARGV[5]))
