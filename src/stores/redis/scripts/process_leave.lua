-- A process goes: nobody waits for it any more.
-- uses: base
--
-- Keys: as process_beat.lua
-- Atomic, so that it is not half gone. Safe to run twice.
-- Cost: O(log processes).
redis.call("ZREM", key("procs"), ARGV[2])
redis.call("HDEL", key("heard"), ARGV[2])
redis.call("DEL", key("reply:" .. ARGV[2]))
return 1
