"""Tagged data: contents with a tag that says how they are to be taken; and the kinds of data without one."""

from __future__ import annotations

from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import Nil, Pair
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class Tagged(Record):
    """A datum with a tag, a symbol or string; equal to those with an equal tag and equal contents."""

    __slots__ = ("tag", "contents")  # noqa: RUF023 - in this order they are printed
    __omega_name__ = "tagged"
    __omega_fields__ = ("tag", "contents")

    def __init__(self, tag: Value, contents: Value) -> None:
        self.tag = tag
        self.contents = contents

    def __eq__(self, other: object) -> bool:
        from omega_runtime.values.equality import is_equal

        return isinstance(other, Tagged) and self.tag == other.tag and is_equal(self.contents, other.contents)

    def __hash__(self) -> int:
        from omega_runtime.values.equality import structural_hash

        return hash((self.tag, structural_hash(self.contents)))


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    (Symbol, "symbol"),
    (Keyword, "keyword"),
    (Char, "char"),
    (Vector, "vector"),
    (dict, "hash-table"),
    (type(None), "unspecified"),
    (Pair, "pair"),
    (Nil, "null"),
)


def kind_of(value: Value) -> str:
    """The name of the kind of a datum; that of a record is the name of its type."""
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    if isinstance(value, Record):
        return type(value).__omega_name__
    if isinstance(value, (list, tuple)):
        return "pair" if value else "null"
    if callable(value):
        return "procedure"
    return type(value).__name__.lower()
