-- The slots of the concurrent-user limit: one for each unspent pass, and one under a lease for each session that was let in.
-- uses: base
--
-- Keys: passes       SET   tickets whose unspent pass holds a slot; they end with their ticket
--       slot         ZSET  sid -> end of its lease, ms
--       sockets      HASH  sid -> processes with open sockets of it, a line each
--       sids:<host>  ZSET  sid with sockets there -> number of the renewal that named it last
--       renewals     HASH  process -> number and name of its renewal that runs or ran last
--       leaving      SET   sids with sockets whose slot goes with the last of them: ended, or thrown out
--       lost         ZSET  <host>:<end> of a dead process whose sessions are still to be told -> end of its lease
--       lost:<host>:<end>  its sids, as sids:<host>
--       queue        HASH  field `taken`: slots ever given out
local slots = {
  -- Leases that ended by then do not count. While times before now are settled every one counts that is there.
  judgedAt = now,
}

local function sidsOf(hostId)
  return key("sids:" .. hostId)
end

local function leaseOf(sid)
  local endsAt = tonumber(redis.call("ZSCORE", key("slot"), sid) or nil)
  if endsAt == nil or endsAt <= slots.judgedAt then return nil end
  return endsAt
end

local function countTaken(by)
  redis.call("HINCRBY", key("queue"), "taken", by)
end

-- Slots whose lease runs, and unspent passes.
function slots.size()
  return redis.call("SCARD", key("passes")) + redis.call("ZCOUNT", key("slot"), "(" .. num(now), "+inf")
end

-- Slots ever given up: a counter.
function slots.departed()
  return (tonumber(redis.call("HGET", key("queue"), "taken") or 0)) - slots.size()
end

function slots.addPass(ticketId)
  if redis.call("SADD", key("passes"), ticketId) == 1 then countTaken(1) end
end

-- The slot of the pass is from now on the session's. A session that had one gives the pass's up.
function slots.handOver(ticketId, sid, leaseEndsAt)
  local hadSlot = redis.call("SREM", key("passes"), ticketId) == 1
  if hadSlot and leaseOf(sid) == nil then countTaken(-1) end
  slots.hold(sid, leaseEndsAt)
end

-- The slot of one session is from now on another's; while the first has sockets, which are to be closed, both have one.
function slots.passOn(from, to, leaseEndsAt)
  if not slots.hasSockets(from) and leaseOf(from) ~= nil then
    redis.call("ZREM", key("slot"), from)
    countTaken(-1)
  end
  slots.hold(to, leaseEndsAt)
end

function slots.deletePass(ticketId)
  redis.call("SREM", key("passes"), ticketId)
end

-- Whether a slot is counted for the session, even one that is about to go.
function slots.has(sid)
  return leaseOf(sid) ~= nil
end

-- Whether the session has a slot that it may keep.
function slots.isHeld(sid)
  return leaseOf(sid) ~= nil and redis.call("SISMEMBER", key("leaving"), sid) == 0
end

-- Gives the session a slot, or the one it has a new lease and the right to keep it.
function slots.hold(sid, leaseEndsAt)
  redis.call("SREM", key("leaving"), sid)
  slots.prolong(sid, leaseEndsAt)
end

-- Gives the session's slot a new lease, or makes it anew. One that is about to go still goes.
function slots.prolong(sid, leaseEndsAt)
  local endsAt = leaseOf(sid)
  if endsAt == nil then countTaken(1) end
  redis.call("ZADD", key("slot"), num(math.max(leaseEndsAt, endsAt or 0)), sid)
end

-- The slot that the session has lasts until then, be it sooner than before.
function slots.lease(sid, endsAt)
  if leaseOf(sid) ~= nil then redis.call("ZADD", key("slot"), num(endsAt), sid) end
end

-- Takes the slot away, at once where no socket is open, else with the last of them.
function slots.release(sid)
  if slots.hasSockets(sid) then redis.call("SADD", key("leaving"), sid)
  else redis.call("ZREM", key("slot"), sid) end
end

function slots.hasSockets(sid)
  return redis.call("HEXISTS", key("sockets"), sid) == 1
end

-- The processes with open sockets of the session.
function slots.hostsOf(sid)
  local hostIds = {}
  for hostId in string.gmatch(redis.call("HGET", key("sockets"), sid) or "", "[^\n]+") do
    hostIds[#hostIds + 1] = hostId
  end
  return hostIds
end

-- The renewal of a host that runs, or ran last: its number. A name that is not its begins the next.
function slots.renewal(hostId, name)
  local last = redis.call("HGET", key("renewals"), hostId)
  local number, called = string.match(last or "0 ", "^(%d+) (.*)$")
  if name == nil or name == called then return tonumber(number) end
  redis.call("HSET", key("renewals"), hostId, num(number + 1) .. " " .. name)
  return number + 1
end

-- What `sockets` says of a session once the host has some of it, too; nil where it says so already.
local function withHost(hostIds, hostId)
  if not hostIds then return hostId end
  if string.find("\n" .. hostIds .. "\n", "\n" .. hostId .. "\n", 1, true) then return nil end
  return hostIds .. "\n" .. hostId
end

function slots.socketsOpened(sid, hostId)
  -- As if the renewal that runs had named it: it opened later than its list was made.
  redis.call("ZADD", sidsOf(hostId), num(slots.renewal(hostId)), sid)
  local hostIds = withHost(redis.call("HGET", key("sockets"), sid), hostId)
  if hostIds then redis.call("HSET", key("sockets"), sid, hostIds) end
end

-- All these sessions have sockets there, as the renewal says: their slots get a new lease, or are made anew. For a thousand
-- at most, together, because a process says it of all it has every few seconds.
function slots.renew(hostId, renewal, sids, leaseEndsAt)
  if #sids == 0 then return end
  local named, opened, leased, made = {}, {}, {}, 0
  local hostIds = redis.call("HMGET", key("sockets"), unpack(sids))
  local ends = redis.call("ZMSCORE", key("slot"), unpack(sids))
  for index, sid in ipairs(sids) do
    named[#named + 1], named[#named + 2] = num(renewal), sid
    local changed = withHost(hostIds[index], hostId)
    if changed then opened[#opened + 1], opened[#opened + 2] = sid, changed end
    local endsAt = tonumber(ends[index] or 0)
    if endsAt <= slots.judgedAt then made = made + 1 end
    leased[#leased + 1], leased[#leased + 2] = num(math.max(leaseEndsAt, endsAt)), sid
  end
  redis.call("ZADD", sidsOf(hostId), unpack(named))
  if #opened > 0 then redis.call("HSET", key("sockets"), unpack(opened)) end
  redis.call("ZADD", key("slot"), unpack(leased))
  if made > 0 then countTaken(made) end
end

-- The host has no sockets of the session any more. Answers whether nobody has now, and somebody had.
function slots.socketsClosed(sid, hostId)
  redis.call("ZREM", sidsOf(hostId), sid)
  local left, hadSome = {}, false
  for _, other in ipairs(slots.hostsOf(sid)) do
    if other == hostId then hadSome = true else left[#left + 1] = other end
  end
  if not hadSome then return false end
  if #left > 0 then
    redis.call("HSET", key("sockets"), sid, table.concat(left, "\n"))
    return false
  end
  redis.call("HDEL", key("sockets"), sid)
  if redis.call("SREM", key("leaving"), sid) == 1 then redis.call("ZREM", key("slot"), sid) end
  return true
end

-- Sids with sockets there that the renewal did not name; so many at most.
function slots.unnamedOf(hostId, renewal, most)
  return redis.call("ZRANGEBYSCORE", sidsOf(hostId), "-inf", "(" .. num(renewal), "LIMIT", 0, most)
end

-- The process is dead since then: its sids are set apart, to be taken one by one.
function slots.hostLost(hostId, at)
  redis.call("HDEL", key("renewals"), hostId)
  if redis.call("EXISTS", sidsOf(hostId)) == 0 then return end
  local name = hostId .. ":" .. num(at)
  redis.call("RENAME", sidsOf(hostId), key("lost:" .. name))
  redis.call("ZADD", key("lost"), num(at), name)
end

-- Takes so many of the sids of the process that died first; nil where there are none. One that has sockets again at a
-- process of that name is left out. Answers the process and when it died, too.
function slots.takeLost(most)
  local first = redis.call("ZRANGE", key("lost"), 0, 0, "WITHSCORES")
  local name, at = first[1], tonumber(first[2])
  if name == nil then return nil end
  local hostId = string.sub(name, 1, -2 - #num(at))
  local taken = redis.call("ZPOPMIN", key("lost:" .. name), most)
  local sids = {}
  for index = 1, #taken, 2 do
    if not redis.call("ZSCORE", sidsOf(hostId), taken[index]) then sids[#sids + 1] = taken[index] end
  end
  if redis.call("EXISTS", key("lost:" .. name)) == 0 then redis.call("ZREM", key("lost"), name) end
  return sids, hostId, at
end

-- Forgets slots that have run out, the first ones first, so many at most. Answers whether there are more.
function slots.forgetDue(at, most)
  local due = redis.call("ZCOUNT", key("slot"), "-inf", num(at))
  if due > 0 then redis.call("ZREMRANGEBYRANK", key("slot"), 0, math.min(due, most) - 1) end
  return due > most
end

return slots
