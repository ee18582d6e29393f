-- The order of all tickets: microseconds of arrival, no two alike, and an operator may change one.
-- uses: base, lane_sets, lanes
--
-- Keys: queue     HASH  lastOrder, the greatest that was given
--       admitted  ZSET  ticket with an unspent pass -> order: it may come back to its place
local ticketOrder = {}

local function isTaken(order)
  return lanes.hasOrder(order) or redis.call("ZCOUNT", key("admitted"), num(order), num(order)) > 0
end

local function last()
  return tonumber(redis.call("HGET", key("queue"), "lastOrder") or 0)
end

-- Behind everybody.
function ticketOrder.next()
  local order = math.max(last() + 1, nowMicros)
  redis.call("HSET", key("queue"), "lastOrder", num(order))
  return order
end

-- The one of an earlier life, or the next that is free: none repeats, not even where the clock was set back between two lives.
function ticketOrder.again(order)
  local free = order
  while isTaken(free) do free = free + 1 end
  if free > last() then redis.call("HSET", key("queue"), "lastOrder", num(free)) end
  return free
end

-- A free order just before the ticket with so many of the lane before it. Where there is none, those ahead move up by one:
-- as many as have orders without a gap. `change(ticketId, order)` gives another one to a waiting ticket.
local function makeRoom(lane, rank, change)
  local _, nextOrder = laneSets.at(lane, rank)
  local free = nextOrder - 1
  while isTaken(free) do free = free - 1 end
  local passed = {}
  for ahead = rank - 1, 0, -1 do
    local id, order = laneSets.at(lane, ahead)
    if order < free then break end
    table.insert(passed, 1, { id, order })
  end
  for _, ticket in ipairs(passed) do
    change(ticket[1], free)
    free = ticket[2]
  end
  return free
end

-- Puts a waiting ticket at this place of its lane; beyond the last, at the last. Answers the place.
function ticketOrder.move(entry, position, change)
  local others = laneSets.length(entry.lane) - 1
  local rank = math.min(position - 1, others)
  change(entry.id, ticketOrder.next())
  if rank < others then change(entry.id, makeRoom(entry.lane, rank, change)) end
  return rank + 1
end

return ticketOrder
