"""The forms that Omega adds to Hy's models, and how forms print and become values.

A form is a `hy.models` object: Expression (a list), Symbol, Keyword, Integer, Float, String, or one of
the classes here. Every form carries the place it was read from.
"""

from __future__ import annotations

from typing import Any

from hy.models import Expression, Float, Integer, Keyword, Object, Sequence, String, Symbol
from omega_runtime.values import chars, pairs, symbols, vectors
from omega_runtime.values.printing import write_text


class Boolean(Object):
    """`#t` or `#f`."""

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boolean) and other.value is self.value

    def __hash__(self) -> int:
        return hash(("Boolean", self.value))


class Char(Object, str):
    """A character such as `#\\a`."""


class VectorForm(Sequence):
    """`#(…)`: a vector literal."""


class Dotted(Sequence):
    """A dotted list: all items but the last, a dot, the last."""


class Unspecified(Object):
    """The value that nobody specified, where a macro leaves it."""


class Broken(Object):
    """Stands where a form could not be read, so that the rest still compiles and reports its own errors."""


def is_symbol(form: Object, name: str) -> bool:
    """Whether a form is the symbol spelled `name`, whatever it is bound to."""
    return isinstance(form, Symbol) and str(form) == name


def copy_place(form: Object, place: Object) -> Object:
    """`form`, placed where `place` was read."""
    form.start_line, form.start_column = place.start_line, place.start_column
    form.end_line, form.end_column = place.end_line, place.end_column
    form.origin = getattr(place, "origin", None)
    return form


def datum(form: Object) -> Any:
    """The run-time value that a quoted form stands for; identifiers of macros lose their colour."""
    match form:
        case Symbol():
            return symbols.Symbol(str(form))
        case Keyword():
            return symbols.Keyword(form.name)
        case Boolean():
            return form.value
        case Char():
            return chars.Char(str(form))
        case String():
            return str(form)
        case Integer():
            return int(form)
        case Float():
            return float(form)
        case VectorForm():
            return vectors.Vector(datum(item) for item in form)
        case Dotted():
            return pairs.list_from([datum(item) for item in form[:-1]], datum(form[-1]))
        case Expression():
            return pairs.list_from([datum(item) for item in form])
    return None


def text_of(form: Object) -> str:
    """A form in Omega's notation, for messages."""
    return write_text(datum(form))
