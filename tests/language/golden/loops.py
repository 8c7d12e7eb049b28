# Compiled by VERSION (interface 1) from loops.omega
# Source sha256:0b5cc521ed1c018e9b3da4f77076a5bcd10034375937369f88639b9371385f6c
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Self tail calls and named lets become loops; closures get variables of their own."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "loops.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, TAIL, bounce, display, entry, is_even, list_, map_, named, newline, reverse,
    until,
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
    for n in until(+n, 0, -1):
        pass
    return DONE


@named("gcd*")
def hyx_gcdXasteriskX(a, b):
    b = +b
    while b != 0:
        a, b = b, a % b
    return a


def collect(limit):
    found = NIL
    for i in until(0, +limit):
        if i % 2 == 0:
            found = Pair(i, found)
    return reverse(found)


def table(rows, columns):
    all = NIL
    for i in until(0, +rows):
        row = NIL
        for j in until(0, +columns):
            row = Pair(i * j, row)
        value = reverse(row)
        all = Pair(value, all)
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
# 9:1:1 28:3:15 31:2:1 33:3:7 34:3:21 35:3:15 38:4:1 40:5:7 42:5:17 43:5:15 46:6:1 47:7:27 48:8:12
# 49:9:12 50:9:36 51:8:24 54:11:1 55:13:13 56:14:8 57:13:47 58:13:73 59:13:51 60:13:87 61:13:17
# 62:14:19 65:15:1 66:16:3 67:17:9 68:17:21 69:17:25 71:16:3 78:15:1 83:18:1 84:18:73 85:18:85
# 87:18:73 91:18:1 99:19:1
