-- Takes sids whose records are gone out of the list of all sessions.
-- uses: base, sessions
--
-- In:   5 how many to look at
-- Out:  { how many it looked at, how many there are }
-- Atomic, because a session that is looked at is in the list at no other time but before and after.
-- Cost: O(looked at). Sent again, it looks at as many more.
local lookedAt = sessions.sweep(tonumber(ARGV[5]))
return { lookedAt, redis.call("LLEN", key("sessions")) }
