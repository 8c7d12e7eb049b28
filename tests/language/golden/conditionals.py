# Compiled by VERSION (interface 2) from conditionals.omega
# Source sha256:3974a48b2b0df1cfe09c82c7407aa8d57dbf351b8c490ef22a464920b1247896
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Every way to choose."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "conditionals.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, assq, car, cdr, cons_star, display, is_eqv, is_even, is_integer, is_pair,
    list_, named, newline,
)

__all__ = ["sign", "lookup", "kind", "first_or_default", "report"]
__omega_source__ = "conditionals.omega"
__omega_interface__ = {
    "exports": {
        "sign": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "lookup": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "kind": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "first-or-default": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "report": {"kind": "procedure", "arity": (1, 1), "row": "io"},
    },
}

PLUS = Symbol("plus")
MINUS = Symbol("minus")
ZERO = Symbol("zero")
A = Symbol("a")
E = Symbol("e")
I = Symbol("i")
O = Symbol("o")
U = Symbol("u")
VOWEL = Symbol("vowel")
SMALL = Symbol("small")
OTHER = Symbol("other")
YES = Symbol("yes")
NO = Symbol("no")
B = Symbol("b")
LIST = cons_star(A, 1)
LIST_2 = cons_star(B, 2)
LIST_3 = list_(LIST, LIST_2)


def sign(x):
    if x > 0:
        return PLUS
    if x < 0:
        return MINUS
    return ZERO


def lookup(key, table):
    value = assq(key, table)
    return (value.cdr if value.__class__ is Pair else cdr(value)) if value is not False else False


def kind(x):
    key = x
    if key is A or key is E or key is I or key is O or key is U:
        return VOWEL
    if is_eqv(key, 1) or is_eqv(key, 2) or is_eqv(key, 3):
        return SMALL
    other = key
    return list_(OTHER, other)


@named("first-or-default")
def first_or_default(l, default):
    value = (type(l) is Pair or is_pair(l)) and (l.car if l.__class__ is Pair else car(l))
    if value is not False:
        return value
    return default


def report(x):
    if x < 0:
        display("negative ")
    if not is_integer(x):
        display("broken ")
    if (x % 2 == 0 or x % 2 != 1 and is_even(x) or x > 100) and x != 8:
        return YES
    return NO


display(list_(sign(-3), lookup(B, LIST_3), kind(E), kind(9), first_or_default(NIL, 5), report(-4)))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 28:2:33 29:2:49 30:2:63 31:6:7 32:6:9 33:6:11 34:6:13 35:6:15 36:6:18 37:7:14 38:8:36
# 39:13:52 40:13:57 41:14:34 42:14:37 47:2:1 48:2:25 49:2:33 50:2:41 51:2:49 52:2:63 55:3:1 56:3:35
# 57:3:34 60:4:1 61:5:9 62:6:5 63:6:18 64:7:5 65:7:14 66:5:9 67:8:30 70:9:1 72:9:42 75:9:66 78:10:1
# 79:11:9 80:11:23 81:12:3 82:12:24 83:13:7 84:13:52 85:13:57 88:14:1 89:15:1
