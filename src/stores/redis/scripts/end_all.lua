-- Ends sessions created at or before a moment, one piece of all sessions after the other; closes the sockets of those that
-- ended before, if asked.
-- uses: base, settings, sessions, queue_side, endings
--
-- In:   5 the moment, ms  6 the place to go on from, 0 first  7 how many to look at  8 name of the run
--       9… the request, as lib/endings.lua reads it
-- Out:  { the next place, 1 where this was the last piece, the ended: sid and record by turns }
-- Keys: ended:<run>  STRING  answer of the run's last piece, by its place, for 30 s: a piece may be sent again
-- Atomic, because a refresh of one of them at the same moment must find the end or be undone by it. A session opened
--       between two pieces is met by a later one: see `sessions.some`.
-- Cost: O(looked at).
local before, from, most = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local answered = key("ended:" .. ARGV[8])

local kept = redis.call("GET", answered)
if kept then
  local place, answer = unpack(cmsgpack.unpack(kept))
  if place == from then return answer end
end

local sids, place = sessions.some(tonumber(from), most)
local records = {}
for _, sid in ipairs(sids) do
  local record = sessions.get(sid)
  if record and record.createdAt <= before then records[#records + 1] = record end
end
local ended = endings.finishAll(records, endings.request(9))
local answer = reply({ num(place), #sids < most and 1 or 0, sessions.shown(ended) })
redis.call("SET", answered, cmsgpack.pack({ from, answer }), "PX", "30000")
return answer
