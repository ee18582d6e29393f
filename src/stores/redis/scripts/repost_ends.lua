-- Ends sessions that this process had ended, should the store have lost it: after a failover that lost the last writes.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5… for each: sid, and the request as lib/endings.lua reads it
-- Out:  how many it ended
-- Atomic, because a refresh of one of them at the same moment must find the end or be undone by it.
-- Cost: O(sessions named). Twice it does the same as once, and where nothing was lost it changes nothing.
local ended = 0
for at = 5, #ARGV, 5 do
  local record = sessions.get(ARGV[at])
  if record and record.endedAt == nil then
    endings.finish(record, endings.request(at + 1))
    ended = ended + 1
  end
end
return reply(ended)
