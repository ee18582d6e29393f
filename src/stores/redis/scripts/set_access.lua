-- Sets the access rules, and tells every process.
-- uses: base
--
-- In:   5 the rules, as JSON
-- Out:  the rules before, as JSON; null where none were ever set
-- Keys: access  STRING  the rules; kept until they are set again
-- Atomic, because who is told must find the new ones, and two who set them at once are told different ones before.
-- Cost: O(1).
return once(function()
  local before = redis.call("GET", key("access"))
  redis.call("SET", key("access"), ARGV[5])
  publish({ type = "accessChanged" })
  return reply(before)
end)
