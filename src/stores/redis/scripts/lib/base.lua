-- What every script stands on: its keys, the time, the feed, and a way to run only once.
--
-- In:  KEYS[1]  the hash tag, "{prefix}": every key is built from it, so that all lie in one slot of a Redis Cluster.
--      ARGV[1]  "" for Redis's own time; a test's clock gives its ms here.
--      ARGV[2]  the id of the calling process.
--      ARGV[3]  the id of this call: the same when a lost answer makes the client send it again. It begins with the moment,
--               ms by Redis's time in 13 digits, after which nobody waits for its answer any more.
--      ARGV[4…] the verb's own.
-- Out: `return value`, or `return reply(value)` where the script may publish. Redis turns `false` (and a nil inside a
--      list ends it) into null, and cuts a number to an integer: pass fractions as strings.
local base = KEYS[1]

-- A part that ends by `return <name>` reaches its script by that name, and is made when the script first uses anything of
-- it: Redis makes every function anew each time it runs a script, and most scripts need few of all that their parts need.
-- Made before, its functions alone took more time than most verbs do.
local unmade = {}

local function make(part)
  local module = part[1]()
  setmetatable(part, { __index = module, __newindex = module })
  part[1] = nil
  return module
end

function unmade.__index(part, name)
  return make(part)[name]
end

function unmade.__newindex(part, name, value)
  make(part)[name] = value
end

local function whenUsed(maker)
  return setmetatable({ maker }, unmade)
end

local function key(name)
  return base .. ":" .. name
end

-- Redis's own time in whole microseconds, which a Lua number holds exactly until the year 2255, and in ms.
local redisMicros, redisNow
do
  local time = redis.call("TIME")
  redisMicros = tonumber(time[1]) * 1000000 + tonumber(time[2])
  redisNow = math.floor(redisMicros / 1000)
end

-- The store's time, whole milliseconds and microseconds since the epoch.
local now, nowMicros = redisNow, redisMicros
if ARGV[1] ~= "" then
  now = math.floor(tonumber(ARGV[1]))
  nowMicros = now * 1000
end

-- Its caller was told that the store cannot be reached. What waited in a socket while Redis stood still must not happen now.
do
  local awaitedUntil = tonumber(string.sub(ARGV[3], 1, 13))
  if awaitedUntil and redisNow > awaitedUntil then
    return redis.error_reply("LATE this call was given up before it ran")
  end
end

-- A whole number in all its digits: Lua's own `..` and tostring keep 14, and cjson does too.
local function num(x)
  return string.format("%.0f", x)
end

local events = {}

-- Keeps an event for the end of the script. Events are what StoreEvent says in TypeScript; a null is cjson.null.
local function publish(event)
  events[#events + 1] = event
end

-- Processes that must have heard of an end before its verb returns: those whose lease runs, by Redis's own time.
local function liveProcesses()
  return redis.call("ZRANGEBYSCORE", key("procs"), "(" .. num(redisNow), "+inf")
end

-- The answer of a script that may publish: writes its events as one entry of the stream, so that no process hears half
-- of them, and hands them back for the caller's own listeners, which hear them before the verb resolves.
local function reply(value)
  if value == nil then value = false end
  if #events == 0 then return { ":feed", "", "", {}, value } end
  local json = cjson.encode(events)
  local awaited = {}
  for _, event in ipairs(events) do
    if event.type == "sessionEnded" or event.type == "disconnect" then
      awaited = liveProcesses()
      break
    end
  end
  local entry = redis.call("XADD", key("feed"), "MAXLEN", "~", "100000", "*", "by", ARGV[2], "events", json)
  events = {}
  return { ":feed", entry, json, awaited, value }
end

-- For a verb that is not safe to run twice by itself: `return once(function() … return reply(value) end)`. A call that
-- was sent again within 30 s gets the answer of the first time, and changes nothing.
local function once(verb)
  local kept = redis.call("GET", key("once:" .. ARGV[3]))
  if kept then return cmsgpack.unpack(kept) end
  local answer = verb()
  if answer == nil then answer = false end
  redis.call("SET", key("once:" .. ARGV[3]), cmsgpack.pack(answer), "PX", "30000")
  return answer
end
