-- An operator lets one ticket in, ahead of the line and of the rate, not beyond the limit.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket
-- Out:    "admitted", "already", "full" or "unknown"; event ticketsAdmitted
-- Atomic: the slot that is free is the one that it takes, and of two who ask at once one is told that it was them.
-- Twice:  answers the same again.
-- Cost:   O(log waiting).
return once(function()
  core.settle()
  local entry = tickets.get(ARGV[5])
  if entry == nil then return reply("unknown") end
  if entry.status == "admitted" then return reply("already") end
  if core.needsSlot(entry.sid) and not core.hasRoom() then return reply("full") end
  if core.admit(entry) then core.spendToken() end
  publish({ type = "ticketsAdmitted", ticketIds = { entry.id } })
  return reply("admitted")
end)
