-- A process says which of its sessions are quiet, and hears which of them are so everywhere.
-- uses: base, settings, slots, queue_core, silence
--
-- In:     ARGV[5] process; ARGV[6] 1 for the first part of its report, else 0; ARGV[7] for how many ms it counts;
--         then sid and ms of silence, in turns
-- Out:    sid and ms of the shortest silence, in turns, of those that are quiet on every process with sockets of theirs
-- Atomic: sockets that open on another process are seen, or come after what is answered.
-- Twice:  says the same again.
-- Cost:   O(sessions named × processes of each).
core.settle()
local hostId = ARGV[5]
local heardAt, sids = {}, {}
for index = 8, #ARGV, 2 do
  sids[#sids + 1] = ARGV[index]
  heardAt[ARGV[index]] = now - tonumber(ARGV[index + 1])
end
silence.report(hostId, ARGV[6] == "1", heardAt, tonumber(ARGV[7]))

local everywhere = {}
for _, sid in ipairs(sids) do
  local lastAt = silence.heardLast(hostId, sid, heardAt[sid])
  if lastAt ~= nil then
    everywhere[#everywhere + 1] = sid
    everywhere[#everywhere + 1] = num(now - lastAt)
  end
end
return everywhere
