-- Closes every socket of every session of a user, those included that ended and left their sockets open.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5 userId  6 reason, in words
-- Out:  nothing
-- Atomic, because a session opened at the same moment is among them or comes after.
-- Cost: O(sessions kept of the user).
return once(function()
  for _, record in ipairs(sessions.ofUser(ARGV[5])) do endings.disconnect(record.sid, ARGV[6], false) end
  return reply(false)
end)
