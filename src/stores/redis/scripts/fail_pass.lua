-- A login with this pass failed: the last of its tries ends it, and its slot goes on.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5] ticket; ARGV[6] tries that a pass has
-- Out:    tries left
-- Atomic: tries at the same moment are counted one by one.
-- Twice:  counts once.
-- Cost:   O(log tickets).
return once(function()
  core.settle()
  local tries = tonumber(ARGV[6])
  local entry = tickets.get(ARGV[5])
  if entry == nil then return tickets.failSpentPass(ARGV[5], tries) end
  if entry.status == "waiting" then return 0 end
  entry.delivered = true
  entry.failedTries = entry.failedTries + 1
  if entry.failedTries < tries then
    tickets.save(entry)
    return tries - entry.failedTries
  end
  entry.claimedBy = nil
  core.finish(entry, "lapsed", now)
  return 0
end)
