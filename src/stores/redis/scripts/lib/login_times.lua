-- How long logins take after their admission: the last hundred of them.
-- uses: base
--
-- Keys: logins  LIST  seconds, the latest last; 100 at most
local loginTimes = {}

local kept = 100
-- Fewer say nothing about the next.
local least = 8

-- The pass of the ticket opened a session now. A login that did not have to wait is quicker than any player: it does not count.
function loginTimes.add(entry)
  local admittedAt = entry.admittedAt
  if admittedAt == nil or admittedAt <= entry.enqueuedAt then return end
  redis.call("RPUSH", key("logins"), string.format("%.17g", math.max(0, now - admittedAt) / 1000))
  redis.call("LTRIM", key("logins"), -kept, -1)
end

-- nil below eight.
function loginTimes.medianSeconds()
  local seconds = redis.call("LRANGE", key("logins"), 0, -1)
  if #seconds < least then return nil end
  for index, value in ipairs(seconds) do seconds[index] = tonumber(value) end
  table.sort(seconds)
  return seconds[math.floor(#seconds / 2) + 1]
end

return loginTimes
