-- The bans. One that has an end is over at that moment, whoever looks.
-- uses: base
--
-- Keys: ban:<userId>  STRING  when it ends, in ms ("never", or "lifted" for one that was taken back), when that was
--                             written, the reason. One with an end expires a day after it, a lifted one after an hour; one
--                             without is kept until it is lifted.
local bans = {}

local keyMarginMs = 24 * 60 * 60 * 1000
local longestKeyMs = 100 * 365 * 24 * 60 * 60 * 1000
-- Longer than repost.ts posts a ban again: a process that does not know that it was lifted must not bring it back.
local liftedMs = 60 * 60 * 1000

-- What was written last: its end, the moment, the reason. nil where there is nothing.
local function read(userId)
  local text = redis.call("GET", key("ban:" .. userId))
  if not text then return nil end
  local ends, writtenAt, from = string.match(text, "^(%S+) (%d+) ()")
  return ends, tonumber(writtenAt), string.sub(text, from)
end

-- The ban that keeps the user out now, as { end, reason }, the end as it was given ("never" for none); or nil.
function bans.inForce(userId)
  local ends, _, reason = read(userId)
  if ends == nil or ends == "lifted" or (ends ~= "never" and tonumber(ends) <= now) then return nil end
  return { ends, reason }
end

-- When the user was banned, or a ban lifted, last; nil where that is not known any more.
function bans.writtenAt(userId)
  local _, writtenAt = read(userId)
  return writtenAt
end

-- `ends`: ms as text, or "never".
function bans.put(userId, ends, reason)
  local name, text = key("ban:" .. userId), ends .. " " .. num(now) .. " " .. reason
  if ends == "never" then
    redis.call("SET", name, text)
    return
  end
  local keptMs = math.min(longestKeyMs, math.max(0, tonumber(ends) - now) + keyMarginMs)
  redis.call("SET", name, text, "PX", num(math.ceil(keptMs)))
end

function bans.lift(userId)
  redis.call("SET", key("ban:" .. userId), "lifted " .. num(now) .. " ", "PX", num(liftedMs))
end

return bans
