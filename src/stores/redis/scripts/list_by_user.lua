-- The live sessions of a user, oldest first.
-- uses: base, sessions
--
-- In:   5 userId
-- Out:  sid and record by turns
-- Atomic, because the list and what it names would not fit together otherwise.
-- Cost: O(sessions of the user that have not ended).
local live = {}
for _, record in ipairs(sessions.notEnded(ARGV[5])) do
  if sessions.isLive(record, now) then live[#live + 1] = record end
end
return sessions.shown(live)
