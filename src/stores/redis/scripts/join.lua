-- Takes a ticket: a new one, the old one back, or the one that a known user has.
-- uses: base, settings, tickets, queue_core, join
--
-- In:     ARGV[5] id of a new ticket  6 its lane  7 user  8 session ("" for none)
--         9 holder: "socket" or "poll"  10 the socket's id, or seconds until the next poll  11 the socket's process
--         12 address ("" for none)  13 "1" where a new ticket may be made  14 "1" for one who may enter a closed queue
--         15 to 18 of a presented ticket, "" for none: id, lane, order, position
-- Out:    { "joined", "new" | "returned" | "restored", id, record } | { "banned", end, reason }
--         | { "tooManyTickets", how many wait } | { "queueFull" } | { "queueClosed" } | { "ticketNeeded" }
-- Atomic: one place for a user, one holder for a place, and no more places than may be, whoever else joins.
-- Twice:  the same ticket once more; one that the first call restored has returned then.
-- Cost:   O(log waiting), and O(lanes) where the process was thought dead.
core.settle()
local function given(value)
  if value == "" then return nil end
  return value
end
local holder = { kind = "poll", nextPollSeconds = tonumber(ARGV[10]) }
if ARGV[9] == "socket" then holder = { kind = "socket", id = ARGV[10], hostId = ARGV[11] } end
local claim = nil
if ARGV[15] ~= "" then
  claim = { id = ARGV[15], lane = ARGV[16], order = tonumber(ARGV[17]), position = tonumber(ARGV[18]) }
end
return reply(join.run({
  claim = claim,
  newTicketId = ARGV[5],
  lane = ARGV[6],
  userId = given(ARGV[7]),
  sid = given(ARGV[8]),
  holder = holder,
  address = given(ARGV[12]),
  mayCreate = ARGV[13] == "1",
  mayEnterClosed = ARGV[14] == "1",
}))
