# Compiled by VERSION (interface 2) from loops.omega
# Source sha256:8200d73acef5db9a97bf60bd44b37ed5facc0c4d932b79df8728af86caf70904
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Self tail calls and named lets become loops; closures get variables of their own."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "loops.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, TAIL, bounce, display, entry, iota_items, is_even, list_, map_, named,
    newline, reverse, string_texts, until, write,
)

__all__ = ["count_down", "hyx_gcdXasteriskX", "collect", "table", "counters", "squares", "letters"]
__omega_source__ = "loops.omega"
__omega_interface__ = {
    "exports": {
        "count-down": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "gcd*": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "collect": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "table": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "counters": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "squares": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "letters": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
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
        return bounce((TAIL, c))

    return display(
        list_(
            count_down(5), hyx_gcdXasteriskX(12, 18), collect(6), table(2, 3), map_(fn, counters(3))
        ),
    )


_line_18()
newline()


def squares(n):
    return sum([x * x for x in iota_items(n)], 1)


def letters(s):
    return "".join([c if c.isalpha() else "_" for c in string_texts(s)])


write(list_(squares(4), letters("a-b c")))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 30:3:15 33:2:1 35:3:7 36:3:21 37:3:15 40:4:1 42:5:7 44:5:17 45:5:15 48:6:1 49:7:27 50:8:12
# 51:9:12 52:9:36 53:8:24 56:11:1 57:13:13 58:14:8 59:13:47 60:13:73 61:13:51 62:13:87 63:13:17
# 64:14:19 67:15:1 68:16:3 69:17:9 70:17:21 71:17:25 73:16:3 80:15:1 85:18:1 86:18:73 87:18:85
# 89:18:73 91:18:85 93:18:1 101:19:1 104:20:1 105:20:21 108:21:1 109:21:21 112:22:1 113:23:1
