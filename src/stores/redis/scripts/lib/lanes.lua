-- The waiting tickets by lane: whose turn it is, who is present, and what happened in each lane since the store began.
-- uses: base, lane_sets, lane_states
--
-- Of an entry (lib/tickets.lua) this part keeps `present`. What a lane counts by time it adds up whenever its numbers change.
local lanes = { names = laneStates.names }

-- What is configured: { name, weight } in their order. A lane that is not named lasts until nobody waits in it and its last
-- turn is paid for. What a lane owes for that is counted by its new weight: one that was given more would else first wait
-- out the turn of the old.
function lanes.setWeights(configured)
  local weights = {}
  for _, pair in ipairs(configured) do weights[pair[1]] = pair[2] end
  for _, name in ipairs(lanes.names()) do
    local lane = laneStates.get(name)
    local weight = weights[name] or laneStates.foreignWeight
    lane.time = laneStates.time() + math.max(0, lane.time - laneStates.time()) * lane.weight / weight
    lane.weight, lane.configured = weight, weights[name] and 1 or 0
    laneStates.put(lane, "time", "weight", "configured")
    laneStates.deleteIfOver(lane)
  end
  for _, pair in ipairs(configured) do
    local lane = laneStates.get(pair[1])
    lane.weight, lane.configured = pair[2], 1
    laneStates.put(lane, "weight", "configured")
  end
end

-- Waiting tickets of a lane.
function lanes.length(name)
  return laneSets.length(name)
end

-- Waiting tickets of all lanes.
function lanes.size()
  local size = 0
  for _, name in ipairs(lanes.names()) do size = size + laneSets.length(name) end
  return size
end

-- How many of them are present.
function lanes.presentSize()
  local size = 0
  for _, name in ipairs(lanes.names()) do size = size + laneStates.get(name).present end
  return size
end

-- How many of the present ones may enter while the mode is `closed`. O(lanes × hosts)
function lanes.exemptSize()
  local size = 0
  for _, group in ipairs(laneSets.presentGroups()) do
    for _, name in ipairs(lanes.names()) do size = size + laneSets.count("exempt", group, name) end
  end
  return size
end

-- Puts a ticket in the line, away.
function lanes.add(entry)
  local lane = laneStates.get(entry.lane)
  laneStates.countUpToNow(lane)
  laneSets.add(entry)
  lane.entered = lane.entered + 1
  laneStates.put(lane, "entered")
end

-- Takes it out of the line.
function lanes.delete(entry)
  lanes.setAway(entry)
  local lane = laneStates.get(entry.lane)
  laneStates.countUpToNow(lane)
  laneSets.delete(entry)
  laneStates.deleteIfOver(lane)
end

-- A waiting ticket is present with this group: a process that is alive, or the pollers.
function lanes.setPresent(entry, group)
  laneSets.enter(entry, group, false)
  if not entry.present then laneStates.countPresent(laneStates.get(entry.lane), 1) end
  entry.present = true
end

-- A ticket is away; with `deadHost`, until that process comes back.
function lanes.setAway(entry, deadHost)
  if deadHost == nil then laneSets.leave(entry) else laneSets.enter(entry, deadHost, true) end
  if entry.present then laneStates.countPresent(laneStates.get(entry.lane), -1) end
  entry.present = false
end

-- The tickets of the process are away. Answers how many. O(lanes)
function lanes.hostLost(hostId)
  local all = 0
  for _, name in ipairs(lanes.names()) do
    local count = laneSets.count("ready", hostId, name)
    if count > 0 then laneStates.countPresent(laneStates.get(name), -count) end
    all = all + count
  end
  return all
end

-- They are present again, save for those that are late. O(lanes)
function lanes.hostBack(hostId)
  for _, name in ipairs(lanes.names()) do
    local count = laneSets.count("ready", hostId, name)
    if count > 0 then
      laneStates.countPresent(laneStates.get(name), count)
      lanes.countReturned(name, count)
    end
  end
end

-- Gives a ticket of the line another order in its lane: it neither enters nor leaves.
function lanes.reorder(entry, to)
  entry.order = to
  laneSets.reorder(entry)
end

-- The least order of all lanes; nil where nobody waits.
function lanes.firstOrder()
  local least = nil
  for _, name in ipairs(lanes.names()) do
    local _, order = laneSets.first(name)
    if order ~= nil and (least == nil or order < least) then least = order end
  end
  return least
end

-- Whether a waiting ticket has this order.
function lanes.hasOrder(order)
  for _, name in ipairs(lanes.names()) do
    if laneSets.hasOrder(name, order) then return true end
  end
  return false
end

-- 1 + earlier tickets of the lane.
function lanes.position(entry)
  return 1 + laneSets.rank(entry.lane, entry.id)
end

-- The present ticket whose turn it is, its lane and its group; counts as that lane's turn. nil where nobody is present.
-- `closed`: among those who may enter then. A lane that was idle is brought up to the time of all first, so that idling
-- banks nothing. O(lanes × hosts)
function lanes.takeNext(closed)
  local kind, groups = closed and "exempt" or "ready", laneSets.presentGroups()
  local next = nil
  for _, name in ipairs(lanes.names()) do
    local lane = laneStates.get(name)
    local id, group = laneSets.firstOf(kind, groups, name)
    if id == nil then
      laneStates.deleteIfOver(lane)
    else
      local start = math.max(lane.time, laneStates.time())
      if next == nil or start < next.start then
        next = { lane = lane, start = start, id = id, group = group }
      end
    end
  end
  if next == nil then return nil end
  next.lane.time = next.start + 1 / next.lane.weight
  laneStates.put(next.lane, "time")
  laneStates.setTime(next.start)
  return next.id, next.lane.name, next.group
end

-- A present ticket that has no record.
function lanes.forget(ticketId, name, group)
  laneStates.countPresent(laneStates.get(name), -1)
  laneSets.forget(group, name, ticketId)
end

function lanes.countAdmitted(name)
  local lane = laneStates.get(name)
  lane.admitted = lane.admitted + 1
  laneStates.put(lane, "admitted")
end

function lanes.countAbandoned(name, isPresent, hasLapsed)
  local lane = laneStates.get(name)
  lane.abandoned = lane.abandoned + 1
  if not isPresent then lane.abandonedAway = lane.abandonedAway + 1 end
  if hasLapsed then lane.lapsed = lane.lapsed + 1 end
  laneStates.put(lane, "abandoned", "abandonedAway", "lapsed")
end

-- So many (1) came back.
function lanes.countReturned(name, count)
  local lane = laneStates.get(name)
  lane.returned = lane.returned + (count or 1)
  laneStates.put(lane, "returned")
end

-- A list for each lane: name, weight, waiting, away, passedOver, entered, abandoned, abandonedAway, returned, presentMs, awayMs,
-- admitted, lapsed.
-- O(lanes × hosts)
function lanes.status()
  local all, groups = {}, laneSets.presentGroups()
  for _, name in ipairs(lanes.names()) do
    local lane, waiting = laneStates.get(name), laneSets.length(name)
    laneStates.countUpToNow(lane)
    local firstPresent = laneSets.firstOf("ready", groups, name)
    local passedOver = firstPresent and laneSets.rank(name, firstPresent) or waiting
    all[#all + 1] = {
      name, string.format("%.17g", lane.weight), waiting, waiting - lane.present, passedOver, lane.entered, lane.abandoned,
      lane.abandonedAway, lane.returned, num(lane.presentMs), num(lane.awayMs), lane.admitted, lane.lapsed,
    }
  end
  return all
end

return lanes
