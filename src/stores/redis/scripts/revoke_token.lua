-- Marks a token as revoked, or one for a single use as used.
-- uses: base
--
-- In:   5 its jti  6 when the mark may be forgotten, ms, or "never"
-- Out:  1 where this call made the mark; 0 where there is one, or it would be over already
-- Keys: revoked:<jti>  STRING  when it may be forgotten; expires a day after that
-- Atomic, because of two uses of one token at the same moment one alone may be the first.
-- Cost: O(1).
local marginMs, longestMs = 24 * 60 * 60 * 1000, 100 * 365 * 24 * 60 * 60 * 1000

return once(function()
  local name, ends = key("revoked:" .. ARGV[5]), ARGV[6]
  local before = redis.call("GET", name)
  if before and (before == "never" or now < tonumber(before)) then return 0 end
  if ends == "never" then
    redis.call("SET", name, ends)
    return 1
  end
  local leftMs = tonumber(ends) - now
  if leftMs <= 0 then return 0 end
  redis.call("SET", name, ends, "PX", num(math.ceil(math.min(longestMs, leftMs + marginMs))))
  return 1
end)
