-- Which sessions are quiet on every process that has sockets of theirs: what the processes said of it lately, put together.
-- uses: base, slots
--
-- Keys: quiet:<host>  HASH  sid -> when it was heard there last, ms; "" -> until when that counts. Gone soon after that.
local silence = {}

-- Takes the report of a process, or the next part of it: `heardAt` in ms by sid. It counts for so many ms.
function silence.report(hostId, isFirstPart, heardAt, lastsMs)
  local report = key("quiet:" .. hostId)
  if isFirstPart then redis.call("DEL", report) end
  local fields = { "", num(now + lastsMs) }
  for sid, at in pairs(heardAt) do
    fields[#fields + 1] = sid
    fields[#fields + 1] = num(at)
  end
  for index = 1, #fields, 1000 do
    redis.call("HSET", report, unpack(fields, index, math.min(index + 999, #fields)))
  end
  redis.call("PEXPIRE", report, num(lastsMs * 2))
end

-- When the process heard the session last; nil where it does not say that it is quiet.
local function heardThere(hostId, sid)
  local said = redis.call("HMGET", key("quiet:" .. hostId), "", sid)
  if not said[2] or tonumber(said[1]) <= now then return nil end
  return tonumber(said[2])
end

-- When the session was heard last anywhere, `hereAt` on this process; nil where another does not say that it is quiet.
function silence.heardLast(hostId, sid, hereAt)
  local lastAt = hereAt
  for _, other in ipairs(slots.hostsOf(sid)) do
    local thereAt = other == hostId and hereAt or heardThere(other, sid)
    if thereAt == nil then return nil end
    lastAt = math.max(lastAt, thereAt)
  end
  return lastAt
end

return silence
