# Compiled by VERSION (interface 2) from procedures.omega
# Source sha256:c6a33cfb8001ef9a178b286efb17d057ef71b988428426afa207be9d86f31e8b
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Definitions, documentation, rest parameters, arithmetic and names."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "procedures.omega")

from omega_runtime.compiled import (
    display, divide, elements, is_number_, length, less_or_equal, list_, list_from, named, newline,
)

__all__ = [
    "limit", "square", "is_within_limit", "celsius_to_fahrenheit", "average", "class_", "adder",
]
__omega_source__ = "procedures.omega"
__omega_interface__ = {
    "exports": {
        "limit": {"kind": "variable"},
        "square": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "within-limit?": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "celsius->fahrenheit": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "average": {"kind": "procedure", "arity": (1, None), "row": "pure"},
        "class": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "adder": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
    },
}

limit = 10


def square(x):
    """The square of a number."""
    return x * x


@named("within-limit?")
def is_within_limit(x):
    return is_number_(x) and less_or_equal(0, x, limit)


@named("celsius->fahrenheit")
def celsius_to_fahrenheit(degrees):
    return 32 + divide(9 * degrees, 5)


def average(first, *others):
    others = list_from(others)
    result = first
    for item in elements("fold-left", 3, others):
        result = result + item
    return divide(result, 1 + length(others))


@named("class")
def class_(lambda_):
    return list_(lambda_)


def adder(n):
    return lambda x: n + x


display(
    list_(
        square(4),
        is_within_limit(11),
        celsius_to_fahrenheit(100),
        average(1, 2, 3),
        class_(1),
        adder(1)(2),
    ),
)
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 31:2:15 34:3:1 36:3:46 39:4:1 41:4:27 44:5:1 46:5:39 49:6:1 51:7:19 52:7:6 54:7:3 57:8:1
# 59:8:24 62:9:1 66:10:1 76:11:1
