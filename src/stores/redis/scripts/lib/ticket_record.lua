-- A ticket as one string, so that thousands are read and written at the least cost in time and memory.
-- uses: base, escape
--
-- Fields in this order, a tab between them, those at the end left out that are empty (src/stores/redis/ticket-record.ts
-- reads the same):
--    1  least position shown      2  `w` waiting, `a` admitted      3  lane      4  order
--    5  holder: empty; `s` and its process; `p` and the seconds until its next poll, `q` once it is away
--    6  the socket's id: `=` and what follows the process's id in it, or `.` and the whole
--    7  address      8  when it was enqueued (ms); empty where its order says so
--    9  `e` may enter a closed queue, `d` its pass was delivered, and failed tries, should there be any
--   10  when it lapses (ms): of a waiting one that a socket holds only if it was given back to a dead process, in `late`
--   11  userId      12  sid      13  admitted at      14  its pass ends at      15  the session that its pass is bound to
-- A tab and a percent sign inside a field are written %09 and %25.
--
-- The same as a table, an entry: id, lane, order, position, mayEnterClosed, address, enqueuedAt, userId, sid, holder (nil,
-- { kind = "socket", id, hostId } or { kind = "poll", nextPollSeconds, isThere }), status ("waiting", "admitted"),
-- lapsesAt, admittedAt, passExpiresAt, delivered, failedTries, claimedBy.
local ticketRecord = {}

local function time(value)
  return value and num(value) or ""
end

local function text(value)
  return value and escape(value) or ""
end

local function holderOf(entry)
  local holder = entry.holder
  if holder == nil then return "", "" end
  if holder.kind == "poll" then
    return (holder.isThere and "p" or "q") .. string.format("%.17g", holder.nextPollSeconds), ""
  end
  local hostId, id = holder.hostId, holder.id
  if string.sub(id, 1, #hostId) == hostId then return "s" .. escape(hostId), "=" .. escape(string.sub(id, #hostId + 1)) end
  return "s" .. escape(hostId), "." .. escape(id)
end

local function readHolder(holder, id)
  local kind, rest = string.sub(holder, 1, 1), string.sub(holder, 2)
  if kind == "" then return nil end
  if kind ~= "s" then return { kind = "poll", nextPollSeconds = tonumber(rest), isThere = kind == "p" } end
  local hostId, own = unescape(rest), unescape(string.sub(id, 2))
  if string.sub(id, 1, 1) == "=" then own = hostId .. own end
  return { kind = "socket", id = own, hostId = hostId }
end

function ticketRecord.pack(entry)
  local isWaiting = entry.status == "waiting"
  local holder, holderId = holderOf(entry)
  local marks = (entry.mayEnterClosed and "e" or "") .. (entry.delivered and "d" or "")
  if entry.failedTries > 0 then marks = marks .. num(entry.failedTries) end
  local isTimedAlone = not isWaiting or string.sub(holder, 1, 1) ~= "s" or entry.isLate
  local packed = table.concat({
    num(entry.position), isWaiting and "w" or "a", escape(entry.lane), num(entry.order), holder, holderId,
    text(entry.address), math.floor(entry.order / 1000) == entry.enqueuedAt and "" or num(entry.enqueuedAt), marks,
    isTimedAlone and time(entry.lapsesAt) or "", text(entry.userId), text(entry.sid),
    time(entry.admittedAt), time(entry.passExpiresAt), text(entry.claimedBy),
  }, "\t")
  return (string.gsub(packed, "\t+$", ""))
end

local function none(value)
  if value == nil or value == "" then return nil end
  return unescape(value)
end

function ticketRecord.unpack(id, packed)
  local fields = {}
  for field in string.gmatch(packed .. "\t", "([^\t]*)\t") do fields[#fields + 1] = field end
  local order, marks = tonumber(fields[4]), fields[9] or ""
  return {
    id = id,
    position = tonumber(fields[1]),
    status = fields[2] == "w" and "waiting" or "admitted",
    lane = unescape(fields[3]),
    order = order,
    holder = readHolder(fields[5] or "", fields[6] or ""),
    address = none(fields[7]),
    enqueuedAt = tonumber(none(fields[8])) or math.floor(order / 1000),
    mayEnterClosed = string.find(marks, "e", 1, true) ~= nil,
    delivered = string.find(marks, "d", 1, true) ~= nil,
    failedTries = tonumber(string.match(marks, "%d+")) or 0,
    lapsesAt = tonumber(none(fields[10])),
    userId = none(fields[11]),
    sid = none(fields[12]),
    admittedAt = tonumber(none(fields[13])),
    passExpiresAt = tonumber(none(fields[14])),
    claimedBy = none(fields[15]),
    isLate = false,
  }
end

return ticketRecord
