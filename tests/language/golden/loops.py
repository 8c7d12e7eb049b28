# Compiled by VERSION (interface 1) from loops.omega
# Source sha256:0b5cc521ed1c018e9b3da4f77076a5bcd10034375937369f88639b9371385f6c
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Self tail calls and named lets become loops; closures get variables of their own."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "loops.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, TAIL, bounce, display, entry, is_even, list_, map_, named, newline, reverse,
)

__all__ = ["count_down", "hyx_gcdXasteriskX", "collect", "table", "counters"]
__omega_source__ = "loops.omega"
__omega_interface__ = {
    "exports": {
        "count-down": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "gcd*": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "collect": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "table": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "counters": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
    },
}

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
# 9:1:1 27:3:15 30:2:1 32:3:7 33:3:33 34:3:15 37:4:1 39:5:7 40:5:17 41:5:15 44:6:1 45:7:3 47:8:12
# 48:8:24 49:9:12 50:9:22 52:10:23 55:11:1 56:12:3 57:14:8 58:12:13 59:13:23 60:13:73 61:13:23
# 62:13:87 63:12:3 64:14:19 67:15:1 68:16:3 69:17:9 70:17:21 71:17:25 73:16:3 80:15:1 85:18:1
# 86:18:73 87:18:85 89:18:73 93:18:1 101:19:1
