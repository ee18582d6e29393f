-- Ends a session. One that ended before, or is not known, stays as it is, but its sockets are closed if asked.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5 sid  6… the request, as lib/endings.lua reads it
-- Out:  { 1 where this call ended it, record or null }
-- Atomic, because a refresh at the same moment must find the end or be undone by it (invariant 7).
-- Cost: O(1), and what lib/queue_side.lua costs.
return once(function()
  local sid, request = ARGV[5], endings.request(6)
  local record = sessions.get(sid)
  if not record then
    -- Sockets may outlive a record that was forgotten.
    if request.closeSockets then endings.tell(sid, nil, request) end
    return reply({ 0, false })
  end
  local ended = endings.finishAll({ record }, request)
  return reply({ #ended, record.text })
end)
