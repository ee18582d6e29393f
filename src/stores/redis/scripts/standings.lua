-- Where tickets stand, some hundreds of them at a call.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5…] tickets
-- Out:    { lane and how many wait in it by turns, record or null by ticket, number by ticket }: of a waiting ticket the number
--         is its rank; of an admitted one 0; of one that is gone, without a record, it is the reason, or "" for none known
-- Atomic: all at one moment, and no position shown is above one that was shown before.
-- Twice:  answers again.
-- Cost:   O(tickets × log waiting): one read for all, a rank for each, or one range for neighbours; one write for those whose
--         position fell.
core.settle()
local ids = { unpack(ARGV, 5) }
if #ids == 0 then return { {}, {}, {} } end
local records = redis.call("HMGET", key("ticket"), unpack(ids))
local numbers, fallen = {}, {}
local lengths, waitSets = {}, {}
local call, match = redis.call, string.match

-- Where the ticket of this record waits; false for one that was admitted.
local function waitSetOf(record)
  local status, escaped = match(record, "^%d+\t(%a)\t([^\t]*)")
  if waitSets[escaped] == nil then
    local lane = unescape(escaped)
    lengths[#lengths + 1] = lane
    lengths[#lengths + 1] = lanes.length(lane)
    waitSets[escaped] = key("wait:" .. lane)
  end
  return status == "w" and waitSets[escaped]
end

-- Many in turn wait in one lane: where the one before waited. Whom that set has, waits, and there.
local waitSet = nil
-- Ranks that are known already.
local ranks = {}

-- Those who came to one room one after the other stand so in the line: one range says it of all of them, where they are at
-- least half of it.
local function lookAtNeighbours(first, last)
  local set = records[first] and waitSetOf(records[first])
  if not set or not records[last] or waitSetOf(records[last]) ~= set then return end
  local from, to = call("ZRANK", set, ids[first]), call("ZRANK", set, ids[last])
  if to < from or to - from >= 2 * #ids then return end
  waitSet = set
  for index, id in ipairs(call("ZRANGE", set, from, to)) do ranks[id] = from + index - 1 end
end

local function rankOf(id, record)
  local rank = waitSet and call("ZRANK", waitSet, id)
  if rank then return rank end
  local set = waitSetOf(record)
  if not set then return false end
  waitSet = set
  return call("ZRANK", set, id)
end

lookAtNeighbours(1, #ids)
for index = 1, #ids do
  local id, record = ids[index], records[index]
  if record then
    local rank = ranks[id] or rankOf(id, record)
    numbers[index] = rank and rank + 1 or 0
    -- The record begins with the position as it was shown last, which counts as a number here.
    if rank and match(record, "^%d+") - rank > 1 then
      record = rank + 1 .. match(record, "\t.*$")
      records[index] = record
      fallen[#fallen + 1] = id
      fallen[#fallen + 1] = record
    end
  else
    local stone = tickets.tombstone(id)
    numbers[index] = stone and stone.reason or ""
  end
end
if #fallen > 0 then call("HSET", key("ticket"), unpack(fallen)) end
return { lengths, records, numbers }
