"""The forms that Omega adds to Hy's models, and how forms print and become values.

A form is a `hy.models` object: Expression (a list), Symbol, Keyword, Integer, Float, String, or one of
the classes here. Every form carries the place it was read from as its `span`.
"""

from __future__ import annotations

from typing import Any

from hy.models import Bytes, Expression, Float, Integer, Keyword, Object, Sequence, String, Symbol
from omega_runtime.values import bytevectors, chars, labels, pairs, symbols, vectors
from omega_runtime.values.printing import write_text

from omegac.source import Span


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


class Labelled(Object):
    """`#0=datum`: a datum with a label."""

    def __init__(self, number: int, form: Object) -> None:
        self.number = number
        self.form = form


class LabelReference(Object):
    """`#0#`: the datum with the label."""

    def __init__(self, number: int) -> None:
        self.number = number


class Broken(Object):
    """Stands where a form could not be read, so that the rest still compiles and reports its own errors."""


def is_symbol(form: Object, name: str) -> bool:
    """Whether a form is the symbol spelled `name`, whatever it is bound to."""
    return isinstance(form, Symbol) and str(form) == name


def copy_place(form: Object, place: Object) -> Object:
    """`form`, placed where `place` was read, and as deep in what macros made."""
    form.span = Span.of(place)
    form.expansion_depth = expansion_depth(place)
    return form


def expansion_depth(form: Object) -> int:
    """How many macros made a form, each used in what the one before made; 0 for what was read."""
    depth: int = getattr(form, "expansion_depth", 0)
    return depth


def size_of(form: Object) -> int:
    """How many forms a form is, itself included; what it holds in two places counts twice."""
    if not isinstance(form, Sequence):
        return 1
    size: int = getattr(form, "size", 0)
    if size == 0:
        size = form.size = 1 + sum([size_of(item) for item in form])
    return size


def datum(form: Object) -> Any:
    """The run-time value that a quoted form stands for; identifiers of macros lose their colour.

    A reference to a label that nothing in the form has stays a `Label`.
    """
    found: list[labels.Label] = []
    value = _datum(form, found)
    return labels.linked(value) if found else value


def _datum(form: Object, found: list[labels.Label]) -> Any:
    """The value with its labels not linked yet, which are added to `found`."""
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
        case Bytes():
            return bytevectors.Bytevector(form)
        case Integer():
            return int(form)
        case Float():
            return float(form)
        case VectorForm():
            return vectors.Vector([_datum(item, found) for item in form])
        case Dotted():
            return pairs.list_from([_datum(item, found) for item in form[:-1]], _datum(form[-1], found))
        case Expression():
            return pairs.list_from([_datum(item, found) for item in form])
        case Labelled():
            found.append(labels.Label(form.number, _datum(form.form, found)))
            return found[-1]
        case LabelReference():
            found.append(labels.Label(form.number))
            return found[-1]
    return None


def stray_reference(form: Object) -> LabelReference | None:
    """A reference to a label that nothing in the form has."""
    references: list[LabelReference] = []
    labelled: set[int] = set()
    pending = [form]
    while pending:
        part = pending.pop()
        if isinstance(part, Labelled):
            labelled.add(part.number)
            pending.append(part.form)
        elif isinstance(part, LabelReference):
            references.append(part)
        elif isinstance(part, Expression | Dotted | VectorForm):
            pending.extend(part)
    return next((each for each in references if each.number not in labelled), None)


def text_of(form: Object) -> str:
    """A form in Omega's notation, for messages."""
    return write_text(datum(form))
