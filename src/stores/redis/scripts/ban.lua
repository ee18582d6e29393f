-- Bans a user; ends their sessions, closes their sockets and takes their ticket.
-- uses: base, settings, sessions, bans, queue_side, endings
--
-- In:   5 userId  6 end of the ban in ms, or "never"  7 reason, in words
--       8 "" for a ban that is made now; else it was made then, ms, and is posted again: it stands back behind what was
--         written since
-- Out:  { when it was made, ms, the ended: sid and record by turns, the ban in whose place it stands: end and reason, or {} }
-- Atomic, because a login at the same moment must be ended by it or refused by it (invariant 9).
-- Cost: O(sessions kept of the user).
return once(function()
  local userId, ends, reason = ARGV[5], ARGV[6], ARGV[7]
  if ARGV[8] ~= "" and (bans.writtenAt(userId) or -math.huge) >= tonumber(ARGV[8]) then
    return reply({ num(now), {}, {} })
  end
  local before = bans.inForce(userId) or {}
  bans.put(userId, ends, reason)
  -- A ban that is over already forbids nothing, and so ends nothing.
  if not bans.inForce(userId) then return reply({ num(now), {}, before }) end
  queueSide.banUser(userId, reason)
  local request = { reason = "banned", closeSockets = true, message = reason }
  local ended = endings.finishAll(sessions.ofUser(userId), request)
  return reply({ num(now), sessions.shown(ended), before })
end)
