-- A refresh: the table of DESIGN 4, a ban before it.
-- uses: base, settings, sessions, bans, queue_side, endings, refresh_policy
--
-- In:   5 sid  6 generation presented  7 attempt  8 clientVars, "" to keep them  9 serverVars, "" to keep them
--       10 username, groups, refreshSecretId, tokenId (7 to 10 as lib/sessions.lua has them)
--       11 tokenMs  12 idleMs  13 refreshGraceMs
-- Out:  { "rotated", record, 1 where the store had lost writes } | { "repeated", record } | { "revoked" }
--       | { "banned", end, reason } | { "expired", record } | { "reuse", record }
-- Atomic, because of refreshes with one token at most one may make a successor (invariant 8), and an end, a ban or the
--       expiry at the same moment must leave no live pair.
-- Cost: O(1): two GETs, one SET, the slot's lease.

-- What this call answered, when it was sent before, if it ended the session or made up for lost writes.
local function keptAnswer()
  local kept = redis.call("GET", key("once:" .. ARGV[3]))
  return kept and cmsgpack.unpack(kept)
end

local record = sessions.get(ARGV[5])
if not record then return keptAnswer() or reply({ "revoked" }) end
local ban = bans.inForce(record.userId)
if ban then return reply({ "banned", ban[1], ban[2] }) end

local presented, attempt, pair = tonumber(ARGV[6]), ARGV[7], ARGV[10]
local decision, from, lostWrites = refreshPolicy.decide(record, presented, attempt, tonumber(ARGV[13]))
if decision == "revoked" then return keptAnswer() or reply({ "revoked" }) end

-- Sent again: the pair in force was made by this very call.
local isOwn = presented == record.generation - 1 and pair == record.pair
if isOwn and decision ~= "expired" then return keptAnswer() or reply({ "rotated", record.text, 0 }) end

if decision == "repeat" then return reply({ "repeated", record.text }) end
if decision == "rotate" then
  local change = {
    clientVars = ARGV[8] ~= "" and ARGV[8] or nil,
    serverVars = ARGV[9] ~= "" and ARGV[9] or nil,
    pair = pair,
    attempt = attempt,
  }
  refreshPolicy.rotate(record, from, change, tonumber(ARGV[11]), tonumber(ARGV[12]))
  sessions.put(record)
  queueSide.renewSlot(record.sid)
  if not lostWrites then return reply({ "rotated", record.text, 0 }) end
  return once(function()
    return reply({ "rotated", record.text, 1 })
  end)
end

return once(function()
  endings.finish(record, { reason = decision, closeSockets = decision == "reuse" })
  return reply({ decision, record.text })
end)
