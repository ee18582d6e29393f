-- What the start and the end of a session mean for the queue: the half of the verbs that span both, run in the same step.
-- uses: base, settings, queue_core, tickets, slots, login_times
--
-- In a store that was opened without a queue it does nothing, and looks at no key of the queue.
local queueSide = {}

-- Whether the pass may open a session of the user: "unspent"; "bound" and the sid of the session that the same user queued
-- with, which holds its slot; "claimed" and the sid of the session that the same user opened with it; or "invalid".
function queueSide.checkPass(ticketId, userId)
  core.settle()
  local entry = tickets.get(ticketId)
  if entry then
    if entry.status == "waiting" then return "invalid" end
    -- Whoever presents it has it.
    if not entry.delivered then
      entry.delivered = true
      tickets.save(entry)
    end
    if entry.claimedBy == nil then return "unspent" end
    if entry.userId == userId and slots.isHeld(entry.claimedBy) then return "bound", entry.claimedBy end
    return "invalid"
  end
  local stone = tickets.tombstone(ticketId)
  local claim = stone and stone.claim
  if not claim or claim.userId ~= userId or claim["until"] <= now then return "invalid" end
  return "claimed", claim.sid
end

-- The pass opened this session: the ticket is finished, and its slot the session's, or that of the session it was bound to.
function queueSide.spendPass(ticketId, userId, sid)
  local entry = tickets.get(ticketId)
  if entry.claimedBy then slots.passOn(entry.claimedBy, sid, core.slotLeaseEnd())
  else slots.handOver(ticketId, sid, core.slotLeaseEnd()) end
  loginTimes.add(entry)
  tickets.finish(entry, "admitted", now, { userId = userId, sid = sid, ["until"] = entry.passExpiresAt })
end

-- The session was refreshed: its slot, should it have one, stays as if its last socket had closed now.
function queueSide.renewSlot(sid)
  if not settings.hasQueue then return end
  core.settle()
  if slots.isHeld(sid) then slots.prolong(sid, core.slotLeaseEnd()) end
end

-- `cause` is "banned" for a banned user's, else nil.
local function removeTicket(entry, reason, cause)
  core.finish(entry, "removed", now)
  publish({ type = "ticketRemoved", ticketId = entry.id, reason = reason, cause = cause })
end

-- The session ended: its slot goes once no socket is left, the ticket bound to it at once. `words` are for its holder.
function queueSide.endSession(record, words)
  if not settings.hasQueue then return end
  core.settle()
  slots.release(record.sid)
  local entry = tickets.ofUser(record.userId)
  if entry and entry.sid == record.sid then removeTicket(entry, words) end
end

-- The session's sockets are being closed by the server: its slot goes with the last of them.
function queueSide.disconnectSession(sid)
  if not settings.hasQueue then return end
  core.settle()
  slots.release(sid)
end

function queueSide.banUser(userId, reason)
  if not settings.hasQueue then return end
  core.settle()
  local entry = tickets.ofUser(userId)
  if entry then removeTicket(entry, reason, "banned") end
end

return queueSide
