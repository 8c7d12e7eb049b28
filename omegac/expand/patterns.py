"""The patterns of `match`: forms to a small tree.

_            anything                       (? predicate p …)   what the predicate holds for, and all patterns match
x            anything, bound to x           (= procedure p)     what p matches the procedure's result for
5 "a" #\\a    the same datum                 ($ type p …)        a record, by its fields in order
'datum       the same datum                 (and p …) (or p …) (not p)
(p q . r)    a list; also (list p q)        `(a ,p)             a datum with patterns in it
(cons p q)   a pair
#(p q)       a vector; also (vector p q)    p ... in a list or vector: any number of elements
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
from hy.models import Expression, Float, Integer, Keyword, Object, String, Symbol

from omegac.errors import Malformed
from omegac.expand.special import identifier
from omegac.forms import Boolean, Char, Dotted, VectorForm, copy_place, datum, is_symbol
from omegac.source import Span


@attrs.frozen
class Anything:
    """Matches all values."""


@attrs.frozen
class Bind:
    """Matches all values and names them; a name that stands twice matches equal values."""

    name: Symbol


@attrs.frozen
class Same:
    """Matches one datum, by `equal?`."""

    value: Any


@attrs.frozen
class Items:
    """Matches a list, or a vector: `before`, any number of `repeated`, then `after`, and what stands behind a dot."""

    before: tuple[Pattern, ...]
    repeated: Pattern | None = None
    after: tuple[Pattern, ...] = ()
    tail: Pattern | None = None
    is_vector: bool = False


@attrs.frozen
class Fulfils:
    """Matches what a predicate, an expression, holds for."""

    predicate: Object


@attrs.frozen
class Applied:
    """Matches what the result of a procedure, an expression, matches `pattern` for."""

    procedure: Object
    pattern: Pattern


@attrs.frozen
class All:
    """Matches what all patterns match."""

    patterns: tuple[Pattern, ...]


@attrs.frozen
class Either:
    """Matches what some pattern matches; all bind the same names."""

    patterns: tuple[Pattern, ...]


@attrs.frozen
class Not:
    """Matches what a pattern doesn't."""

    pattern: Pattern


@attrs.frozen
class RecordOf:
    """Matches a record of a type, by its fields."""

    type: Symbol
    fields: tuple[Pattern, ...]


Pattern = Anything | Bind | Same | Items | Fulfils | Applied | All | Either | Not | RecordOf
_LITERALS = String | Integer | Float | Boolean | Char | Keyword


def parse_pattern(form: Object) -> Pattern:
    """The pattern that a form is. Raises Malformed."""
    match form:
        case Symbol():
            return _name(form)
        case Dotted():
            return _items(form[:-1], parse_pattern, tail=parse_pattern(form[-1]))
        case VectorForm():
            return _items(form, parse_pattern, is_vector=True)
        case Expression():
            return _compound(form)
        case _ if isinstance(form, _LITERALS):
            return Same(datum(form))
    raise Malformed("this is no pattern", Span.of(form))


def _name(form: Symbol) -> Pattern:
    if str(form) == "...":
        raise Malformed("... stands behind a pattern in a list or vector", Span.of(form))
    return Anything() if str(form) == "_" else Bind(form)


def _compound(form: Expression) -> Pattern:
    """A list; its first symbol may say that it is something else."""
    known = _FORMS.get(str(form[0])) if form and isinstance(form[0], Symbol) else None
    if known is None and len(form) > 2 and (is_symbol(form[-2], "quote") or is_symbol(form[-2], "quasiquote")):
        # (p . 'datum) reads as (p quote datum).
        return _items(form[:-2], parse_pattern, parse_pattern(copy_place(Expression(form[-2:]), form[-2])))
    if known is None:
        return _items(form, parse_pattern)
    shape, least, most, make = known
    if not least <= len(form) - 1 <= (len(form) if most is None else most):
        raise Malformed(f"malformed pattern: expected {shape}", Span.of(form))
    return make(form)


def _patterns(forms: Sequence[Object]) -> tuple[Pattern, ...]:
    return tuple([parse_pattern(form) for form in forms])


def _items(
    forms: Sequence[Object], parse: Callable[[Object], Pattern], tail: Pattern | None = None, is_vector: bool = False
) -> Items:
    """The patterns of a list's or vector's elements, one of which may be repeated."""
    at = [i for i, form in enumerate(forms) if is_symbol(form, "...")]
    if not at:
        return Items(tuple([parse(form) for form in forms]), tail=tail, is_vector=is_vector)
    if len(at) > 1 or at[0] == 0:
        raise Malformed("a list pattern has one ..., behind the pattern that it repeats", Span.of(forms[at[-1]]))
    if tail is not None:
        raise Malformed("a list pattern has either ... or a dot", Span.of(forms[at[0]]))
    before, after = forms[: at[0] - 1], forms[at[0] + 1 :]
    return Items(
        tuple([parse(form) for form in before]),
        parse(forms[at[0] - 1]),
        tuple([parse(form) for form in after]),
        is_vector=is_vector,
    )


def _quasi(form: Object) -> Pattern:
    """What a quasiquoted datum matches."""
    if isinstance(form, Expression) and len(form) == 2 and is_symbol(form[0], "unquote"):
        return parse_pattern(form[1])
    if isinstance(form, VectorForm):
        return _items(form, _quasi, is_vector=True)
    if isinstance(form, Dotted):
        return _items(form[:-1], _quasi, tail=_quasi(form[-1]))
    if not isinstance(form, Expression):
        return Same(datum(form))
    if len(form) > 2 and is_symbol(form[-2], "unquote"):
        return _items(form[:-2], _quasi, tail=parse_pattern(form[-1]))
    last = form[-1] if form else None
    if isinstance(last, Expression) and len(last) == 2 and is_symbol(last[0], "unquote-splicing"):
        return _items(form[:-1], _quasi, tail=parse_pattern(last[1]))
    return _items(form, _quasi)


def _predicate(form: Expression) -> Pattern:
    return All((Fulfils(form[1]), *_patterns(form[2:])))


_FORMS: dict[str, tuple[str, int, int | None, Callable[[Expression], Pattern]]] = {
    "quote": ("(quote datum)", 1, 1, lambda form: Same(datum(form[1]))),
    "quasiquote": ("(quasiquote datum)", 1, 1, lambda form: _quasi(form[1])),
    "list": ("(list pattern …)", 0, None, lambda form: _items(form[1:], parse_pattern)),
    "vector": ("(vector pattern …)", 0, None, lambda form: _items(form[1:], parse_pattern, is_vector=True)),
    "cons": ("(cons pattern pattern)", 2, 2, lambda form: _items(form[1:2], parse_pattern, parse_pattern(form[2]))),
    "?": ("(? predicate pattern …)", 1, None, _predicate),
    "=": ("(= procedure pattern)", 2, 2, lambda form: Applied(form[1], parse_pattern(form[2]))),
    "$": (
        "($ type pattern …)",
        1,
        None,
        lambda form: RecordOf(identifier(form[1], "the type of a record"), _patterns(form[2:])),
    ),
    "and": ("(and pattern …)", 0, None, lambda form: All(_patterns(form[1:]))),
    "or": ("(or pattern …)", 1, None, lambda form: Either(_patterns(form[1:]))),
    "not": ("(not pattern)", 1, 1, lambda form: Not(parse_pattern(form[1]))),
}
"""Lists that are no list patterns: their shape, the least and most operands, and what makes the pattern."""
