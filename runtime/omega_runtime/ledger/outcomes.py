"""The names of what a ledger operation can answer, in their order of precedence.

reserve: REFUSED (can never fit), COUNT (a closer prompt figure is wanted), WAIT (may fit later), GRANTED.
settle and void: CLOSED (the hold was settled before; nothing happens), then OVERRUN or SETTLED, UNKNOWN, VOIDED.
"""

REFUSED = "refused"
COUNT = "count"
WAIT = "wait"
GRANTED = "granted"

CLOSED = "closed"
OVERRUN = "overrun"
SETTLED = "settled"
UNKNOWN = "unknown"
VOIDED = "voided"
