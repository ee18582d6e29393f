-- Adds an entry to the audit list, and lets go of the oldest beyond those that are kept.
-- uses: base
--
-- In:   ARGV[4] the entry, as JSON  5 how many are kept
-- Out:  { id, at }
-- Keys: audit  ZSET  `<id> <at, ms> <JSON>` -> id: 1, 2, 3 …; kept until newer ones take their place
-- Atomic, because of two entries at one moment each must have an id of its own, above that of whoever was first.
-- Cost: O(log entries).
return once(function()
  local last = redis.call("ZRANGE", key("audit"), -1, -1, "WITHSCORES")
  local id, at = num((tonumber(last[2]) or 0) + 1), num(now)
  redis.call("ZADD", key("audit"), id, id .. " " .. at .. " " .. ARGV[4])
  redis.call("ZREMRANGEBYRANK", key("audit"), 0, -1 - tonumber(ARGV[5]))
  return { id, at }
end)
