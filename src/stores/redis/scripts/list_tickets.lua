-- Tickets of a lane in the order of arrival, for an operator: a part of a page. Nothing of theirs changes.
-- uses: base, settings, escape, hosts, lane_sets, queue_core
--
-- In:     ARGV[5] "waiting", or "admitted" for those with an unspent pass  6 lane  7 the order that they come behind ("-inf" for
--         all)  8 how many to look at
-- Out:    { the order to go on behind, null where there are no more; the processes that are alive; the tickets: id, record and
--         1 + how many are ahead (0 of an admitted one) by turns }
-- Atomic: places, passes and who is there are of one moment.
-- Twice:  answers again.
-- Cost:   O(looked at + log N). Those who wait are all of the lane; those who were admitted stand in one set for all lanes, and
--         the ones of other lanes are looked at too: there are no more than slots, and they are gone after `passSeconds`.
core.settle()
local isWaiting, lane, most = ARGV[5] == "waiting", ARGV[6], tonumber(ARGV[8])
local set = isWaiting and "wait:" .. lane or "admitted"
local found = redis.call("ZRANGEBYSCORE", key(set), "(" .. ARGV[7], "+inf", "WITHSCORES", "LIMIT", 0, most)
if #found == 0 then return { false, {}, {} } end

local ids = {}
for index = 1, #found, 2 do ids[#ids + 1] = found[index] end
local records = redis.call("HMGET", key("ticket"), unpack(ids))
local ahead, escaped = isWaiting and laneSets.rank(lane, ids[1]), escape(lane)
local tickets = {}
for index, id in ipairs(ids) do
  local record = records[index]
  if record and string.match(record, "^%d+\t%a\t([^\t]*)") == escaped then
    tickets[#tickets + 1] = id
    tickets[#tickets + 1] = record
    tickets[#tickets + 1] = isWaiting and ahead + index or 0
  end
end
return { #ids == most and found[#found] or false, hosts.alive(), tickets }
