# Compiled by VERSION (interface 1) from conditionals.omega
# Source sha256:3974a48b2b0df1cfe09c82c7407aa8d57dbf351b8c490ef22a464920b1247896
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from conditionals.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "conditionals.omega")

from omega_runtime.compiled import (
    NIL, Pair, Symbol, assq, car, cdr, cons_star, display, is_eqv, is_even, is_integer, is_pair,
    list_, named, newline,
)

__all__ = ["sign", "lookup", "kind", "first_or_default", "report"]
__omega_source__ = "conditionals.omega"

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
    return (value.cdr if isinstance(value, Pair) else cdr(value)) if value is not False else False


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
    value = (isinstance(l, Pair) or is_pair(l)) and (l.car if isinstance(l, Pair) else car(l))
    if value is not False:
        return value
    return default


def report(x):
    if x < 0:
        display("negative ")
    if not is_integer(x):
        display("broken ")
    if ((x % 2 == 0 if isinstance(x, int) else is_even(x)) or x > 100) and not +x == 8:
        return YES
    return NO


display(list_(sign(-3), lookup(B, LIST_3), kind(E), kind(9), first_or_default(NIL, 5), report(-4)))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 19:2:33 20:2:49 21:2:63 22:6:7 23:6:9 24:6:11 25:6:13 26:6:15 27:6:18 28:7:14 29:8:36
# 30:13:52 31:13:57 32:14:34 33:14:37 38:2:1 39:2:25 40:2:33 41:2:41 42:2:49 43:2:63 46:3:1 47:3:35
# 48:3:34 51:4:1 52:5:9 53:6:5 54:6:18 55:7:5 56:7:14 57:5:9 58:8:30 61:9:1 63:9:42 66:9:66 69:10:1
# 70:11:9 71:11:23 72:12:3 73:12:24 74:13:7 75:13:52 76:13:57 79:14:1 80:15:1
