-- The sorted sets of the line: of each lane all waiting tickets, and, by who holds them, those that are or may be present.
-- uses: base, hosts
--
-- Keys: wait:<lane>          ZSET  every waiting ticket -> order: its rank is its place
--       ready:<host>:<lane>  ZSET  waiting tickets that sockets of this process hold -> order: present while it is alive,
--                                  away while it is not; nobody touches them when that changes. Host `-`: present pollers
--       exempt:<host>:<lane> ZSET  those of `ready` who may enter while the mode is `closed`
--       late:<host>:<lane>   ZSET  given back when their process was dead: present should it come back, like those of
--                                  `ready`, but each with a grace of its own
--
-- A group is such a process, or the pollers. Of an entry (lib/tickets.lua) this part reads id, lane, order and
-- mayEnterClosed, and keeps `group` (nil for none) and `isLate`. No host id contains a colon.
local laneSets = {
  -- The group of present pollers.
  pollers = "-",
}

-- The first of each set that this script asked for, by the set's name: { id, order }; false for an empty one.
local heads = {}

local function setOf(kind, group, lane)
  return kind .. ":" .. group .. ":" .. lane
end

local function insert(set, entry)
  heads[set] = nil
  redis.call("ZADD", key(set), num(entry.order), entry.id)
end

local function remove(set, ticketId)
  heads[set] = nil
  redis.call("ZREM", key(set), ticketId)
end

local function headOf(set)
  local head = heads[set]
  if head == nil then
    local first = redis.call("ZRANGE", key(set), 0, 0, "WITHSCORES")
    head = first[1] ~= nil and { first[1], tonumber(first[2]) } or false
    heads[set] = head
  end
  if head then return head[1], head[2] end
  return nil
end

function laneSets.length(lane)
  return redis.call("ZCARD", key("wait:" .. lane))
end

-- How many of the lane are before the ticket; nil for one that does not wait in it.
function laneSets.rank(lane, ticketId)
  return redis.call("ZRANK", key("wait:" .. lane), ticketId) or nil
end

-- The waiting ticket with so many others of the lane before it, and its order; nil beyond the last.
function laneSets.at(lane, rank)
  local found = redis.call("ZRANGE", key("wait:" .. lane), rank, rank, "WITHSCORES")
  return found[1], tonumber(found[2])
end

-- Whether a waiting ticket of the lane has this order.
function laneSets.hasOrder(lane, order)
  return redis.call("ZCOUNT", key("wait:" .. lane), num(order), num(order)) > 0
end

-- The first ticket of the lane, and its order; nil where nobody waits.
function laneSets.first(lane)
  return headOf("wait:" .. lane)
end

-- The groups whose tickets are present.
function laneSets.presentGroups()
  local groups = { laneSets.pollers }
  for _, hostId in ipairs(hosts.alive()) do groups[#groups + 1] = hostId end
  return groups
end

-- The first ticket of the lane in these groups, and its group; `kind` is `ready`, or `exempt` for those who may enter a closed queue.
function laneSets.firstOf(kind, groups, lane)
  local firstId, firstOrder, firstGroup = nil, nil, nil
  for _, group in ipairs(groups) do
    local id, order = headOf(setOf(kind, group, lane))
    if id ~= nil and (firstOrder == nil or order < firstOrder) then firstId, firstOrder, firstGroup = id, order, group end
  end
  return firstId, firstGroup
end

-- How many tickets of the lane the group has.
function laneSets.count(kind, group, lane)
  return redis.call("ZCARD", key(setOf(kind, group, lane)))
end

function laneSets.add(entry)
  insert("wait:" .. entry.lane, entry)
end

-- Out of the line, and out of its group.
function laneSets.delete(entry)
  laneSets.leave(entry)
  remove("wait:" .. entry.lane, entry.id)
end

-- Takes the ticket out of its group.
function laneSets.leave(entry)
  local group = entry.group
  if group == nil then return end
  if entry.isLate then
    remove(setOf("late", group, entry.lane), entry.id)
  else
    remove(setOf("ready", group, entry.lane), entry.id)
    remove(setOf("exempt", group, entry.lane), entry.id)
  end
  entry.group, entry.isLate = nil, false
end

-- Takes out a ticket of the group that has no record: a Redis that throws keys away may have dropped it, and nobody else must
-- wait behind it for ever.
function laneSets.forget(group, lane, ticketId)
  remove(setOf("ready", group, lane), ticketId)
  remove(setOf("exempt", group, lane), ticketId)
  remove("wait:" .. lane, ticketId)
end

local function putInGroup(entry)
  if entry.isLate then
    insert(setOf("late", entry.group, entry.lane), entry)
    return
  end
  insert(setOf("ready", entry.group, entry.lane), entry)
  local exempt = setOf("exempt", entry.group, entry.lane)
  if entry.mayEnterClosed then insert(exempt, entry) else remove(exempt, entry.id) end
end

-- Puts the ticket in this group, out of any other; `isLate` where that is a dead process which it was given back to.
function laneSets.enter(entry, group, isLate)
  if entry.group ~= group or entry.isLate ~= isLate then laneSets.leave(entry) end
  entry.group, entry.isLate = group, isLate
  putInGroup(entry)
end

-- Whether the ticket was given back to this process when it was dead.
function laneSets.isLate(hostId, lane, ticketId)
  return redis.call("ZSCORE", key(setOf("late", hostId, lane)), ticketId) ~= false
end

-- All tickets of these lanes that were given back to the process when it was dead. It may hold no more than had passes then.
function laneSets.lateOf(hostId, lanes)
  local ids = {}
  for _, lane in ipairs(lanes) do
    for _, id in ipairs(redis.call("ZRANGE", key(setOf("late", hostId, lane)), 0, -1)) do ids[#ids + 1] = id end
  end
  return ids
end

-- The order of the ticket is another now.
function laneSets.reorder(entry)
  insert("wait:" .. entry.lane, entry)
  if entry.group ~= nil then putInGroup(entry) end
end

return laneSets
