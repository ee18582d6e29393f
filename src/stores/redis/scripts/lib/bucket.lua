-- Who is let in, and when: the rules of src/login-queue/admission.ts, and the bucket of logins that the rate allows.
-- uses: base, settings
--
-- Keys: queue  HASH  tokens, countedAt: so many logins were allowed at that moment, ms
local bucket = {}

-- One second's worth unless configured, and never less than one login.
function bucket.effectiveBurst()
  return math.max(1, settings.loginBurst or settings.targetLoginRatePerSecond)
end

-- The limit after the safety margin.
function bucket.effectiveLimit()
  -- Multiplied first: a quotient such as 0.1 is a little less than it looks, and would cost a slot.
  return math.floor((settings.targetCcuLimit * (100 - settings.safetyMarginPercent)) / 100)
end

local function put(tokens, countedAt)
  redis.call("HSET", key("queue"), "tokens", string.format("%.17g", tokens), "countedAt", num(countedAt))
end

-- The bucket of a store that begins.
function bucket.begin()
  put(bucket.effectiveBurst(), now)
end

-- The bucket as it is now, and when that is: an idle queue banks no more than the burst.
local function refilled()
  local kept = redis.call("HMGET", key("queue"), "tokens", "countedAt")
  local tokens, countedAt = tonumber(kept[1]), tonumber(kept[2])
  local elapsedSeconds = math.max(0, now - countedAt) / 1000
  local allowed = tokens + elapsedSeconds * settings.targetLoginRatePerSecond
  return math.min(bucket.effectiveBurst(), allowed), math.max(now, countedAt)
end

-- Logins that the rate allows.
function bucket.tokens()
  return (refilled())
end

-- Before the rate or the burst changes: the time until now goes by those of before.
function bucket.refill()
  put(refilled())
end

-- So many logins' worth of the rate.
function bucket.spend(count)
  local tokens, countedAt = refilled()
  put(tokens - count, countedAt)
end

-- How many may be admitted at this moment. `open` admits all and counts only; `paused` admits none. `closed` goes by rate
-- and limit as `auto` does: only those whom the access rules let in are offered then.
function bucket.admissible(liveSlots, holdUntil)
  local mode = settings.mode
  if now < holdUntil or mode == "paused" then return 0 end
  if mode == "open" then return math.huge end
  return math.max(0, math.min(math.floor(bucket.tokens()), bucket.effectiveLimit() - liveSlots))
end

return bucket
