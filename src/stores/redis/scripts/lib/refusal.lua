-- Why somebody is not let in past the queue, and how many wait where those wait who have no lane of their own.
-- uses: base, settings, lanes
local function refusal(mayEnterClosed)
  if settings.mode == "closed" and not mayEnterClosed then return { "queueClosed" } end
  return { "queueRequired", num(lanes.length(settings.defaultLane())) }
end
