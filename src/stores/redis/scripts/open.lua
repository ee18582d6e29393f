-- Opens a session, claiming its pass and checking ban and count.
-- uses: base, settings, sessions, bans, queue_side, endings
--
-- In:   5 sid  6 userId  7 userId as JSON  8 kind (a letter), shard, address, agent, nonce  9 clientVars  10 serverVars
--       11 username, groups, refreshSecretId, tokenId (8 to 11 as lib/sessions.lua has them)
--       12 tokenMs  13 idleMs  14 absoluteMs  15 "1" where a pass is presented  16 its ticket
--       17 most sessions a user may have, "" for any number  18 what happens beyond it: "replace" or "reject"
-- Out:  { "opened", record, the replaced ones } | { "repeated", sid, record } | { "banned", end, reason }
--       | { "passInvalid" } | { "tooManySessions" }
-- Atomic, because a ban, a second login with the same pass, or one more login of the user at the same moment must see
--       this session or be seen by it (invariants 4 and 9).
-- Cost: O(1) where any number of sessions is allowed, else O(sessions of the user that have not ended); and what lib/queue_side.lua costs.
local sid, userId = ARGV[5], ARGV[6]

-- Sent again after a lost answer.
local own = sessions.get(sid)
if own then
  return once(function()
    return reply({ "opened", own.text, {} })
  end)
end

local ban = bans.inForce(userId)
if ban then return reply({ "banned", ban[1], ban[2] }) end

local replaced = {}
local hasPass, ticketId, queuedWith = ARGV[15] == "1", ARGV[16], nil
if hasPass then
  local pass, ownerSid = queueSide.checkPass(ticketId, userId)
  local owner = ownerSid and sessions.getLive(ownerSid)
  if pass == "claimed" and owner then return reply({ "repeated", owner.sid, owner.text }) end
  if pass == "bound" and owner then
    queuedWith = owner.sid
    replaced[1] = owner
  elseif pass ~= "unspent" then
    return reply({ "passInvalid" })
  end
end

if ARGV[17] ~= "" then
  local live = {}
  for _, record in ipairs(sessions.notEnded(userId)) do
    if record.sid ~= queuedWith and sessions.isLive(record, now) then live[#live + 1] = record end
  end
  local excess = #live + 1 - tonumber(ARGV[17])
  if excess > 0 and ARGV[18] == "reject" then return reply({ "tooManySessions" }) end
  for index = 1, math.min(#live, excess) do replaced[#replaced + 1] = live[index] end
end

local absoluteEndsAt = now + tonumber(ARGV[14])
local record = {
  sid = sid,
  userId = userId,
  userJson = ARGV[7],
  fixed = ARGV[8],
  clientVars = ARGV[9],
  serverVars = ARGV[10],
  pair = ARGV[11],
  attempt = "null",
  createdAt = now,
  seenAt = now,
  idleEndsAt = math.min(now + tonumber(ARGV[13]), absoluteEndsAt),
  absoluteEndsAt = absoluteEndsAt,
  generation = 1,
  rotatedAt = now,
  previousRotatedAt = now,
  tokenExpiresAt = math.min(now + tonumber(ARGV[12]), absoluteEndsAt),
}
sessions.add(record)
sessions.put(record)
-- First: the end of the session that queued would take the ticket along.
if hasPass then queueSide.spendPass(ticketId, userId, sid) end
for _, record in ipairs(replaced) do endings.finish(record, { reason = "replaced", closeSockets = true }) end

local opened = { "opened", record.text, sessions.shown(replaced) }
if #replaced == 0 then return reply(opened) end
return once(function()
  return reply(opened)
end)
