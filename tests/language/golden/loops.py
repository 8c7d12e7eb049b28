# Compiled by VERSION from loops.omega
# Source sha256:0b5cc521ed1c018e9b3da4f77076a5bcd10034375937369f88639b9371385f6c
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from loops.omega."""

from omega_runtime.control.tail import TAIL, bounce, entry, named
from omega_runtime.lib.higher_order import map_
from omega_runtime.lib.lists import list_, reverse
from omega_runtime.lib.numbers import is_even
from omega_runtime.lib.ports import display, newline
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.symbols import Symbol
from omega_runtime.version import compiled_by

__all__ = ["count_down", "hyx_gcdXasteriskX", "collect", "table", "counters"]
__omega_source__ = "loops.omega"
compiled_by("VERSION", __name__)

DONE = Symbol("done")


@named("count-down")
def count_down(n):
    while +n != 0:
        n = n - 1
    return DONE


@named("gcd*")
def hyx_gcdXasteriskX(a, b):
    while +b != 0:
        a, b = b, a % b
    return a


def collect(limit):
    i, found = 0, NIL
    while True:
        if i == +limit:
            return reverse(found)
        if i % 2 == 0 if isinstance(i, int) else is_even(i):
            i, found = i + 1, Pair(i, found)
            continue
        i = i + 1


def table(rows, columns):
    i, all = 0, NIL
    while i != +rows:
        value_2 = i + 1
        j, row = 0, NIL
        while j != +columns:
            j, row = j + 1, Pair(i * j, row)
        value = reverse(row)
        i, all = value_2, Pair(value, all)
    return reverse(all)


def _counters_tail(limit):
    def loop_tail(i, all):
        if +i == +limit:
            return all
        return TAIL, loop, i + 1, Pair(lambda: i, all)

    @entry(loop_tail)
    def loop(i, all):
        return bounce(loop_tail(i, all))

    return TAIL, loop, 0, NIL


@entry(_counters_tail)
def counters(limit):
    return bounce(_counters_tail(limit))


def _line_18():
    def fn_tail(c):
        return TAIL, c

    @entry(fn_tail)
    def fn(c):
        return bounce(fn_tail(c))

    return display(
        list_(
            count_down(5), hyx_gcdXasteriskX(12, 18), collect(6), table(2, 3), map_(fn, counters(3))
        ),
    )


_line_18()
newline()


# Where the code comes from (Python line:Omega line:column):
# 18:1:1 20:3:15 23:2:1 25:3:7 26:3:33 27:3:15 30:4:1 32:5:7 33:5:17 34:5:15 37:6:1 38:7:3 40:8:12
# 41:8:24 42:9:12 43:9:22 45:10:23 48:11:1 49:12:3 50:14:8 51:12:13 52:13:23 53:13:73 54:13:23
# 55:13:87 56:12:3 57:14:19 60:15:1 61:16:3 62:17:9 63:17:21 64:17:25 66:16:3 73:15:1 78:18:1
# 79:18:73 80:18:85 82:18:73 86:18:1 94:19:1
