-- The lanes as Redis keeps them: their turns and counters, made when they are first needed and gone when they are over.
-- uses: base, lane_sets
--
-- Keys: lanes        ZSET  lane -> number of its making: ties between lanes go by it
--       lane:<lane>  HASH  the `fields` below
--       queue        HASH  globalTime, lanesMade
--
-- A lane in Lua: name, and these fields as numbers. Who changes one calls `laneStates.put`.
local laneStates = {
  -- Of a lane that is not configured, or not any more: its tickets wait in it with this weight.
  foreignWeight = 1,
}

-- `time` is the virtual time of its next turn; `present` how many are; the times add up what tickets spent waiting, in ms,
-- until `countedAt`; the rest are counters that only grow.
local fields = {
  "weight", "configured", "time", "present", "presentMs", "awayMs", "countedAt",
  "entered", "abandoned", "abandonedAway", "returned", "admitted", "lapsed",
}

-- Lanes that this script has read, by name.
local known = {}
local names = nil
local globalTime = nil

local function exact(x)
  return string.format("%.17g", x)
end

-- Keeps these fields of a lane.
function laneStates.put(lane, ...)
  local values = {}
  for _, field in ipairs({ ... }) do
    values[#values + 1] = field
    values[#values + 1] = exact(lane[field])
  end
  redis.call("HSET", key("lane:" .. lane.name), unpack(values))
end

-- The virtual time that no idle lane is behind.
function laneStates.time()
  if globalTime == nil then globalTime = tonumber(redis.call("HGET", key("queue"), "globalTime") or 0) end
  return globalTime
end

local function make(name)
  local lane = { name = name }
  for _, field in ipairs(fields) do lane[field] = 0 end
  lane.weight, lane.time, lane.countedAt = laneStates.foreignWeight, laneStates.time(), now
  names = nil
  redis.call("ZADD", key("lanes"), redis.call("HINCRBY", key("queue"), "lanesMade", 1), name)
  laneStates.put(lane, unpack(fields))
  return lane
end

-- The lane, made where it was not there.
function laneStates.get(name)
  local lane = known[name]
  if lane ~= nil then return lane end
  local kept = redis.call("HMGET", key("lane:" .. name), unpack(fields))
  if kept[1] then
    lane = { name = name }
    -- What a later version counts is not in a lane of before.
    for index, field in ipairs(fields) do lane[field] = tonumber(kept[index] or 0) end
  else
    lane = make(name)
  end
  known[name] = lane
  return lane
end

-- One that still owes for its last turn is kept, or it would be free of that when it is made anew.
function laneStates.deleteIfOver(lane)
  if lane.configured == 1 or lane.time > laneStates.time() or laneSets.length(lane.name) > 0 then return end
  redis.call("DEL", key("lane:" .. lane.name))
  redis.call("ZREM", key("lanes"), lane.name)
  known[lane.name], names = nil, nil
end

-- Adds up the time that tickets of the lane spent waiting until now. Goes before any change of how many are there.
function laneStates.countUpToNow(lane)
  local elapsedMs = math.max(0, now - lane.countedAt)
  lane.countedAt = now
  if elapsedMs == 0 then return end
  lane.presentMs = lane.presentMs + elapsedMs * lane.present
  lane.awayMs = lane.awayMs + elapsedMs * (laneSets.length(lane.name) - lane.present)
  laneStates.put(lane, "presentMs", "awayMs", "countedAt")
end

function laneStates.countPresent(lane, more)
  laneStates.countUpToNow(lane)
  lane.present = lane.present + more
  laneStates.put(lane, "present")
end

-- Names of all lanes, in the order of their making.
function laneStates.names()
  if names == nil then names = redis.call("ZRANGE", key("lanes"), 0, -1) end
  return names
end

function laneStates.setTime(time)
  globalTime = time
  redis.call("HSET", key("queue"), "globalTime", exact(time))
end

return laneStates
