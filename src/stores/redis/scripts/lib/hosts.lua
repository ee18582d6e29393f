-- The processes that are alive, each under one lease for all its tickets and sockets.
-- uses: base
--
-- Keys: hosts  ZSET  process -> end of its lease, ms; one whose loss was settled is not in it.
--
-- This part knows nothing of tickets. `lib/tickets.lua` asks it which processes count, and has `hostLost(hostId, at)` and
-- `hostBack(hostId)`, which `core.settle` and `core.leaseHost` call: a ticket that a socket holds is present while its
-- process is in here, without being touched when that changes.
local hosts = {}

-- Whether the process is alive, or its loss is still to be settled: what counts while times of before now are settled.
function hosts.has(hostId)
  return redis.call("ZSCORE", key("hosts"), hostId) ~= false
end

-- Ids of the processes whose lease runs now. What they hold is present; admission takes from them alone.
function hosts.alive()
  if hosts.known == nil then
    hosts.known = redis.call("ZRANGEBYSCORE", key("hosts"), "(" .. num(now), "+inf")
  end
  return hosts.known
end

-- A new lease. Answers whether the process was in here before.
function hosts.set(hostId, endsAt)
  hosts.known = nil
  local wasThere = hosts.has(hostId)
  redis.call("ZADD", key("hosts"), num(endsAt), hostId)
  return wasThere
end

-- The first lease that has run out by then: its end, and the process; nil where there is none.
function hosts.dueAt(at)
  local due = redis.call("ZRANGEBYSCORE", key("hosts"), "-inf", num(at), "WITHSCORES", "LIMIT", 0, 1)
  if due[1] == nil then return nil end
  return tonumber(due[2]), due[1]
end

function hosts.delete(hostId)
  hosts.known = nil
  redis.call("ZREM", key("hosts"), hostId)
end

return hosts
