# Compiled by VERSION from conditionals.omega
# Source sha256:3974a48b2b0df1cfe09c82c7407aa8d57dbf351b8c490ef22a464920b1247896
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from conditionals.omega."""

from omega_runtime.control.tail import named
from omega_runtime.lib.association import assq
from omega_runtime.lib.booleans import is_eqv
from omega_runtime.lib.lists import car, cdr, cons_star, is_pair, list_
from omega_runtime.lib.numbers import is_even, is_integer
from omega_runtime.lib.ports import display, newline
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.symbols import Symbol
from omega_runtime.version import compiled_by

__all__ = ["sign", "lookup", "kind", "first_or_default", "report"]
__omega_source__ = "conditionals.omega"
compiled_by("VERSION", __name__)

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
# 19:1:1 21:2:33 22:2:49 23:2:63 24:6:7 25:6:9 26:6:11 27:6:13 28:6:15 29:6:18 30:7:14 31:8:36
# 32:13:52 33:13:57 34:14:34 35:14:37 40:2:1 41:2:25 42:2:33 43:2:41 44:2:49 45:2:63 48:3:1 49:3:35
# 50:3:34 53:4:1 54:5:9 55:6:5 56:6:18 57:7:5 58:7:14 59:5:9 60:8:30 63:9:1 65:9:42 68:9:66 71:10:1
# 72:11:9 73:11:23 74:12:3 75:12:24 76:13:7 77:13:52 78:13:57 81:14:1 82:15:1
