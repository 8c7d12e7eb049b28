"""What is known of a value before the run: how large it is, and of what it is made.

Bounds are formulas; `low <= size <= high`. Sizes of lists and vectors are lengths, sizes of texts the bytes that the
ledger counts for them, sizes of numbers are their values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
from omega_runtime.models.provider import text_bound
from omega_runtime.values.pairs import NIL, unlist
from omega_runtime.values.printing import display_text
from omega_runtime.values.vectors import Vector as RuntimeVector

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ONE, ZERO, Formula
from omegac.core import Lambda
from omegac.source import Span

ITEMS_MAX = 256
"""Lists of more known elements are known by their length and by what all elements have in common."""
ANY_DEPTH = "[*]"
NUMBER_BYTES = 24
"""What a number takes as text, below 10^23 and with up to 17 digits of a fraction."""


@attrs.frozen
class Cause:
    """Why something isn't known, and where."""

    reason: str
    span: Span


@attrs.frozen
class Datum:
    """A value that is known: a boolean, a symbol, a string, …; numbers are `Number`, lists are `Items`."""

    value: Any = attrs.field(eq=lambda value: (type(value), value) if isinstance(value, str | bool) else id(value))


@attrs.frozen
class Number:
    """A number between two bounds; `is_whole` when it is surely an integer, and exact."""

    low: Formula
    high: Formula
    is_whole: bool = True

    @property
    def exact(self) -> Formula | None:
        """Its value, when that is one formula."""
        return self.low if self.low == self.high else None


@attrs.frozen
class Text:
    """A string of so many bytes."""

    low: Formula
    high: Formula


@attrs.frozen
class Items:
    """A list of which each element is known."""

    items: tuple[Size, ...]


@attrs.frozen
class Sequence:
    """A list or a vector with a length between two bounds, and what is known of every element."""

    low: Formula
    high: Formula
    element: Size


@attrs.frozen
class Vector:
    """A vector, known by its elements as a list would be."""

    contents: Items | Sequence


@attrs.frozen
class Values:
    """Several values at once, or none."""

    items: tuple[Size, ...]


@attrs.frozen
class Pair:
    """A pair whose cdr is no list, or not known to be one."""

    car: Size
    cdr: Size


@attrs.frozen
class Part:
    """Where a part is in a value: `steps` are `a` for each car and `d` for each cdr, the first one first."""

    whole: object
    steps: str = ""


@attrs.frozen
class Given:
    """What a procedure is given: it may turn out to be a list, a text, a number or a procedure.

    `path` says how it is written: `documents`, or `documents[]` for each element, and `documents[*]` for it and
    whatever is in it at any depth. `pairs` is the number of its pairs, those within included. `is_any` says that there
    are several of that name; the sizes are the largest of them. `part` says that it is a part of some value.
    """

    path: str
    length: Formula
    text: Formula
    value: Formula
    pairs: Formula
    is_any: bool = False
    part: Part | None = attrs.field(default=None, eq=False)

    @property
    def element(self) -> Given:
        """Each element of it, as a list."""
        if self.path.endswith(ANY_DEPTH):
            return attrs.evolve(self, part=None)
        return given(f"{self.path}[]", is_any=True)

    def bounds(self, largest: Formula) -> tuple[Formula, Formula]:
        """The bounds of one of its sizes."""
        return (ZERO if self.is_any else largest), largest


@attrs.frozen(eq=False)
class Closure:
    """A procedure of the program with the variables around it."""

    procedure: Lambda
    scope: Any


@attrs.frozen
class Library:
    """A procedure of the library, with arguments that it has got already."""

    name: str
    arguments: tuple[Size, ...] = ()


@attrs.frozen(eq=False)
class Escape:
    """A continuation that leaves, or a resumption: calling it ends what is around the call."""

    mark: object


@attrs.frozen
class Test:
    """The outcome of a comparison of sizes: `one` relation `other`, where the relation is <, <= or =.

    `of_lengths` says that both are lengths, which are never below 0. `pair` is the part that is no pair when `holds`.
    """

    relation: str
    one: Number
    other: Number
    holds: bool = True
    of_lengths: bool = False
    pair: Part | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Either:
    """One of several values of different kinds."""

    choices: tuple[Size, ...]


@attrs.frozen
class Anything:
    """A value of which nothing is known, and why."""

    cause: Cause | None = None


Size = (
    Datum
    | Number
    | Text
    | Items
    | Sequence
    | Vector
    | Values
    | Pair
    | Given
    | Closure
    | Library
    | Escape
    | Test
    | Either
    | Anything
)

FALSE = Datum(False)
TRUE = Datum(True)
UNSPECIFIED = Datum(None)
BOOLEAN = Either((FALSE, TRUE))


def given(path: str, is_any: bool = False) -> Given:
    """What is given by that name, or any of those that are."""
    length, text, pairs = (algebra.size(f"{kind}({path})") for kind in ("len", "bytes", "pairs"))
    return Given(path, length, text, algebra.size(path), pairs, is_any)


def parts_of(whole: Given) -> Given:
    """The value and whatever is in it: none has more pairs, nor more bytes, but for a quotation without its quote."""
    path = f"{whole.path}{ANY_DEPTH}"
    return Given(path, whole.pairs, whole.text + 1, algebra.size(path), whole.pairs, is_any=True)


def exactly(formula: Formula) -> Number:
    """A number that is known as a formula."""
    return Number(formula, formula)


def size_of_datum(value: Any) -> Size:
    """What is known of a constant."""
    if isinstance(value, bool) or value is None:
        return Datum(value)
    if isinstance(value, int | float):
        if value != value or value in (float("inf"), float("-inf")):
            return Anything()
        return Number(algebra.number(value), algebra.number(value), isinstance(value, int))
    items = unlist(value) if not isinstance(value, str) else None
    if items is None and isinstance(value, list):
        items = value
    if items is None:
        return Datum(value)
    found = known_items([size_of_datum(each) for each in items])
    return Vector(found) if isinstance(value, RuntimeVector) else found


def known_items(items: Iterable[Size]) -> Items | Sequence:
    """A list of known elements."""
    found = tuple(items)
    if len(found) <= ITEMS_MAX:
        return Items(found)
    length = algebra.number(len(found))
    return Sequence(length, length, joined(found))


def as_sequence(size: Size) -> Sequence | None:
    """The value as a list or vector; None for what surely is none or may be anything."""
    match size:
        case Items(items=items):
            length = algebra.number(len(items))
            return Sequence(length, length, joined(items))
        case Sequence():
            return size
        case Vector(contents=contents):
            return as_sequence(contents)
        case Given():
            return Sequence(*size.bounds(size.length), size.element)
        case Datum(value=value) if value is NIL:
            return Sequence(ZERO, ZERO, Anything())
        case Either(choices=choices):
            found = [each for each in map(as_sequence, choices) if each is not None]
            return _joined_sequences(found) if len(found) == len(choices) else None
    return None


def as_number(size: Size) -> Number | None:
    """The value as a number."""
    match size:
        case Number():
            return size
        case Given():
            return Number(*size.bounds(size.value))
    return None


def whole_number(size: Size) -> int | None:
    """The value of a whole number that is known."""
    exact = size.exact if isinstance(size, Number) else None
    value = None if exact is None else algebra.constant(exact)
    return int(value) if value is not None and value == int(value) else None


def as_text(size: Size) -> Text | None:
    """The value as a string."""
    match size:
        case Text():
            return size
        case Datum(value=str() as value):
            length = algebra.number(text_bound(value))
            return Text(length, length)
        case Given():
            return Text(*size.bounds(size.text))
    return None


def shown(size: Size, between: int = 0) -> tuple[Text, Cause | None]:
    """The text that a value is displayed as, with so many bytes between elements; why its size isn't known, if so."""
    text = as_text(size)
    if text is not None:
        return text, None
    match size:
        case Datum(value=value):
            length = algebra.number(text_bound(display_text(value)))
            return Text(length, length), None
        case Number():
            return Text(ONE, algebra.number(_digits(size))), None
        case Items(items=items):
            parts = [shown(each, between or 1) for each in items]
            room = algebra.number(between * max(len(items) - 1, 0) + (2 if between else 0))
            low = sum((part.low for part, _ in parts), ZERO)
            high = sum((part.high for part, _ in parts), room)
            return Text(low, high), next((cause for _, cause in parts if cause), None)
        case Sequence(low=low, high=high, element=element):
            inner, cause = shown(element, between or 1)
            length = algebra.times(high, inner.high + between) + (2 if between else 0)
            return Text(algebra.times(low, inner.low), length), cause
        case Vector(contents=contents):
            text, cause = shown(contents, between or 1)
            return Text(text.low, text.high + 1), cause
        case Pair(car=car, cdr=cdr):
            parts = [shown(car, between or 1), shown(cdr, between or 1)]
            room = algebra.number(5)  # parentheses, and a dot between blanks
            high = sum((part.high for part, _ in parts), room)
            return Text(ZERO, high), next((cause for _, cause in parts if cause), None)
        case Test():
            return Text(algebra.number(2), algebra.number(2)), None
        case Either(choices=choices):
            parts = [shown(each, between) for each in choices]
            low = algebra.least(*(part.low for part, _ in parts))
            return Text(low, algebra.most(*(part.high for part, _ in parts))), next(
                (cause for _, cause in parts if cause), None
            )
        case Anything(cause=cause):
            return Text(ZERO, INFINITY), cause
    return Text(ZERO, INFINITY), None


def _digits(number: Number) -> int:
    """The most bytes of a number as text; those of large ones are known where they are."""
    bounds = [algebra.constant(each) for each in (number.low, number.high)]
    known = [each.bit_length() // 3 + 2 for each in bounds if isinstance(each, int)]
    return max([NUMBER_BYTES, *known])


def joined(sizes: Iterable[Size]) -> Size:
    """What is known of a value that is one of these."""
    found: list[Size] = []
    for each in sizes:
        if each not in found:
            found.append(each)
    if not found:
        return Anything()
    result = found[0]
    for each in found[1:]:
        result = _joined(result, each)
    return result


def _joined(one: Size, other: Size) -> Size:
    if one == other:
        return one
    if isinstance(one, Anything) or isinstance(other, Anything):
        return one if isinstance(one, Anything) else other
    if isinstance(one, Number) and isinstance(other, Number):
        low, high = algebra.least(one.low, other.low), algebra.most(one.high, other.high)
        return Number(low, high, one.is_whole and other.is_whole)
    if isinstance(one, Vector) and isinstance(other, Vector):
        contents = joined([one.contents, other.contents])
        assert isinstance(contents, Items | Sequence)
        return Vector(contents)
    if isinstance(one, Values) and isinstance(other, Values) and len(one.items) == len(other.items):
        return Values(tuple(joined(pair) for pair in zip(one.items, other.items, strict=True)))
    for view in (_text_only, _sequence_only):
        first, second = view(one), view(other)
        if first is not None and second is not None:
            if isinstance(first, Text) and isinstance(second, Text):
                return Text(algebra.least(first.low, second.low), algebra.most(first.high, second.high))
            if isinstance(first, Sequence) and isinstance(second, Sequence):
                return _joined_sequences([first, second])
    choices = [*_choices(one), *(each for each in _choices(other) if each not in _choices(one))]
    return Either(tuple(choices)) if len(choices) <= 8 else Anything()


def _choices(size: Size) -> tuple[Size, ...]:
    return size.choices if isinstance(size, Either) else (size,)


def _text_only(size: Size) -> Text | None:
    return as_text(size) if isinstance(size, Text | Datum) else None


def _sequence_only(size: Size) -> Sequence | None:
    return as_sequence(size) if isinstance(size, Items | Sequence | Datum) else None


def _joined_sequences(sequences: list[Sequence]) -> Sequence:
    elements = [each.element for each in sequences if each.high != 0]
    return Sequence(
        algebra.least(*(each.low for each in sequences)),
        algebra.most(*(each.high for each in sequences)),
        joined(elements) if elements else Anything(),
    )


def truth(size: Size) -> bool | None:
    """Whether a value counts as true, when that is known."""
    match size:
        case Datum(value=value):
            return value is not False
        case Number() | Text() | Items() | Sequence() | Vector() | Pair() | Closure() | Library() | Escape():
            return True
        case Test():
            return _decided(size)
        case Either(choices=choices):
            found = {truth(each) for each in choices}
            return found.pop() if len(found) == 1 else None
    return None


def _decided(test: Test) -> bool | None:
    """Whether a comparison holds for all sizes."""
    answer = _relation(test.relation, test.one, test.other)
    return answer if answer is None or test.holds else not answer


def _relation(relation: str, one: Number, other: Number) -> bool | None:
    if relation == "=":
        if one.exact is not None and other.exact is not None:
            sign = algebra.sign(algebra.difference(one.exact, other.exact))
            if sign is not None:
                return sign == 0
        return False if _surely("<", one, other) or _surely("<", other, one) else None
    if _surely(relation, one, other):
        return True
    return False if _surely("<=" if relation == "<" else "<", other, one) else None


def _surely(relation: str, one: Number, other: Number) -> bool:
    if algebra.is_infinite(one.high) or algebra.is_infinite(other.low):
        return False
    sign = algebra.sign(algebra.difference(one.high, other.low))
    if sign is not None:
        return sign < 0 or (sign == 0 and relation == "<=")
    return relation == "<=" and algebra.is_at_least(other.low, one.high)
