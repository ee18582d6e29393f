-- Remembers that a token of a generation was presented; does nothing unless it is in force and pending.
-- uses: base, sessions
--
-- In:   5 sid  6 generation
-- Out:  nothing
-- Atomic, because a rotation or an end between reading and writing the record would be undone.
-- Cost: O(1). Twice it does the same as once.
local record = sessions.getLive(ARGV[5])
if record and record.generation == tonumber(ARGV[6]) and record.confirmedAt == nil then
  record.confirmedAt = now
  record.seenAt = now
  sessions.touch(record)
end
return false
