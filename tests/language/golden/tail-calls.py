# Compiled by VERSION (interface 2) from tail-calls.omega
# Source sha256:ee5342243a7093d47712caa9139acd369c1e985f07b4a6ab9abf354ef2f94289
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Tail calls of unknown procedures and between procedures take constant space."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "tail-calls.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, TAIL, as_list, bounce, car, cdr, display, entry, is_null, is_pair, list_,
    named, newline,
)

__all__ = ["ping", "pong", "is_even_length", "is_odd_length", "sum_then"]
__omega_source__ = "tail-calls.omega"
__omega_interface__ = {
    "exports": {
        "ping": {"kind": "procedure", "arity": (2, 2), "row": "pure", "calls": (1,)},
        "pong": {"kind": "procedure", "arity": (2, 2), "row": "pure", "calls": (1,)},
        "even-length?": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "odd-length?": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "sum-then": {"kind": "procedure", "arity": (2, 2), "row": "pure", "calls": (1,)},
    },
}

PING = Symbol("ping")
PONG = Symbol("pong")
LIST = list_(1, 2, 3)
LIST_2 = list_(1, 2, 3)


def _ping_tail(n, other):
    if +n == 0:
        return PING
    return TAIL, other, n - 1, ping


@entry(_ping_tail)
def ping(n, other):
    return bounce(_ping_tail(n, other))


def _pong_tail(n, other):
    if +n == 0:
        return PONG
    return TAIL, other, n - 1, pong


@entry(_pong_tail)
def pong(n, other):
    return bounce(_pong_tail(n, other))


@named("even-length?")
def is_even_length(l):
    while True:
        if l.__class__ is not Pair:
            if l is NIL or is_null(l):
                return True
            l = as_list(l)
        l_2 = l.cdr
        if type(l_2) is Pair or is_pair(l_2):
            l = l_2.cdr if l_2.__class__ is Pair else cdr(l_2)
            continue
        return False


@named("odd-length?")
def is_odd_length(l):
    while type(l) is Pair or is_pair(l):
        l_2 = l.cdr if l.__class__ is Pair else cdr(l)
        if l_2.__class__ is not Pair:
            if l_2 is NIL or is_null(l_2):
                return True
            l_2 = as_list(l_2)
        l = l_2.cdr
    return False


def _sum_then_tail(l, return_):
    if l.__class__ is not Pair:
        if l is NIL or is_null(l):
            return TAIL, return_, 0
        l = as_list(l)

    def fn_tail(s):
        return TAIL, return_, s + (l.car if l.__class__ is Pair else car(l))

    @entry(fn_tail)
    def fn(s):
        return bounce((TAIL, return_, s + (l.car if l.__class__ is Pair else car(l))))

    return TAIL, sum_then, l.cdr, fn


@named("sum-then")
@entry(_sum_then_tail)
def sum_then(l, return_):
    return bounce(_sum_then_tail(l, return_))


display(list_(ping(5, pong), is_even_length(LIST), sum_then(LIST_2, lambda s: s * 10)))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 28:2:36 29:3:36 30:7:44 31:7:64 34:2:1 35:2:28 36:2:36 37:2:42 40:2:1 45:3:1 46:3:28 47:3:36
# 48:3:42 51:3:1 56:4:1 59:4:30 63:4:53 64:5:30 65:5:54 66:5:40 67:5:30 70:5:1 72:5:30 73:5:54
# 74:4:30 78:4:53 79:5:30 82:6:1 83:6:33 85:6:43 86:6:33 88:6:72 89:6:84 91:6:72 93:6:84 95:6:54
# 98:6:1 104:7:1 105:8:1
