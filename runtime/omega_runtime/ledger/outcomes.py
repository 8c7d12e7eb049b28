"""The names of what ending a hold can answer, in their order of precedence.

CLOSED: the hold was ended before; nothing happens. Then OVERRUN or SETTLED, UNKNOWN, VOIDED.
"""

CLOSED = "closed"
OVERRUN = "overrun"
SETTLED = "settled"
UNKNOWN = "unknown"
VOIDED = "voided"
