-- A login without a pass: an admitted ticket on the spot, if nobody present waits and rate and slots allow.
-- uses: base, settings, tickets, queue_core, refusal
--
-- In:     ARGV[5] id of the ticket, which nobody had before; ARGV[6] 1 for one who may enter a closed queue, else 0
-- Out:    { "admitted" }, { "queueClosed" } or { "queueRequired", how many wait }
-- Atomic: of many at the same moment no more are let in than rate and limit allow, and none past somebody who waits.
-- Twice:  one that has its pass is told so again.
-- Cost:   O(log waiting).
core.settle()
local mayEnterClosed = ARGV[6] == "1"
local known = tickets.get(ARGV[5])
if known ~= nil and known.status == "admitted" then return { "admitted" } end
if not core.mayPassBy(mayEnterClosed) then return refusal(mayEnterClosed) end
local entry = tickets.create(ARGV[5], settings.defaultLane(), now)
entry.delivered = true
core.givePass(entry)
core.spendToken()
return { "admitted" }
