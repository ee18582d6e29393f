-- What is left of finished tickets, until nobody can hold a valid JWT of them any more.
-- uses: base, escape
--
-- Keys: tomb:<ticket>  STRING  when it is forgotten (ms), reason, failed tries, and of a claim its end, user and session, a
--                              tab between them; expires when it is forgotten
--       givenup        LIST    of the tickets that were given up or lapsed: when it is forgotten, and its id
--
-- A stone in Lua: { reason, failedTries, claim = nil or { userId, sid, ["until"] }, forgetAt }. One that is over is none,
-- whether Redis let it expire or not.
local tombstones = {}

-- How many tickets are remembered that their holders gave up, or let lapse. Anybody can make those as fast as the server
-- answers. One that is forgotten early may be put back in its order, as if its holder had stayed away a little less long:
-- whoever makes so many could have kept as many places. Tickets that were used or taken away are never forgotten early.
local mostGivenUp = 100000
-- More than are put, so that what is over does not pile up.
local forgottenAtOnce = 3

local pattern = "^(%d+)\t(%a+)\t(%d+)\t(%d*)\t([^\t]*)\t(.*)$"

local function write(ticketId, stone)
  local claim = stone.claim
  local text = table.concat({
    num(stone.forgetAt), stone.reason, num(stone.failedTries),
    claim and num(claim["until"]) or "", claim and escape(claim.userId) or "", claim and escape(claim.sid) or "",
  }, "\t")
  redis.call("SET", key("tomb:" .. ticketId), text, "PX", num(math.max(1, stone.forgetAt - now)))
end

-- Forgets the first of the given up; answers whether there was one that may be forgotten by then.
local function forgetGivenUp(at)
  local first = redis.call("LINDEX", key("givenup"), 0)
  if not first then return false end
  local forgetAt, ticketId = string.match(first, "^(%d+) (.*)$")
  if tonumber(forgetAt) > at then return false end
  redis.call("LPOP", key("givenup"))
  local stone = tombstones.get(ticketId)
  -- It may have come back since, and be over for another time.
  if stone ~= nil and stone.forgetAt == tonumber(forgetAt) then redis.call("DEL", key("tomb:" .. ticketId)) end
  return true
end

function tombstones.get(ticketId)
  local text = redis.call("GET", key("tomb:" .. ticketId))
  if not text then return nil end
  local forgetAt, reason, failedTries, claimEnd, userId, sid = string.match(text, pattern)
  if tonumber(forgetAt) <= now then return nil end
  local claim = nil
  if claimEnd ~= "" then claim = { userId = unescape(userId), sid = unescape(sid), ["until"] = tonumber(claimEnd) } end
  return { reason = reason, failedTries = tonumber(failedTries), claim = claim, forgetAt = tonumber(forgetAt) }
end

-- Keeps one that is there as it is now.
function tombstones.save(ticketId, stone)
  write(ticketId, stone)
end

-- A new one, with its `forgetAt`.
function tombstones.put(ticketId, stone)
  if stone.forgetAt <= now then
    redis.call("DEL", key("tomb:" .. ticketId))
    return
  end
  write(ticketId, stone)
  if stone.claim ~= nil or stone.reason == "admitted" or stone.reason == "removed" then return end
  redis.call("RPUSH", key("givenup"), num(stone.forgetAt) .. " " .. ticketId)
  for _ = 1, forgottenAtOnce do
    if not forgetGivenUp(now) then break end
  end
  if redis.call("LLEN", key("givenup")) > mostGivenUp then forgetGivenUp(math.huge) end
end

return tombstones
