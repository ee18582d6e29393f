-- The records of sessions, found by sid and by user, and forgotten when nothing could ask for them any more.
-- uses: base
--
-- Keys: s:<sid>     STRING  the record, as below; expires a day after it is forgotten
--       u:<userId>  ZSET    the user's sids -> how manieth, below zero for one that ended: those are kept until they are
--                           forgotten, and a login must not have to look at all of them; the key as long as the longest
--       sessions    LIST    every sid, for what goes through all of them; the sweep takes out those that are forgotten
--       swept       STRING  how many sids the sweep ever took from the head of `sessions`
--
-- A record is one JSON array over seven lines, a line for each part that changes at a time of its own. A script knows the
-- numbers of the first; the other lines it takes as they are, and so changes nothing in them that JSON of Lua would lose.
--   1  createdAt, and from it on, in ms: seenAt, idleEndsAt, absoluteEndsAt; generation; rotatedAt, previousRotatedAt,
--      confirmedAt, tokenExpiresAt, the end; its reason
--   2  userId   3  kind (a letter), shard, address, agent, nonce   4  clientVars   5  serverVars
--   6  username, groups, refreshSecretId, tokenId       7  attempt
-- `session-codec.ts` reads the same. A record in Lua has these names, times as ms since the epoch, and the lines as JSON.
local sessions = {}

-- A session that ran out without being ended stays this much longer, so that a late refresh hears TOKEN_EXPIRED.
local expiredReadableMs = 24 * 60 * 60 * 1000
-- Logic goes by the record's own times. Keys go later, so that no clock is asked to agree with another.
local keyMarginMs = 24 * 60 * 60 * 1000
-- As long as a key may live: Redis takes no number of any size.
local longestKeyMs = 100 * 365 * 24 * 60 * 60 * 1000
-- So many of a user's oldest sids of either kind are looked at when one more is added: more than are added, so that none pile up.
local lookedAtWhenAdding = 3

local head = "^%[(%d+)" .. string.rep(",([^,]+)", 10) .. ",$"

-- All digits that a number has, fractions too.
local function exact(x)
  return string.format("%.17g", x)
end

local function recordKey(sid)
  return key("s:" .. sid)
end

local function userKey(userId)
  return key("u:" .. userId)
end

-- A user's id from its JSON, which seldom is more than quotes around it.
local function textOf(json)
  if string.find(json, "\\", 1, true) then return cjson.decode("[" .. json .. "]")[1] end
  return string.sub(json, 2, -2)
end

local function linesOf(text)
  local lines, from = {}, 1
  for number = 1, 6 do
    local at = string.find(text, "\n", from, true)
    lines[number] = string.sub(text, from, at - 1)
    from = at + 1
  end
  lines[7] = string.sub(text, from)
  return lines
end

local function parse(sid, text)
  local lines = linesOf(text)
  local createdAt, seen, idle, absolute, generation, rotated, previous, confirmed, tokenEnds, ended, reason =
    string.match(lines[1], head)
  createdAt = tonumber(createdAt)
  local function time(offset)
    return offset ~= "null" and createdAt + tonumber(offset) or nil
  end
  local userJson = string.sub(lines[2], 1, -2)
  return {
    sid = sid,
    text = text,
    createdAt = createdAt,
    seenAt = time(seen),
    idleEndsAt = time(idle),
    absoluteEndsAt = time(absolute),
    generation = tonumber(generation),
    rotatedAt = time(rotated),
    previousRotatedAt = time(previous),
    confirmedAt = time(confirmed),
    tokenExpiresAt = time(tokenEnds),
    endedAt = time(ended),
    endReason = reason ~= "null" and string.sub(reason, 2, -2) or nil,
    userId = textOf(userJson),
    userJson = userJson,
    fixed = string.sub(lines[3], 1, -2),
    clientVars = string.sub(lines[4], 1, -2),
    serverVars = string.sub(lines[5], 1, -2),
    pair = string.sub(lines[6], 1, -2),
    attempt = string.sub(lines[7], 1, -2),
  }
end

local function format(record)
  local createdAt = record.createdAt
  local function offset(time)
    return time and exact(time - createdAt) or "null"
  end
  local numbers = {
    exact(createdAt),
    offset(record.seenAt),
    offset(record.idleEndsAt),
    offset(record.absoluteEndsAt),
    exact(record.generation),
    offset(record.rotatedAt),
    offset(record.previousRotatedAt),
    offset(record.confirmedAt),
    offset(record.tokenExpiresAt),
    offset(record.endedAt),
    record.endReason and '"' .. record.endReason .. '"' or "null",
  }
  return table.concat({
    "[" .. table.concat(numbers, ","),
    record.userJson,
    record.fixed,
    record.clientVars,
    record.serverVars,
    record.pair,
    record.attempt .. "]",
  }, ",\n")
end

local function forgetAt(record)
  local lastTokenEndsAt = math.max(record.tokenExpiresAt, record.idleEndsAt)
  return record.endedAt and lastTokenEndsAt or lastTokenEndsAt + expiredReadableMs
end

-- The record, or nil.
function sessions.get(sid)
  local text = redis.call("GET", recordKey(sid))
  if not text then return nil end
  local record = parse(sid, text)
  return now < forgetAt(record) and record or nil
end

function sessions.isLive(record, at)
  return record.endedAt == nil and at < math.min(record.idleEndsAt, record.absoluteEndsAt)
end

-- The record if the session lets anybody refresh, at that moment (now): neither ended nor run out. Else nil.
function sessions.getLive(sid, at)
  local record = sessions.get(sid)
  return record and sessions.isLive(record, at or now) and record or nil
end

local function readAll(ofUser, sids)
  local records = {}
  for _, sid in ipairs(sids) do
    local record = sessions.get(sid)
    if record then records[#records + 1] = record else redis.call("ZREM", ofUser, sid) end
  end
  return records
end

-- Every record of a user that is still kept, ended ones too, oldest first.
function sessions.ofUser(userId)
  local ofUser = userKey(userId)
  local sids, manieth = {}, {}
  local all = redis.call("ZRANGE", ofUser, 0, -1, "WITHSCORES")
  for index = 1, #all, 2 do
    sids[#sids + 1] = all[index]
    manieth[all[index]] = math.abs(tonumber(all[index + 1]))
  end
  table.sort(sids, function(one, other)
    return manieth[one] < manieth[other]
  end)
  return readAll(ofUser, sids)
end

-- Those of them that have not ended, be they run out.
function sessions.notEnded(userId)
  local ofUser = userKey(userId)
  return readAll(ofUser, redis.call("ZRANGEBYSCORE", ofUser, "(0", "+inf"))
end

-- Keeps a change that moves none of its ends.
function sessions.touch(record)
  record.text = format(record)
  redis.call("SET", recordKey(record.sid), record.text, "KEEPTTL")
end

-- Keeps a record, new or changed.
function sessions.put(record)
  record.text = format(record)
  local keptMs = math.ceil(math.min(longestKeyMs, math.max(0, forgetAt(record) - now) + keyMarginMs))
  redis.call("SET", recordKey(record.sid), record.text, "PX", num(keptMs))
  local ofUser = userKey(record.userId)
  if record.endedAt then
    local manieth = tonumber(redis.call("ZSCORE", ofUser, record.sid) or 0)
    if manieth > 0 then redis.call("ZADD", ofUser, num(-manieth), record.sid) end
  end
  -- Another session of the user may be kept longer.
  if redis.call("PTTL", ofUser) < keptMs then redis.call("PEXPIRE", ofUser, num(keptMs)) end
end

-- Lists a new session, whose record is put right after.
function sessions.add(record)
  local ofUser = userKey(record.userId)
  local function forgetGone(sids)
    for _, sid in ipairs(sids) do
      if redis.call("EXISTS", recordKey(sid)) == 0 then redis.call("ZREM", ofUser, sid) end
    end
  end
  forgetGone(redis.call("ZRANGEBYSCORE", ofUser, "(0", "+inf", "LIMIT", 0, lookedAtWhenAdding))
  forgetGone(redis.call("ZREVRANGEBYSCORE", ofUser, "(0", "-inf", "LIMIT", 0, lookedAtWhenAdding))
  local last = redis.call("ZREVRANGE", ofUser, 0, 0, "WITHSCORES")
  local lastEnded = redis.call("ZRANGE", ofUser, 0, 0, "WITHSCORES")
  local manieth = math.max(tonumber(last[2] or 0), -tonumber(lastEnded[2] or 0)) + 1
  redis.call("ZADD", ofUser, num(manieth), record.sid)
  redis.call("RPUSH", key("sessions"), record.sid)
end

-- Up to `most` sids of all from place `from` on (0: the first), and the place after them. A place counts from the first
-- sid that ever was, so that it stays the same while the sweep takes from the head. What the sweep has looked at and kept
-- it adds at the tail, and so does `add`: who comes to the tail has met every session that was there when he began.
function sessions.some(from, most)
  local swept = tonumber(redis.call("GET", key("swept")) or 0)
  local index = math.max(0, from - swept)
  local sids = redis.call("LRANGE", key("sessions"), num(index), num(index + most - 1))
  return sids, swept + index + #sids
end

-- Looks at the `most` first of all sids, and forgets those without a record. Answers how many it looked at.
function sessions.sweep(most)
  local sids = redis.call("LPOP", key("sessions"), num(most)) or {}
  for _, sid in ipairs(sids) do
    if redis.call("EXISTS", recordKey(sid)) == 1 then redis.call("RPUSH", key("sessions"), sid) end
  end
  if #sids > 0 then redis.call("INCRBY", key("swept"), #sids) end
  return #sids
end

-- What an answer holds of sessions: sid and record by turns.
function sessions.shown(records)
  local shown = {}
  for _, record in ipairs(records) do
    shown[#shown + 1] = record.sid
    shown[#shown + 1] = record.text
  end
  return shown
end

return sessions
