-- Text as a field of a line: without the tabs that part fields.
-- uses: base
local function escape(text)
  if not string.find(text, "[%%\t]") then return text end
  return (string.gsub(string.gsub(text, "%%", "%%25"), "\t", "%%09"))
end

local function unescape(text)
  if not string.find(text, "%", 1, true) then return text end
  return (string.gsub(string.gsub(text, "%%09", "\t"), "%%25", "%%"))
end
