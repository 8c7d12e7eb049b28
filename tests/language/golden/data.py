# Compiled by VERSION (interface 2) from data.omega
# Source sha256:74ffcb070090d4067c3a2c71d0b2cb07515c0803faa9b638dd4a90664eec8401
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Constants, quasiquotes, vectors, strings, keywords and records."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "data.omega")

from omega_runtime.compiled import (
    Char, Keyword, Pair, Record, Symbol, Vector, append, cons_star, display, hash_table_to_alist,
    list_, list_to_vector, make_hash_table, named, newline, record_field, string_length, string_ref,
    table_get, table_put, vector_ref, write, wrong_record,
)

__all__ = [
    "Point", "make_point", "is_point", "point_x", "set_point_x", "point_y", "settings", "describe",
    "move", "grid", "counts",
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
        "counts": {"kind": "procedure", "arity": (1, 1), "row": "state"},
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
    return record.x if record.__class__ is Point else record_field("point-x", Point, record, "x")


@named("set-point-x!")
def set_point_x(record, value):
    if not isinstance(record, Point):
        wrong_record("set-point-x!", Point, record)
    record.x = value


@named("point-y")
def point_y(record):
    return record.y if record.__class__ is Point else record_field("point-y", Point, record, "y")


settings = LIST_6


def describe(p, extra):
    return cons_star(
        POINT,
        p.x if p.__class__ is Point else record_field("point-x", Point, p, "x"),
        p.y,
        append(extra, Pair(list_to_vector(list_(VECTOR, p.x)), LIST_7)),
    )


@named("move!")
def move(p, by):
    p.x = (p.x if p.__class__ is Point else record_field("point-x", Point, p, "x")) + by
    return p


grid = VECTOR_2
display(describe(move(Point(1, 2), 10), LIST_9))
write(list_(settings, vector_ref(grid, 1)))
newline()


def counts(text):
    table = make_hash_table()
    for i in range(string_length(text)):
        c = string_ref(text, i)
        if c.value.isalpha():
            at = ord(c.value) % 32
            table_put(table, at, 1 + table_get(table, at, 0))
    return table


write(hash_table_to_alist(counts("an apple")))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 38:3:18 52:5:5 53:5:47 54:5:4 56:9:14 58:10:48 63:1:1 74:2:29 79:2:1 101:3:18 104:4:1
# 105:5:4 113:6:1 115:7:19 116:8:3 119:9:14 120:10:1 121:11:1 122:12:1 125:13:1 126:14:16 127:16:10
# 128:17:16 129:18:13 130:19:23 131:20:15 132:16:37 135:21:1 136:22:1
