# Compiled by VERSION from data.omega
# Source sha256:1adef21401f202c82714b0fbc66f20d9dd7a756f3ca0a05d87b06ee12eb92aeb
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from data.omega."""

from omega_runtime.control.support import wrong_record
from omega_runtime.control.tail import named
from omega_runtime.lib.lists import append, cons_star, list_
from omega_runtime.lib.ports import display, newline, write
from omega_runtime.lib.vectors import list_to_vector, vector_ref
from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import Pair
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector
from omega_runtime.version import compiled_by

__all__ = [
    "Point", "make_point", "is_point", "point_x", "set_point_x", "point_y", "settings", "describe",
    "move", "grid",
]
__omega_source__ = "data.omega"
compiled_by("VERSION", __name__)

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
        p.y if isinstance(p, Point) else wrong_record("point-y", Point, p),
        append(
            extra,
            Pair(
                list_to_vector(
                    list_(
                        VECTOR, p.x if isinstance(p, Point) else wrong_record("point-x", Point, p)
                    ),
                ),
                LIST_7,
            ),
        ),
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
# 24:1:1 26:3:18 40:5:5 41:5:47 42:5:4 44:9:14 46:10:48 51:1:1 62:2:29 67:2:1 89:3:18 92:4:1 93:5:4
# 111:6:1 113:7:3 115:7:19 116:8:3 119:9:14 120:10:1 121:11:1 122:12:1
