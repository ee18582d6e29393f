-- Ends every session of a user but one; closes the sockets of those that ended before, if asked.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5 userId  6 "1" where one is spared  7 its sid  8… the request, as lib/endings.lua reads it
-- Out:  the ended: sid and record by turns
-- Atomic, because a login or refresh at the same moment must be ended by it or come after it.
-- Cost: O(sessions kept of the user).
return once(function()
  local spared = ARGV[6] == "1" and ARGV[7] or nil
  local records = {}
  for _, record in ipairs(sessions.ofUser(ARGV[5])) do
    if record.sid ~= spared then records[#records + 1] = record end
  end
  return reply(sessions.shown(endings.finishAll(records, endings.request(8))))
end)
