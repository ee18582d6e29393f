-- The tickets that one script looks at, each read once, as its record, its sets and its process have it.
-- uses: base, escape, hosts, lane_sets, ticket_record
--
-- Keys: ticket     HASH  id -> record (lib/ticket_record.lua)
--       hostlapse  ZSET  dead process -> when the tickets lapse that it held when it died
--
-- An entry has the fields of ticket_record.lua; `present`; and `group` and `isLate`, which lib/lane_sets.lua keeps. Whoever
-- asks has the same table.
local ticketEntries = {}

local loaded = {}

-- Where a waiting ticket stands, by its holder: what its record leaves to the sets and to its process.
local function place(entry)
  local holder = entry.holder
  entry.present, entry.group, entry.isLate = false, nil, false
  if entry.status ~= "waiting" or holder == nil then return end
  if holder.kind == "poll" then
    entry.present = holder.isThere
    if holder.isThere then entry.group = laneSets.pollers end
    return
  end
  entry.group = holder.hostId
  if hosts.has(holder.hostId) then
    entry.present, entry.lapsesAt = true, nil
  elseif entry.lapsesAt ~= nil and laneSets.isLate(holder.hostId, entry.lane, entry.id) then
    entry.isLate = true
  else
    entry.lapsesAt = tonumber(redis.call("ZSCORE", key("hostlapse"), holder.hostId) or nil)
  end
end

-- Begins one that is in no record yet.
function ticketEntries.add(entry)
  loaded[entry.id] = entry
end

-- Of a ticket that waits or holds an unspent pass; or nil.
function ticketEntries.get(ticketId)
  local entry = loaded[ticketId]
  if entry ~= nil then return entry end
  local packed = redis.call("HGET", key("ticket"), ticketId)
  if not packed then return nil end
  entry = ticketRecord.unpack(ticketId, packed)
  place(entry)
  loaded[ticketId] = entry
  return entry
end

function ticketEntries.save(entry)
  redis.call("HSET", key("ticket"), entry.id, ticketRecord.pack(entry))
end

function ticketEntries.delete(entry)
  redis.call("HDEL", key("ticket"), entry.id)
  loaded[entry.id] = nil
end

-- A process died, or came back: what this script has read stands otherwise.
function ticketEntries.placeAll()
  for _, entry in pairs(loaded) do place(entry) end
end

return ticketEntries
