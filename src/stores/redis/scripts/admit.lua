-- One admission step: lets in those whose turn it is, so many at a call; the caller goes on while there may be more.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] how many at most
-- Out:    { 1 where more may go, else 0; the tickets, each { id, record } }; event ticketsAdmitted
-- Atomic: rate, limit and order hold over all processes, because nobody is let in between the count and the pass.
-- Twice:  the second run is a step of its own, held by rate and limit; holders of the first find their pass by its standing.
-- Cost:   O(admitted × (lanes × processes + log waiting)), wherever in the line the present ones are.
core.settleMost()
redis.call("HSET", key("queue"), "stepAt", num(now))
local most = tonumber(ARGV[5])
local admitted, ids = {}, {}
local room, spent = core.admissible(), 0
while room >= 1 and #admitted < most do
  local entry = tickets.takeNext(settings.mode == "closed")
  if entry == nil then break end
  -- A session that has its slot by now takes neither another nor a login's worth of the rate.
  if core.admit(entry) then room, spent = room - 1, spent + 1 end
  if entry.sid ~= nil then
    -- The slot it takes may be one that is counted already.
    core.spendToken(spent)
    room, spent = core.admissible(), 0
  end
  ids[#ids + 1] = entry.id
  admitted[#admitted + 1] = tickets.show(entry)
end
core.spendToken(spent)
if #ids > 0 then publish({ type = "ticketsAdmitted", ticketIds = ids }) end
return reply({ #admitted == most and 1 or 0, admitted })
