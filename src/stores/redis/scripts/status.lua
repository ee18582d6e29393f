-- What the queue is like, and what happened in it so far.
-- uses: base, settings, bucket, slots, login_times, tickets, queue_core
--
-- Out:    { now, lanes (as lib/lanes.lua has them), slots, tokens, hold until, slots given up, no-shows, first order or null,
--         last admission step or null, seconds to login or null, the settings in force that a status tells }
-- Atomic: all numbers are of one moment.
-- Twice:  answers again.
-- Cost:   O(lanes × processes).
core.settle()
local firstOrder, median = lanes.firstOrder(), loginTimes.medianSeconds()
local kept = redis.call("HMGET", key("queue"), "noShows", "stepAt")
local function exact(x)
  return string.format("%.17g", x)
end
return {
  num(now), lanes.status(), slots.size(), exact(bucket.tokens()), num(core.holdUntil), slots.departed(), kept[1] or 0,
  firstOrder and num(firstOrder) or false, kept[2], median and exact(median) or false,
  {
    settings.mode, exact(settings.targetCcuLimit), exact(settings.safetyMarginPercent),
    exact(settings.targetLoginRatePerSecond), exact(bucket.effectiveBurst()), exact(settings.estimatedSecondsToLogin),
  },
}
