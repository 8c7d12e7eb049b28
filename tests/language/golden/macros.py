# Compiled by VERSION (interface 2) from macros.omega
# Source sha256:d82c7f643ae810d1afe23bd235d59a87e236504e79dc8d4fee2201393178d458
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Macros leave ordinary code behind."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "macros.omega")

from omega_runtime.compiled import NIL, Pair, Symbol, display, for_each, list_, named, newline

__all__ = ["sorted_pair", "powers"]
__omega_source__ = "macros.omega"
__omega_interface__ = {
    "exports": {
        "sorted-pair": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "powers": {"kind": "procedure", "arity": (1, 1), "row": "state"},
        "swap!": {"kind": "syntax"},
        "while": {"kind": "syntax"},
        "for": {"kind": "syntax"},
    },
}

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
# 9:1:1 25:18:14 30:8:1 32:9:7 33:9:28 34:9:32 35:9:21 36:10:3 39:11:1 40:12:12 41:12:22 42:13:12
# 43:14:19 44:15:15 45:16:5 48:17:1 49:18:1 50:19:1
