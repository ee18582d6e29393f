-- Where a ticket stands, as an answer holds it.
-- uses: base, tickets
--
-- { "waiting", id, record, queueLength, rank }, { "admitted", id, record, queueLength } or { "gone", reason or null }
local function standing(ticketId)
  local entry = tickets.get(ticketId)
  if entry == nil then
    local stone = tickets.tombstone(ticketId)
    return { "gone", stone and stone.reason or false }
  end
  local shown = tickets.show(entry)
  local answer = { entry.status, shown[1], shown[2], lanes.length(entry.lane) }
  if entry.status == "waiting" then answer[5] = tickets.rank(entry) end
  return answer
end
