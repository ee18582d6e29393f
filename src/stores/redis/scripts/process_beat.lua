-- A process says that it is alive, how far it has heard, and how many sockets it closed for which ends.
-- uses: base
--
-- Keys: procs          ZSET   process -> end of its lease, by Redis's own time, ms
--       heard          HASH   process -> last entry of the feed that its listeners heard
--       feed           STREAM what happened in the last ten minutes, and the last entry of all; 100 000 at most
--       reply:<other>  STREAM acknowledgements to one process, gone a minute after the last
-- In:   ARGV[4] length of the lease, ms; ARGV[5] last entry heard, or "" to begin at the end of the feed;
--       ARGV[6...] acknowledgements in threes: process that wrote the entry, the entry, sockets closed.
-- Out:  first and last entry of the feed.
-- Atomic, so that no lease is renewed by a process that keeps an acknowledgement back, and nothing is written between the
-- end of the feed and the beginning of the lease. Running it twice repeats acknowledgements, which count once.
-- Cost: O(log processes + acknowledgements); about once a minute one call is O(processes + entries trimmed).
local feed = key("feed")
-- As long as a process may be away and still hear all that it missed; after that it reads again what it would have been told.
-- No longer, for what one call publishes that ends a million sessions takes more than a hundred megabytes.
local keptMs = 10 * 60 * 1000
local trimmedEveryMs = 60 * 1000

local function idOf(entries)
  return entries[1] and entries[1][1]
end

-- A feed that is there is never empty: its absence tells that the database was lost.
local last = idOf(redis.call("XREVRANGE", feed, "+", "-", "COUNT", 1))
if not last then last = redis.call("XADD", feed, "*", "by", "", "events", "[]") end
local first = idOf(redis.call("XRANGE", feed, "-", "+", "COUNT", 1))

local dead = redis.call("ZRANGEBYSCORE", key("procs"), "-inf", num(redisNow - 60000), "LIMIT", 0, 100)
for _, process in ipairs(dead) do
  redis.call("ZREM", key("procs"), process)
  redis.call("HDEL", key("heard"), process)
end

local function timeOf(id)
  return tonumber(string.match(id, "^%d+"))
end

if timeOf(first) < redisNow - keptMs - trimmedEveryMs and first ~= last then
  local oldest = math.min(redisNow - keptMs, timeOf(last))
  -- The last entry that a process heard stays: by its being there it knows that it missed nothing.
  for _, heard in ipairs(redis.call("HVALS", key("heard"))) do oldest = math.min(oldest, timeOf(heard)) end
  redis.call("XTRIM", feed, "MINID", num(oldest))
  first = idOf(redis.call("XRANGE", feed, "-", "+", "COUNT", 1))
end

for at = 6, #ARGV, 3 do
  local reply = key("reply:" .. ARGV[at])
  redis.call("XADD", reply, "MAXLEN", "~", "10000", "*", "entry", ARGV[at + 1], "by", ARGV[2], "closed", ARGV[at + 2])
  redis.call("PEXPIRE", reply, "60000")
end

redis.call("ZADD", key("procs"), num(redisNow + tonumber(ARGV[4])), ARGV[2])
redis.call("HSET", key("heard"), ARGV[2], ARGV[5] == "" and last or ARGV[5])
return { first, last }
