-- The passes of these admitted tickets reached their holders.
-- uses: base, settings, tickets, queue_core
--
-- In:     ARGV[5…] tickets
-- Out:    nothing
-- Atomic: a pass that ended by now gave its place back first.
-- Twice:  marks again what is marked.
-- Cost:   O(tickets named).
core.settle()
for index = 5, #ARGV do
  local entry = tickets.get(ARGV[index])
  if entry ~= nil and entry.status == "admitted" and not entry.delivered then
    entry.delivered = true
    tickets.save(entry)
  end
end
return false
