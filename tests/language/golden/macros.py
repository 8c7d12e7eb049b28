# Compiled by VERSION (interface 1) from macros.omega
# Source sha256:d82c7f643ae810d1afe23bd235d59a87e236504e79dc8d4fee2201393178d458
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from macros.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "macros.omega")

from omega_runtime.compiled import NIL, Pair, Symbol, display, for_each, list_, named, newline

__all__ = ["sorted_pair", "powers"]
__omega_source__ = "macros.omega"

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
# 9:1:1 16:18:14 21:8:1 23:9:7 24:9:28 25:9:32 26:9:21 27:10:3 30:11:1 31:12:12 32:12:22 33:13:12
# 34:14:19 35:15:15 36:16:5 39:17:1 40:18:1 41:19:1
