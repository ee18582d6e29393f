-- Closes every socket of a session on every process; the session lives on, its slot goes with the last socket.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5 sid  6 reason, in words  7 "1" for one that is idle
-- Out:  nothing
-- Atomic, because the slot must not be found free between the request and the last socket.
-- Cost: O(1), and what lib/queue_side.lua costs.
return once(function()
  endings.disconnect(ARGV[5], ARGV[6], ARGV[7] == "1")
  return reply(false)
end)
