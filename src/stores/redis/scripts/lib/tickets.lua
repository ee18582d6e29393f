-- The tickets: who holds each, whether that holder is present, when it runs out, and how it ended.
-- uses: base, escape, settings, hosts, lane_sets, lanes, ticket_record, ticket_entries, ticket_order, tombstones, addresses
--
-- Keys: usr        HASH  user -> the one ticket of that user
--       deadline   ZSET  ticket -> ms: an away one's grace, a poller's presence, a pass. Not of those that sockets hold
--       hostlapse  ZSET  dead process -> when the tickets lapse that it held when it died; `late` ones have own deadlines
--       queue      HASH  tombstoneMs, as long as any ticket JWT that was ever signed here may live
--
-- `tickets.get(id)` answers an entry (lib/ticket_entries.lua), or nil. All functions keep what they change, but for `create`,
-- `restore`, `bind` and `setAddress`, after which the ticket must be given a holder or a pass in the same step; who changes a
-- mark of its pass himself calls `tickets.save`.
local tickets = { lanes = lanes, get = ticketEntries.get, save = ticketEntries.save }

-- Tickets without a record that one call takes out of the line.
local mostForgotten = 100

local function queueGraceMs()
  return settings.queueGraceSeconds * 1000
end

local function deadlineAt(entry, at)
  redis.call("ZADD", key("deadline"), num(at), entry.id)
end

local function noDeadline(entry)
  redis.call("ZREM", key("deadline"), entry.id)
end

-- Shortening the grace shortens no JWT that is out already.
function tickets.configure()
  lanes.setWeights(settings.lanesInOrder)
  local seconds = settings.ticketResignSeconds + settings.maxCheckTicketPollTimeSeconds + settings.queueGraceSeconds
  local kept = tonumber(redis.call("HGET", key("queue"), "tombstoneMs") or 0)
  redis.call("HSET", key("queue"), "tombstoneMs", num(math.max(kept, seconds * 1000)))
end

function tickets.ofUser(userId)
  local ticketId = redis.call("HGET", key("usr"), userId)
  return ticketId and tickets.get(ticketId) or nil
end

-- What is left of a finished ticket, as lib/tombstones.lua has it, or nil.
function tickets.tombstone(ticketId)
  return tombstones.get(ticketId)
end

local function enterLine(entry)
  lanes.add(entry)
  addresses.add(entry.address)
end

local function leaveLine(entry)
  lanes.delete(entry)
  addresses.delete(entry.address)
end

local function setPresent(entry, group)
  if not entry.present and entry.lapsesAt ~= nil then lanes.countReturned(entry.lane) end
  entry.lapsesAt = nil
  noDeadline(entry)
  lanes.setPresent(entry, group)
end

local function setAway(entry, lapsesAt, deadHost)
  entry.lapsesAt = lapsesAt
  deadlineAt(entry, lapsesAt)
  lanes.setAway(entry, deadHost)
end

local function insert(id, lane, order, position)
  local entry = {
    id = id,
    lane = lane,
    order = order,
    mayEnterClosed = false,
    enqueuedAt = now,
    status = "waiting",
    present = false,
    isLate = false,
    delivered = false,
    failedTries = 0,
  }
  ticketEntries.add(entry)
  enterLine(entry)
  entry.position = math.min(math.max(1, position), lanes.position(entry))
  return entry
end

-- A new ticket at the end of its lane.
function tickets.create(id, lane)
  return insert(id, lane, ticketOrder.next(), math.huge)
end

-- A ticket of an earlier life (id, lane, order, position), in its old order.
function tickets.restore(claim)
  return insert(claim.id, claim.lane, ticketOrder.again(claim.order), claim.position)
end

function tickets.bind(entry, userId, sid)
  entry.userId, entry.sid = userId, sid
  redis.call("HSET", key("usr"), userId, entry.id)
end

-- How many tickets of the address wait.
function tickets.waitingOf(address)
  return addresses.get(address)
end

-- The holder is there now.
function tickets.setAddress(entry, address)
  if entry.status == "waiting" then
    addresses.delete(entry.address)
    addresses.add(address)
  end
  entry.address = address
end

-- Changes the holder (nil for none); a waiting ticket becomes present, or away where there is none. The process of a socket
-- must be alive.
function tickets.setHolder(entry, holder)
  entry.holder = holder
  if holder ~= nil and holder.kind == "poll" then holder.isThere = true end
  if entry.status == "admitted" then
    entry.lapsesAt = nil
  elseif holder == nil then
    setAway(entry, now + queueGraceMs())
  elseif holder.kind == "socket" then
    setPresent(entry, holder.hostId)
  else
    setPresent(entry, laneSets.pollers)
    entry.lapsesAt = now + holder.nextPollSeconds * 1000 + queueGraceMs()
    deadlineAt(entry, now + settings.pollPresentSeconds * 1000)
  end
  tickets.save(entry)
end

-- Every waiting ticket of a process is away from `at` on, when its lease ran out; it keeps its holder, who may be back.
-- The process is not among those that are alive any more. O(lanes)
function tickets.hostLost(hostId, at)
  if lanes.hostLost(hostId) > 0 then redis.call("ZADD", key("hostlapse"), num(at + queueGraceMs()), hostId) end
  ticketEntries.placeAll()
end

-- The process is alive, and was not; its tickets are present. O(lanes + given back while it was dead)
function tickets.hostBack(hostId)
  redis.call("ZREM", key("hostlapse"), hostId)
  lanes.hostBack(hostId)
  ticketEntries.placeAll()
  for _, ticketId in ipairs(laneSets.lateOf(hostId, lanes.names())) do
    local entry = tickets.get(ticketId)
    if entry ~= nil then
      lanes.countReturned(entry.lane)
      entry.present, entry.lapsesAt, entry.isLate = false, nil, true
      noDeadline(entry)
      lanes.setPresent(entry, hostId)
      tickets.save(entry)
    end
  end
end

-- How many are ahead of a waiting ticket now, and one.
function tickets.rank(entry)
  return lanes.position(entry)
end

-- The ticket as an answer holds it, { id, record }, with its position brought up to date.
function tickets.show(entry)
  if entry.status == "waiting" then
    local rank = tickets.rank(entry)
    if rank < entry.position then
      entry.position = rank
      tickets.save(entry)
    end
  end
  return { entry.id, ticketRecord.pack(entry) }
end

-- The present ticket whose turn it is, or nil; the caller admits it. `closed`: among those who may enter then.
function tickets.takeNext(closed)
  for _ = 1, mostForgotten do
    local ticketId, lane, group = lanes.takeNext(closed)
    local entry = ticketId and tickets.get(ticketId)
    if entry or not ticketId then return entry or nil end
    lanes.forget(ticketId, lane, group)
  end
  return nil
end

-- Puts a waiting ticket at this place of its lane; beyond the last, at the last. Answers the place.
function tickets.move(entry, position)
  entry.position = ticketOrder.move(entry, position, function(ticketId, order)
    local moved = tickets.get(ticketId)
    lanes.reorder(moved, order)
    tickets.save(moved)
  end)
  tickets.save(entry)
  return entry.position
end

function tickets.admit(entry, at, passMs)
  entry.position = math.min(entry.position, tickets.rank(entry))
  leaveLine(entry)
  entry.status, entry.admittedAt, entry.passExpiresAt = "admitted", at, at + passMs
  redis.call("ZADD", key("admitted"), num(entry.order), entry.id)
  deadlineAt(entry, entry.passExpiresAt)
  tickets.save(entry)
end

-- A pass that reached nobody: the ticket has its place again from `at` on, away unless its socket is there.
function tickets.giveBack(entry, at, holderIsAlive)
  local holder = entry.holder
  entry.status, entry.admittedAt, entry.passExpiresAt, entry.claimedBy = "waiting", nil, nil, nil
  redis.call("ZREM", key("admitted"), entry.id)
  enterLine(entry)
  if holderIsAlive then
    setPresent(entry, holder.hostId)
  else
    if holder ~= nil then holder.isThere = false end
    local deadHost = holder ~= nil and holder.kind == "socket" and holder.hostId or nil
    setAway(entry, math.max(at + queueGraceMs(), entry.lapsesAt or 0), deadHost)
  end
  tickets.save(entry)
end

local function bury(ticketId, stone, at)
  local tombstoneMs = tonumber(redis.call("HGET", key("queue"), "tombstoneMs"))
  stone.forgetAt = math.max(at + tombstoneMs, stone.claim and stone.claim["until"] or 0)
  tombstones.put(ticketId, stone)
end

-- Ends the ticket `at` that moment, leaving a tombstone. `claim`: { userId, sid, ["until"] }, or nil.
function tickets.finish(entry, reason, at, claim)
  if entry.status == "waiting" then leaveLine(entry) else redis.call("ZREM", key("admitted"), entry.id) end
  ticketEntries.delete(entry)
  noDeadline(entry)
  if entry.userId ~= nil and redis.call("HGET", key("usr"), entry.userId) == entry.id then
    redis.call("HDEL", key("usr"), entry.userId)
  end
  bury(entry.id, { reason = reason, failedTries = entry.failedTries, claim = claim }, at)
end

-- A login with a pass that is spent failed. Answers the tries left; at none the session is not answered to it any more.
function tickets.failSpentPass(ticketId, tries)
  local stone = tombstones.get(ticketId)
  if stone == nil or stone.claim == nil then return 0 end
  stone.failedTries = stone.failedTries + 1
  if stone.failedTries >= tries then stone.claim = nil end
  tombstones.save(ticketId, stone)
  return math.max(0, tries - stone.failedTries)
end

-- A signed ticket that is not to come back.
function tickets.bury(ticketId, reason)
  bury(ticketId, { reason = reason, failedTries = 0 }, now)
end

local function firstDue(set)
  local first = redis.call("ZRANGE", key(set), 0, 0, "WITHSCORES")
  return first[1], tonumber(first[2]) or math.huge
end

-- When the next ticket runs out of something, if it does by then.
function tickets.dueAt(at)
  local _, deadline = firstDue("deadline")
  local _, lapse = firstDue("hostlapse")
  local due = math.min(deadline, lapse)
  return due <= at and due or nil
end

-- One of those that a dead process held; nil where none is left.
local function takeLapsed(hostId, at)
  for _, lane in ipairs(lanes.names()) do
    local ticketId = laneSets.firstOf("ready", { hostId }, lane)
    local entry = ticketId and tickets.get(ticketId)
    if entry then return { entry = entry, at = at } end
    if ticketId ~= nil then
      laneSets.forget(hostId, lane, ticketId)
      return nil
    end
  end
  redis.call("ZREM", key("hostlapse"), hostId)
  return nil
end

-- The ticket that ran out first by then, { entry, at }; nil where it is only away from then on, or nothing is due after all.
function tickets.takeDue(at)
  local ticketId, deadline = firstDue("deadline")
  local hostId, lapse = firstDue("hostlapse")
  if math.min(deadline, lapse) > at then return nil end
  if lapse < deadline then return takeLapsed(hostId, lapse) end
  redis.call("ZREM", key("deadline"), ticketId)
  local entry = tickets.get(ticketId)
  if entry == nil then return nil end
  if entry.status == "admitted" or not entry.present then return { entry = entry, at = deadline } end
  -- A poller who has not asked again.
  entry.holder.isThere = false
  setAway(entry, entry.lapsesAt)
  tickets.save(entry)
  return nil
end

return tickets
