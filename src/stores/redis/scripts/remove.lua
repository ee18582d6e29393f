-- An operator takes a place away.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket  6 what its holder is told
-- Out:    1 where there was one, else 0; event ticketRemoved
-- Atomic: the slot of its pass is free in the same step.
-- Twice:  answers the same again.
-- Cost:   O(log waiting).
return once(function()
  core.settle()
  local entry = tickets.get(ARGV[5])
  if entry == nil then return reply(0) end
  core.finish(entry, "removed", now)
  publish({ type = "ticketRemoved", ticketId = entry.id, reason = ARGV[6] })
  return reply(1)
end)
