-- The holder gives its place up, or its unspent pass.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket  6 id of the socket that must still hold it; not there for whoever does
-- Out:    1 where there was something to give up, else 0
-- Atomic: the slot of the pass is free in the same step, and no other holder loses the place.
-- Twice:  answers the same again.
-- Cost:   O(log waiting).
return once(function()
  core.settle()
  local entry = tickets.get(ARGV[5])
  if entry == nil then return 0 end
  local holder = entry.holder
  local isHeld = holder ~= nil and holder.kind == "socket" and holder.id == ARGV[6]
  if ARGV[6] ~= nil and not isHeld then return 0 end
  -- The slot of a ticket that was admitted for a session is that session's.
  core.finish(entry, entry.claimedBy == nil and "left" or "admitted", now)
  return 1
end)
