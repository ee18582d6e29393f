-- Lets run out what has run out by now.
-- uses: base, settings, tickets, queue_core
--
-- Out:    1 where more is left: call again; else 0
-- Atomic: what runs out does so in the order in which it happened, whoever else asks.
-- Twice:  the second finds less.
-- Cost:   O(log waiting) for each that ran out, some hundreds of them at a call.
return core.settleMost() and 1 or 0
