-- How sessions end, and how their sockets are closed: the steps that the ending verbs share.
-- uses: base, sessions, queue_side
--
-- A request is { reason, closeSockets, message }: the message, words for the player, may be nil.
local endings = {}

-- The request in ARGV[at] and on: reason, "1" where sockets are closed, "1" where there is a message, the message.
function endings.request(at)
  local hasMessage = ARGV[at + 2] == "1"
  return { reason = ARGV[at], closeSockets = ARGV[at + 1] == "1", message = hasMessage and ARGV[at + 3] or nil }
end

-- Tells every process. `userId` is nil where the store does not know the session.
function endings.tell(sid, userId, request)
  publish({
    type = "sessionEnded",
    sid = sid,
    userId = userId or cjson.null,
    reason = request.reason,
    closeSockets = request.closeSockets,
    message = request.message,
  })
end

-- Ends a session that has not ended.
function endings.finish(record, request)
  record.endedAt = now
  record.endReason = request.reason
  sessions.put(record)
  endings.tell(record.sid, record.userId, request)
  queueSide.endSession(record, request.message or request.reason)
end

-- Ends what has not ended, sessions past their end included; of the others closes the sockets, if asked. Answers those it
-- ended.
function endings.finishAll(records, request)
  local ended = {}
  for _, record in ipairs(records) do
    if record.endedAt == nil then
      endings.finish(record, request)
      ended[#ended + 1] = record
    elseif request.closeSockets then
      endings.tell(record.sid, record.userId, request)
    end
  end
  return ended
end

-- Closes every socket of a session that lives on, or ended and left them open.
function endings.disconnect(sid, reason, isIdle)
  queueSide.disconnectSession(sid)
  publish({ type = "disconnect", sid = sid, reason = reason, isIdle = isIdle or nil })
end

return endings
