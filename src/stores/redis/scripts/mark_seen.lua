-- A token of the session was shown: remembers the time; does nothing for one that does not live.
-- uses: base, sessions
--
-- In:   5 sid
-- Out:  nothing
-- Atomic, because a rotation or an end between reading and writing the record would be undone.
-- Cost: O(1). Twice it does the same as once.
local record = sessions.getLive(ARGV[5])
if record then
  record.seenAt = now
  sessions.touch(record)
end
return false
