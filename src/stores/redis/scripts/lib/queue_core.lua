-- The state of the queue and the steps that its verbs share. Whatever ran out by now has run out before a verb looks.
-- uses: base, settings, hosts, bucket, slots, lanes, tickets, sessions
--
-- Keys: queue  HASH  holdUntil, configuredFor, isBehind, noShows, stepAt; and the parts' `taken`, `tokens`, `countedAt`
--
-- Every verb of the queue, and every one of a session that means something to it, begins with `core.settle()`.
-- `now` is the script's. An entry that a step changes is kept by that step.
local core = { noneLeft = nil }

-- Things that run out are worked off in so many pieces a call, so that no call is long, whatever ran out at once.
local mostPieces = 200
-- While earlier calls left some over, a verb whose caller waits does but a few: hundreds of verbs at once would else all be
-- late. The sweep and the admission step, which every process runs all the time, do the rest.
local fewPieces = 20
-- Slots are let go of together: that costs little for each.
local mostSlots = 2000

-- What the parts derive from the settings, told by what they are derived from: only a change is worked in.
local function configured()
  local parts = { num(settings.queueGraceSeconds * 1000), num(settings.maxCheckTicketPollTimeSeconds * 1000) }
  for _, lane in ipairs(settings.lanesInOrder) do
    parts[#parts + 1] = lane[1]
    parts[#parts + 1] = string.format("%.17g", lane[2])
  end
  return table.concat(parts, "\n")
end

-- The store begins with the first call that finds it empty, for every process. Answers whether calls before left some over
-- that had run out.
local function open()
  local kept = redis.call("HMGET", key("queue"), "holdUntil", "configuredFor", "isBehind")
  core.holdUntil = tonumber(kept[1] or nil)
  if core.holdUntil == nil then
    core.holdUntil = settings.ticketsMayReturn and now + settings.restoreSeconds * 1000 or now
    redis.call("HSET", key("queue"), "holdUntil", num(core.holdUntil))
    bucket.begin()
  end
  if kept[2] ~= configured() then core.configure() end
  return kept[3] ~= false
end

-- The settings are others now: what the parts derive from them is derived anew.
function core.configure()
  tickets.configure()
  redis.call("HSET", key("queue"), "configuredFor", configured())
end

local function passEnded(entry, at)
  local claimedBy = entry.claimedBy
  if claimedBy ~= nil and (entry.delivered or slots.hasSockets(claimedBy)) then
    core.finish(entry, "admitted", at)
    return
  end
  redis.call("HINCRBY", key("queue"), "noShows", 1)
  if entry.delivered then
    core.finish(entry, "lapsed", at)
    return
  end
  if claimedBy == nil then slots.deletePass(entry.id) else slots.release(claimedBy) end
  tickets.giveBack(entry, at, core.isHeldBySocket(entry))
end

-- The first of what has run out. Answers how many pieces that was; 0 where nothing is left.
local function settleNext(most)
  local sids, deadHost, diedAt = slots.takeLost(most)
  if sids then
    for _, sid in ipairs(sids) do core.socketsClosed(sid, deadHost, diedAt) end
    return math.max(1, #sids)
  end
  -- In the order in which it happened: whether a holder was there when its pass ended depends on it.
  local hostAt, hostId = hosts.dueAt(now)
  local ticketAt = tickets.dueAt(now)
  if hostAt ~= nil and (ticketAt == nil or hostAt <= ticketAt) then
    hosts.delete(hostId)
    tickets.hostLost(hostId, hostAt)
    slots.hostLost(hostId, hostAt)
    return 1
  end
  if ticketAt == nil then return 0 end
  local due = tickets.takeDue(now)
  if due then
    if due.entry.status == "waiting" then core.finish(due.entry, "lapsed", due.at) else passEnded(due.entry, due.at) end
  end
  return 1
end

-- Lets run out what has run out by now, in the order in which it happened, `most` pieces at most (200, or 20 where there were
-- more before). Answers whether more is left: the next verb, or the sweep, goes on with it.
function core.settle(most)
  if core.noneLeft ~= nil then return not core.noneLeft end
  local wasBehind = open()
  local left = most or (wasBehind and fewPieces or mostPieces)
  slots.judgedAt = -math.huge
  repeat
    local pieces = settleNext(left)
    left = left - pieces
  until pieces == 0 or left <= 0
  slots.judgedAt = now
  core.noneLeft = left > 0
  if core.noneLeft and wasBehind then redis.call("HDEL", key("queue"), "isBehind") end
  if not core.noneLeft and not wasBehind then redis.call("HSET", key("queue"), "isBehind", 1) end
  -- Only then: a process that died before a slot of its sessions ran out may have given it a longer lease.
  if core.noneLeft and slots.forgetDue(now, mostSlots) then core.noneLeft = false end
  return not core.noneLeft
end

-- The same, as much as one call may do: for the steps that nobody waits for.
function core.settleMost()
  return core.settle(mostPieces)
end

-- The process is alive from now on for the length of a lease; its tickets are present again, had it been taken for dead.
function core.leaseHost(hostId)
  local wasAlive = hosts.set(hostId, now + settings.hostLeaseSeconds * 1000)
  if not wasAlive then tickets.hostBack(hostId) end
end

-- Whether a socket holds the ticket, on a process that lives.
function core.isHeldBySocket(entry)
  local holder = entry.holder
  return holder ~= nil and holder.kind == "socket" and hosts.has(holder.hostId)
end

-- With the last socket player grace begins, save for a session that is over or was thrown out: its slot goes.
function core.socketsClosed(sid, hostId, at)
  if not slots.socketsClosed(sid, hostId) or not slots.has(sid) then return end
  local record = sessions.get(sid)
  if record ~= nil and not sessions.isLive(record, at) then slots.release(sid)
  else slots.lease(sid, at + settings.playerGraceSeconds * 1000) end
end

-- Of a session with sockets: a player grace shorter than the time between two renewals must not take its slot.
function core.connectedLeaseEnd()
  return now + math.max(settings.playerGraceSeconds, settings.hostLeaseSeconds) * 1000
end

function core.slotLeaseEnd()
  return now + settings.playerGraceSeconds * 1000
end

-- How many may be let in now, `freed` (0) slots being as good as free.
function core.admissible(freed)
  return bucket.admissible(slots.size() - (freed or 0), core.holdUntil)
end

local function isLineOpen(mayEnterClosed)
  local mode = settings.mode
  if mode == "open" then return true end
  if mode == "auto" then return lanes.presentSize() == 0 end
  if mode == "closed" then return mayEnterClosed and lanes.exemptSize() == 0 end
  return false
end

-- Whether somebody may be let in past the line: nobody present waits who may enter too, and rate and slots allow.
function core.mayPassBy(mayEnterClosed, freed)
  return isLineOpen(mayEnterClosed) and core.admissible(freed) >= 1
end

-- Whether a slot is free below the limit, or none is asked for.
function core.hasRoom()
  return settings.mode == "open" or slots.size() < bucket.effectiveLimit()
end

-- So many (1) logins' worth of the rate. Mode `open` only counts, and so banks no debt either.
function core.spendToken(count)
  if settings.mode ~= "open" and count ~= 0 then bucket.spend(count or 1) end
end

-- Lets a ticket of the line in, as `core.givePass` does.
function core.admit(entry)
  lanes.countAdmitted(entry.lane)
  return core.givePass(entry)
end

-- Gives the ticket its pass, and the pass a slot; of a ticket bound to a live session, the slot is that session's.
-- Answers whether it took a slot: a session may have had its own.
function core.givePass(entry)
  local sid = entry.sid
  local tookSlot = core.needsSlot(sid)
  -- A session that has its slot keeps it, told of its pass or not.
  if not tookSlot then entry.delivered = true end
  tickets.admit(entry, now, settings.passSeconds * 1000)
  if sid ~= nil and sessions.getLive(sid, now) ~= nil then core.bindPass(entry, sid)
  else slots.addPass(entry.id) end
  return tookSlot
end

-- Whether a ticket of this session (nil for none) would be admitted to a slot of its own: a live one may have one.
function core.needsSlot(sid)
  return sid == nil or sessions.getLive(sid, now) == nil or not slots.isHeld(sid)
end

-- The pass counts as claimed by a session that is there already, and its slot is that session's, should it have none.
function core.bindPass(entry, sid)
  entry.claimedBy = sid
  if slots.isHeld(sid) then slots.deletePass(entry.id)
  else slots.handOver(entry.id, sid, core.slotLeaseEnd()) end
  tickets.save(entry)
end

-- Ends a ticket `at` that moment, and with it the slot of its unspent pass. One whose session has its slot was admitted.
function core.finish(entry, reason, at)
  slots.deletePass(entry.id)
  if entry.status == "waiting" then lanes.countAbandoned(entry.lane, entry.present, reason == "lapsed") end
  tickets.finish(entry, reason, at)
end

-- The session uses its slot: the ticket that was admitted for it is spent.
function core.spendBoundTicket(sid)
  local record = sessions.get(sid)
  local entry = record and tickets.ofUser(record.userId)
  if entry and entry.claimedBy == sid then core.finish(entry, "admitted", now) end
end

return core
