# Compiled by VERSION (interface 1) from data.omega
# Source sha256:1adef21401f202c82714b0fbc66f20d9dd7a756f3ca0a05d87b06ee12eb92aeb
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Constants, quasiquotes, vectors, strings, keywords and records."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "data.omega")

from omega_runtime.compiled import (
    Char, Keyword, Pair, Record, Symbol, Vector, append, cons_star, display, list_, list_to_vector,
    named, newline, vector_ref, write, wrong_record,
)

__all__ = [
    "Point", "make_point", "is_point", "point_x", "set_point_x", "point_y", "settings", "describe",
    "move", "grid",
]
__omega_source__ = "data.omega"
__omega_interface__ = {
    "exports": {
        "<point>": {"kind": "record type", "name": "Point"},
        "make-point": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "point?": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "point-x": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "set-point-x!": {"kind": "procedure", "arity": (2, 2), "row": "state"},
        "point-y": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "settings": {"kind": "variable"},
        "describe": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "move!": {"kind": "procedure", "arity": (2, 2), "row": "state"},
        "grid": {"kind": "variable"},
    },
}

NAME = Symbol("name")
LIST = cons_star(NAME, 'Ω "quoted"\n')
DEPTH = Symbol("depth")
LIST_2 = cons_star(DEPTH, 3)
RATIO = Symbol("ratio")
LIST_3 = cons_star(RATIO, 0.5)
FLAGS = Symbol("flags")
LIST_4 = list_(FLAGS, True, False)
TAGS = Symbol("tags")
K_KEY = Keyword("k")
CHAR_A = Char("a")
ODD_NAME = Symbol("odd name")
LIST_5 = list_(TAGS, K_KEY, CHAR_A, ODD_NAME)
LIST_6 = list_(LIST, LIST_2, LIST_3, LIST_4, LIST_5)
POINT = Symbol("point")
VECTOR = Symbol("vector")
END = Symbol("end")
LIST_7 = list_(END)
LIST_8 = list_(2, 3)
VECTOR_2 = Vector([1, LIST_8, "four"])
A = Symbol("a")
B = Symbol("b")
LIST_9 = list_(A, B)


class Point(Record):
    """Record type point."""
    __slots__ = "x", "y"
    __omega_name__ = "point"
    __omega_fields__ = "x", "y"

    def __init__(self, x, y):
        self.x = x
        self.y = y


@named("make-point")
def make_point(x, y):
    return Point(x, y)


@named("point?")
def is_point(value):
    return isinstance(value, Point)


@named("point-x")
def point_x(record):
    return record.x if isinstance(record, Point) else wrong_record("point-x", Point, record)


@named("set-point-x!")
def set_point_x(record, value):
    if not isinstance(record, Point):
        wrong_record("set-point-x!", Point, record)
    record.x = value


@named("point-y")
def point_y(record):
    return record.y if isinstance(record, Point) else wrong_record("point-y", Point, record)


settings = LIST_6


def describe(p, extra):
    return cons_star(
        POINT,
        p.x if isinstance(p, Point) else wrong_record("point-x", Point, p),
        p.y,
        append(extra, Pair(list_to_vector(list_(VECTOR, p.x)), LIST_7)),
    )


@named("move!")
def move(p, by):
    if not isinstance(p, Point):
        wrong_record("set-point-x!", Point, p)
    p.x = (p.x if isinstance(p, Point) else wrong_record("point-x", Point, p)) + by
    return p


grid = VECTOR_2
display(describe(move(Point(1, 2), 10), LIST_9))
write(list_(settings, vector_ref(grid, 1)))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 36:3:18 50:5:5 51:5:47 52:5:4 54:9:14 56:10:48 61:1:1 72:2:29 77:2:1 99:3:18 102:4:1 103:5:4
# 111:6:1 113:7:3 115:7:19 116:8:3 119:9:14 120:10:1 121:11:1 122:12:1
