-- How somebody takes a ticket: the old place, the place of the same user, or one at the end.
-- uses: base, settings, sessions, bans, slots, tickets, queue_core
local join = {}

local function isCrowded(address)
  return settings.maxTicketsPerIp > 0 and tickets.waitingOf(address) >= settings.maxTicketsPerIp
end

-- The holder is at this address (nil: not known). The ticket counts there from now on, if there is room for it, and else
-- where it was: it is honoured either way, and nobody gets more places by carrying them from one address to another.
function join.moveTo(entry, address)
  if address == nil or address == entry.address then return end
  if entry.address == nil or not isCrowded(address) then tickets.setAddress(entry, address) end
end

local function tellHolder(entry)
  if core.isHeldBySocket(entry) then
    publish({ type = "ticketTakenOver", ticketId = entry.id, from = entry.holder })
  end
end

-- Gives the ticket to a holder; a live socket that held it before is told.
function join.takeOver(entry, holder)
  local from = entry.holder
  local isSameSocket = from ~= nil and from.kind == "socket" and holder.kind == "socket" and from.id == holder.id
  if not isSameSocket then tellHolder(entry) end
  tickets.setHolder(entry, holder)
end

local function isAhead(one, other)
  if one.status ~= other.status then return one.status == "admitted" end
  return one.order < other.order
end

local function giveUp(entry)
  tellHolder(entry)
  core.finish(entry, entry.claimedBy == nil and "left" or "admitted", now)
end

-- A ticket of an earlier life, or that of the same user: of two, the one that is further ahead.
local function findUnknown(claim, ofUser)
  local mayReturn = settings.ticketsMayReturn and tickets.tombstone(claim.id) == nil
  if not mayReturn then return ofUser, "returned" end
  if ofUser == nil then return tickets.restore(claim), "restored" end
  if ofUser.status == "admitted" or ofUser.order < claim.order then
    tickets.bury(claim.id, "left")
    return ofUser, "returned"
  end
  giveUp(ofUser)
  return tickets.restore(claim), "restored"
end

-- The ticket that the holder or its user has, because a user has one place; nil where there is none. And how it came about.
local function find(request)
  local claim, userId = request.claim, request.userId
  local ofUser = userId and tickets.ofUser(userId) or nil
  if claim == nil then return ofUser, "returned" end
  local claimed = tickets.get(claim.id)
  if claimed == nil then return findUnknown(claim, ofUser) end
  local isOfAnother = claimed.userId ~= nil and userId ~= nil and claimed.userId ~= userId
  if isOfAnother then return ofUser, "returned" end
  if ofUser == nil or ofUser == claimed then return claimed, "returned" end
  local kept, given = claimed, ofUser
  if isAhead(ofUser, claimed) then kept, given = ofUser, claimed end
  giveUp(given)
  return kept, "returned"
end

-- Why the queue takes nobody more, { outcome, … }, or nil. A session that has its slot does not wait, and may always come.
local function refusalOf(request)
  if core.needsSlot(request.sid) then
    if settings.mode == "closed" and not request.mayEnterClosed then return { "queueClosed" } end
    if settings.maxQueueLength > 0 and lanes.size() >= settings.maxQueueLength then return { "queueFull" } end
    if request.address ~= nil and isCrowded(request.address) then return { "tooManyTickets", lanes.size() } end
  end
  if not request.mayCreate then return { "ticketNeeded" } end
  return nil
end

-- A session with a slot is admitted at once; a slot that waits for a login goes to the session there is.
local function useSlotOfSession(entry)
  local sid = entry.sid
  if sid == nil or sessions.getLive(sid, now) == nil then return end
  if entry.status == "waiting" then
    if slots.isHeld(sid) then core.admit(entry) end
  elseif entry.claimedBy == nil then
    core.bindPass(entry, sid)
  end
end

-- One join; answers { "joined", how, id, record }, { "banned", end, reason } or { refusal, … }.
-- `request`: claim (id, lane, order, position; nil for none), newTicketId, lane, userId, sid, address (each nil for none),
-- holder, mayCreate, mayEnterClosed.
function join.run(request)
  local userId, holder = request.userId, request.holder
  local ban = userId and bans.inForce(userId)
  if ban then return { "banned", ban[1], ban[2] } end

  local entry, how = find(request)
  if entry == nil then
    -- Sent again after a lost answer, it is there already.
    entry, how = tickets.get(request.newTicketId), "new"
  end
  if entry == nil then
    local refused = refusalOf(request)
    if refused ~= nil then return refused end
    entry = tickets.create(request.newTicketId, request.lane)
  elseif entry.id == request.newTicketId then
    how = "new"
  end
  entry.mayEnterClosed = request.mayEnterClosed
  if holder.kind == "socket" then core.leaseHost(holder.hostId) end
  -- The session that a pass is bound to keeps it.
  if userId ~= nil and entry.claimedBy == nil then tickets.bind(entry, userId, request.sid or entry.sid) end
  join.moveTo(entry, request.address)
  join.takeOver(entry, holder)
  useSlotOfSession(entry)
  if entry.status == "admitted" and holder.kind == "poll" and not entry.delivered then
    entry.delivered = true
    tickets.save(entry)
  end
  local shown = tickets.show(entry)
  return { "joined", how, shown[1], shown[2] }
end

return join
