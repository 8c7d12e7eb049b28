# Compiled by VERSION from macros.omega
# Source sha256:d82c7f643ae810d1afe23bd235d59a87e236504e79dc8d4fee2201393178d458
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from macros.omega."""

from omega_runtime.control.tail import named
from omega_runtime.lib.higher_order import for_each
from omega_runtime.lib.lists import list_
from omega_runtime.lib.ports import display, newline
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.symbols import Symbol
from omega_runtime.version import compiled_by

__all__ = ["sorted_pair", "powers"]
__omega_source__ = "macros.omega"
compiled_by("VERSION", __name__)

A = Symbol("a")
B = Symbol("b")
LIST = list_(A, B)


@named("sorted-pair")
def sorted_pair(tmp, other):
    if tmp > other:
        tmp_2 = tmp
        tmp = other
        other = tmp_2
    return list_(tmp, other)


def powers(limit):
    n = 1
    found = NIL
    while n < limit:
        found = Pair(n, found)
        n = n * 2
    return found


display(list_(sorted_pair(2, 1), powers(20)))
for_each(lambda word: display(word), LIST)
newline()


# Where the code comes from (Python line:Omega line:column):
# 17:1:1 19:18:14 24:8:1 26:9:7 27:9:28 28:9:32 29:9:21 30:10:3 33:11:1 34:12:12 35:12:22 36:13:12
# 37:14:19 38:15:15 39:16:5 42:17:1 43:18:1 44:19:1
