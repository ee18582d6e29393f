-- An operator changes live settings for every process, until they are changed again.
-- uses: base, settings, bucket, tickets, queue_core
--
-- In:     ARGV[5…] setting and JSON of its value, in turns; "null" puts one back to what the options say
-- Out:    { what was changed before, what is changed now }, each setting and JSON in turns; event queueConfigured
-- Atomic: no step goes by half of a change, and the answer is what this change did.
-- Twice:  changes once, and answers what was before it.
-- Cost:   O(settings × lanes).
return once(function()
  core.settle()
  local previous = redis.call("HGETALL", key("cfg"))
  bucket.refill()
  for index = 5, #ARGV, 2 do
    if ARGV[index + 1] == "null" then redis.call("HDEL", key("cfg"), ARGV[index])
    else redis.call("HSET", key("cfg"), ARGV[index], ARGV[index + 1]) end
  end
  settings.load()
  core.configure()
  publish({ type = "queueConfigured" })
  return reply({ previous, redis.call("HGETALL", key("cfg")) })
end)
