-- The settings of the queue that are in force: the options of the calling process, and over them what operators changed.
-- uses: base
--
-- In:   ARGV[4], of EVERY script that uses the queue: what `settingsArgument` of settings-codec.ts makes of the options;
--       "" where the store was opened without a queue. The verb's own arguments begin at ARGV[5].
-- Keys: cfg  HASH  setting -> JSON of its value; only what was changed and not put back.
--
-- `settings.<name>` is the value in force, by the names of QueueSettings; `loginBurst` is nil where it follows the rate.
-- `settings.lanes` is weight by lane, `settings.lanesInOrder` the same as { name, weight } in the order of the options.
local settings = { hasQueue = ARGV[4] ~= nil and ARGV[4] ~= "" }

-- Reads them anew; once at the start of the script, and again after a change.
function settings.load()
  if not settings.hasQueue then return end
  settings.loginBurst = nil
  for name, value in pairs(cjson.decode(ARGV[4])) do settings[name] = value end
  local changed = redis.call("HGETALL", key("cfg"))
  for index = 1, #changed, 2 do settings[changed[index]] = cjson.decode("[" .. changed[index + 1] .. "]")[1] end
  settings.lanesInOrder = settings.lanes
  settings.lanes = {}
  for _, lane in ipairs(settings.lanesInOrder) do settings.lanes[lane[1]] = lane[2] end
end

-- The lane of those who have no other.
function settings.defaultLane()
  local first = settings.lanesInOrder[1]
  return first and first[1] or ""
end

settings.load()

return settings
