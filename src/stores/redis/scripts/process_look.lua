-- Who of these processes is alive, how far each has heard, and what was acknowledged to the caller.
-- uses: base
--
-- Keys: as process_beat.lua
-- In:   ARGV[4] the caller's reply stream is read on from here; ARGV[5...] processes.
-- Out:  { processes alive, each followed by the last entry it heard; at most 1 000 entries of the reply stream }
-- Atomic, so that whoever is past an entry has its acknowledgement in the same answer. Only reads.
-- Cost: O(processes asked for + entries).
local alive = {}
for at = 5, #ARGV do
  local leaseEnd = redis.call("ZSCORE", key("procs"), ARGV[at])
  if leaseEnd and tonumber(leaseEnd) > redisNow then
    alive[#alive + 1] = ARGV[at]
    alive[#alive + 1] = redis.call("HGET", key("heard"), ARGV[at]) or "0-0"
  end
end
return { alive, redis.call("XRANGE", key("reply:" .. ARGV[2]), "(" .. ARGV[4], "+", "COUNT", 1000) }
