-- How many tickets wait, by the address that they come from.
-- uses: base
--
-- Keys: ip:<3 hex digits>  HASH  address -> waiting tickets there; the digits are the first of its SHA-1, so that each of the
--                                4 096 hashes is small, and kept in a fraction of the memory
local addresses = {}

local function keyOf(address)
  return key("ip:" .. string.sub(redis.sha1hex(address), 1, 3))
end

function addresses.get(address)
  return tonumber(redis.call("HGET", keyOf(address), address) or 0)
end

function addresses.add(address)
  if address ~= nil then redis.call("HINCRBY", keyOf(address), address, 1) end
end

function addresses.delete(address)
  if address == nil then return end
  local left = redis.call("HINCRBY", keyOf(address), address, -1)
  if left <= 0 then redis.call("HDEL", keyOf(address), address) end
end

return addresses
