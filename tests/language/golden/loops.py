# Compiled by VERSION (interface 1) from loops.omega
# Source sha256:0b5cc521ed1c018e9b3da4f77076a5bcd10034375937369f88639b9371385f6c
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from loops.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "loops.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, TAIL, bounce, display, entry, is_even, list_, map_, named, newline, reverse,
)

__all__ = ["count_down", "hyx_gcdXasteriskX", "collect", "table", "counters"]
__omega_source__ = "loops.omega"

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
# 9:1:1 18:3:15 21:2:1 23:3:7 24:3:33 25:3:15 28:4:1 30:5:7 31:5:17 32:5:15 35:6:1 36:7:3 38:8:12
# 39:8:24 40:9:12 41:9:22 43:10:23 46:11:1 47:12:3 48:14:8 49:12:13 50:13:23 51:13:73 52:13:23
# 53:13:87 54:12:3 55:14:19 58:15:1 59:16:3 60:17:9 61:17:21 62:17:25 64:16:3 71:15:1 76:18:1
# 77:18:73 78:18:85 80:18:73 84:18:1 92:19:1
