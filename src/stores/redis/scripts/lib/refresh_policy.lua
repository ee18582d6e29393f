-- Whether a refresh rotates, repeats or betrays a thief: the table of DESIGN 4, as src/sessions/refresh-policy.ts has it.
-- uses: base, sessions
local refreshPolicy = {}

-- Two refreshes without an `attempt` count as the same attempt for this long.
local anonymousAttemptMs = 24 * 60 * 60 * 1000

-- The answer to the rotation was lost and the same client asks again: nobody has shown the successor yet.
local function isRetryOfLastRotation(record, presented, attempt)
  if presented ~= record.generation - 1 or record.confirmedAt ~= nil then return false end
  if attempt ~= record.attempt then return false end
  return attempt ~= "null" or now - record.rotatedAt < anonymousAttemptMs
end

-- The row that a presented generation falls in: "revoked", "expired", "rotate", "repeat" or "reuse". With "rotate" the
-- generation to go on from, and whether the store had lost writes. `attempt` is JSON. A ban is looked at before.
function refreshPolicy.decide(record, presented, attempt, graceMs)
  if record == nil or record.endedAt ~= nil then return "revoked" end
  if not sessions.isLive(record, now) then return "expired" end
  local current = record.generation
  if presented >= current then return "rotate", presented, presented > current end
  -- No generation below 1 was ever minted.
  if presented < 1 then return "reuse" end
  if isRetryOfLastRotation(record, presented, attempt) then return "repeat" end

  local replacedAt = nil
  if presented == current - 1 then replacedAt = record.rotatedAt end
  if presented == current - 2 then replacedAt = record.previousRotatedAt end
  if replacedAt == nil then return "reuse" end
  local recentlyReplaced = now - replacedAt < graceMs
  local recentlyConfirmed = presented == current - 1
    and record.confirmedAt ~= nil
    and now - record.confirmedAt < graceMs
  return (recentlyReplaced or recentlyConfirmed) and "repeat" or "reuse"
end

-- Rotates from generation `from`. `change` has clientVars, serverVars (nil keeps them), pair and attempt, all JSON.
-- Creation and absolute end stay; the idle end slides up to the latter.
function refreshPolicy.rotate(record, from, change, tokenMs, idleMs)
  record.generation = from + 1
  record.previousRotatedAt = record.rotatedAt
  record.rotatedAt = now
  record.confirmedAt = nil
  record.seenAt = now
  record.idleEndsAt = math.min(now + idleMs, record.absoluteEndsAt)
  record.tokenExpiresAt = math.min(now + tokenMs, record.absoluteEndsAt)
  record.clientVars = change.clientVars or record.clientVars
  record.serverVars = change.serverVars or record.serverVars
  record.pair = change.pair
  record.attempt = change.attempt
end

return refreshPolicy
