"""Library procedures that call a procedure for each element: `(map f xs)` costs f as often as xs is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import ONE, ZERO, Formula
from omegac.analyse.cost.amounts import (
    FREE,
    Way,
    Ways,
    cost_of,
    may_spend,
    repeated,
    then,
    unknown,
    value_of,
)
from omegac.analyse.cost.sizes import (
    BOOLEAN,
    FALSE,
    UNSPECIFIED,
    Anything,
    Cause,
    Closure,
    Escape,
    Given,
    Items,
    Library,
    Number,
    Sequence,
    Size,
    Text,
    Values,
    Vector,
    as_sequence,
    joined,
)
from omegac.analyse.cost.states import Parameter, parameter_of, symbols_of
from omegac.analyse.cost.walker import Walker
from omegac.core import Node
from omegac.library import library

Rule = Callable[[Walker, tuple[Size, ...], Node], Ways]

ELEMENTS: dict[str, Rule] = {}
"""By Omega name: the ways through a call."""


def _each(walker: Walker, arguments: tuple[Size, ...], node: Node) -> tuple[Ways, Size, Number] | None:
    """A call for each element of lists, one after another: its cost, the list of results, and how many there are."""
    procedure, *lists = arguments
    known = [each for each in lists if isinstance(each, Items)]
    if len(known) == len(lists) and lists:
        count = min(len(each.items) for each in known)
        ways: Ways = (Way(Items(())),)
        for i in range(count):
            elements = tuple(each.items[i] for each in known)

            def after(so_far: Size, elements: tuple[Size, ...] = elements) -> Ways:
                return then(walker.call(procedure, elements, node), lambda value: (Way(_with(so_far, value)),))

            ways = then(ways, after)
        length = algebra.number(count)
        return ways, Anything(), Number(length, length)
    sequences = [as_sequence(each) for each in lists]
    found = [each for each in sequences if each is not None]
    if len(found) < len(lists) or not found:
        return None
    low, high = algebra.least(*(each.low for each in found)), algebra.least(*(each.high for each in found))
    inner = walker.call(procedure, tuple(each.element for each in found), node)
    return inner, Sequence(low, high, value_of(inner)), Number(low, high)


def _with(so_far: Size, value: Size) -> Size:
    """A list with one more element."""
    if isinstance(so_far, Items):
        return Items((*so_far.items, value))
    assert isinstance(so_far, Sequence)
    return Sequence(so_far.low + 1, so_far.high + 1, joined([so_far.element, value]))


def _endless(walker: Walker, name: str, arguments: tuple[Size, ...], node: Node) -> Ways:
    """A call whose list has an unknown length: free if its procedure is."""
    cause = next(
        (each.cause for each in arguments[1:] if isinstance(each, Anything) and each.cause),
        walker.cause(f"the length of the list that {name} goes through isn't known", node),
    )
    procedure = arguments[0] if arguments else Anything(cause)
    inner = called_with_any(walker, procedure, cause, node)
    cost = unknown(cause) if may_spend(inner) else FREE
    ends = tuple(Way(Anything(), cost, end=end) for end in dict.fromkeys(way.end for way in inner) if end is not None)
    return (Way(Anything(cause), cost), *ends)


def called_with_any(walker: Walker, callee: Size, cause: Cause, node: Node) -> Ways:
    """A call with an unknown number of arguments: as many as it takes, if that is one number."""
    if isinstance(callee, Closure) and callee.procedure.rest is None:
        return walker.call(callee, tuple(Anything(cause) for _ in callee.procedure.parameters), node)
    if isinstance(callee, Library) and not (library()[callee.name].calls or "infer" in library()[callee.name].row):
        return (Way(Anything(cause)),)
    if isinstance(callee, Escape):
        return walker.call(callee, (Anything(cause),), node)
    return (Way(Anything(cause), unknown(cause)),)


def _mapping(name: str, result: Callable[[Sequence], Size]) -> Rule:
    """The rule of procedures that call another one for each element, and what they make of the values."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        found = _each(walker, arguments, node) if len(arguments) > 1 else None
        if found is None:
            return _endless(walker, name, arguments, node)
        inner, values, count = found
        if isinstance(values, Sequence):
            return _times(inner, count, result(values))
        return then(inner, lambda items: (Way(result(items) if isinstance(items, Sequence) else _of(items, result)),))

    return rule


def _of(items: Size, result: Callable[[Sequence], Size]) -> Size:
    if result is _all_values:
        return items
    if result is _vector_of and isinstance(items, Items):
        return Vector(items)
    sequence = as_sequence(items)
    return Anything() if sequence is None else result(sequence)


def _times(inner: Ways, count: Number, value: Size) -> Ways:
    """A call that is repeated, and goes on with a value if none of its ways ends the whole."""
    cost = cost_of(inner)
    ends = tuple(
        Way(Anything(), repeated(cost, ZERO, count.high), end=end)
        for end in dict.fromkeys(way.end for way in inner if way.end is not None)
    )
    again = tuple(attrs.evolve(each, is_repeated=True) for way in inner for each in way.again)
    return (Way(value, repeated(cost, count.low, count.high), again=again), *ends)


def _all_values(values: Sequence) -> Size:
    return values


def _vector_of(values: Sequence) -> Size:
    return Vector(values)


def _some_values(values: Sequence) -> Size:
    return Sequence(ZERO, values.high, values.element)


def _nothing(_: Sequence) -> Size:
    return UNSPECIFIED


def _appended(values: Sequence) -> Size:
    inner = as_sequence(values.element)
    if inner is None:
        return Anything(values.element.cause if isinstance(values.element, Anything) else None)
    return Sequence(algebra.times(values.low, inner.low), algebra.times(values.high, inner.high), inner.element)


ELEMENTS |= {
    **{name: _mapping(name, _all_values) for name in ("map", "map-in-order", "parallel-map")},
    **{name: _mapping(name, _nothing) for name in ("for-each", "vector-for-each")},
    "vector-map": _mapping("vector-map", _vector_of),
    "filter-map": _mapping("filter-map", _some_values),
    "append-map": _mapping("append-map", _appended),
    "count": _mapping("count", lambda values: Number(ZERO, values.high)),
}


def _selecting(name: str) -> Rule:
    """filter and the like: the predicate is called for each element, and some elements are left."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        found = _each(walker, arguments, node) if len(arguments) == 2 else None
        sequence = as_sequence(arguments[-1])
        if found is None or sequence is None:
            return _endless(walker, name, arguments, node)
        inner, values, count = found
        rest = Sequence(ZERO, sequence.high, sequence.element)
        if name == "partition":
            return _finished(inner, values, count, Values((rest, rest)))
        return _finished(inner, values, count, rest)

    return rule


def _searching(name: str, result: Callable[[Sequence, Size], Size]) -> Rule:
    """find and the like: the predicate is called until it decides, so at least once if there is an element."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        found = _each(walker, arguments, node) if len(arguments) > 1 else None
        sequence = as_sequence(arguments[-1])
        if found is None or sequence is None:
            return _endless(walker, name, arguments, node)
        inner, values, count = found
        outcome = values.element if isinstance(values, Sequence) else joined(_outcomes(inner))
        value = result(sequence, outcome)
        if isinstance(values, Sequence):
            return _times(inner, Number(algebra.least(count.low, ONE), count.high), value)
        return _stopping(inner, value)

    return rule


def _outcomes(inner: Ways) -> Iterator[Size]:
    """What a predicate gives for known elements."""
    for way in inner:
        sequence = as_sequence(way.value)
        if sequence is not None and sequence.high != 0:
            yield sequence.element


def _stopping(inner: Ways, value: Size) -> Ways:
    """Calls for known elements, of which only the first few may be made."""
    return tuple(
        attrs.evolve(way, value=value if way.end is None else way.value, cost=way.cost.at_least_nothing())
        for way in (*inner, Way(value))
    )


def _finished(inner: Ways, values: Size, count: Number, value: Size) -> Ways:
    if isinstance(values, Sequence):
        return _times(inner, count, value)
    return tuple(attrs.evolve(way, value=value) for way in inner)


ELEMENTS |= {name: _selecting(name) for name in ("filter", "remove", "partition")}
ELEMENTS |= {
    name: _searching(name, result)
    for name, result in {
        "find": lambda list_, _: joined([FALSE, list_.element]),
        "find-tail": lambda list_, _: joined([FALSE, _some_values(list_)]),
        "list-index": lambda list_, _: joined([FALSE, Number(ZERO, list_.high)]),
        "any": lambda _, outcome: joined([FALSE, outcome]),
        "ormap": lambda _, outcome: joined([FALSE, outcome]),
        "every": lambda _, outcome: joined([BOOLEAN, outcome]),
        "andmap": lambda _, outcome: joined([BOOLEAN, outcome]),
        "take-while": lambda list_, _: _some_values(list_),
        "drop-while": lambda list_, _: _some_values(list_),
    }.items()
}


Order = Callable[[Size, Size], tuple[Size, Size]]
"""The arguments of a call, from what is accumulated and an element."""


def _folding(order: Order, name: str, *, is_reduction: bool = False) -> Rule:
    """fold and the like: what is accumulated is known for lists whose elements are.

    A reduction starts with the first element, or the last one, and takes what it is given for an empty list only.
    """

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        if len(arguments) != 3:
            return _endless(walker, name, arguments, node)
        procedure, start, items = arguments
        if isinstance(items, Items):
            elements = tuple(reversed(items.items)) if name.endswith("-right") else items.items
            begun = elements if is_reduction and elements else (start, *elements)
            return _folded_items(walker, (procedure, *begun), order, node)
        sequence = as_sequence(items)
        if sequence is None:
            return _endless(walker, name, (procedure, items), node)
        if is_reduction:
            start = joined([start, sequence.element])
            low, high = (algebra.most(ZERO, each - 1) for each in (sequence.low, sequence.high))
            sequence = Sequence(low, high, sequence.element)
        return _folded(walker, (procedure, start, sequence), order, node)

    return rule


def _folded_items(walker: Walker, arguments: tuple[Size, ...], order: Order, node: Node) -> Ways:
    """A fold over known elements, which come behind the procedure and the start."""
    procedure, start, *elements = arguments
    ways: Ways = (Way(start),)
    for each in elements:
        ways = then(ways, lambda total, each=each: walker.call(procedure, order(total, each), node))  # type: ignore[misc]
    return ways


def _folded(walker: Walker, arguments: tuple[Size, Size, Sequence], order: Order, node: Node) -> Ways:
    """A fold over elements that aren't known one by one: a loop whose result doesn't grow, or isn't known."""
    procedure, start, sequence = arguments
    accumulated = parameter_of("total", start, is_signed=True)
    once = value_of(walker.call(procedure, order(accumulated.general, sequence.element), node))
    total = _accumulated(accumulated, once, sequence.high)
    if total is not None:
        again = walker.call(procedure, order(total, sequence.element), node)
        if _covers(total, value_of(again), grows=bool(set(accumulated.views).intersection(symbols_of(once)))):
            return _times(again, Number(sequence.low, sequence.high), total)
    anything = Anything(walker.cause("what this fold accumulates may grow", node))
    again = walker.call(procedure, order(anything, sequence.element), node)
    return _times(again, Number(sequence.low, sequence.high), anything)


def _accumulated(accumulated: Parameter, once: Size, count: Formula) -> Size | None:
    """What is accumulated at the most, where a step adds to it what doesn't depend on it, or replaces it."""
    own = set(accumulated.views)
    if not own.intersection(symbols_of(once)):
        return joined([accumulated.start, once])
    for symbol, view in accumulated.views.items():
        bounds, (low, high) = view(once), accumulated.starts[symbol]
        if bounds is None or isinstance(accumulated.start, Given):
            continue
        least, most = (algebra.difference(each, symbol) for each in bounds)
        if own & (algebra.symbols(least) | algebra.symbols(most)):
            continue
        bottom = low + algebra.times(count, algebra.least(ZERO, least))
        return _resized(accumulated.start, once, (bottom, high + algebra.times(count, algebra.most(ZERO, most))))
    return None


def _resized(start: Size, once: Size, bounds: tuple[Formula, Formula]) -> Size:
    """A value of the kind of both, with other bounds."""
    first, second = as_sequence(start), as_sequence(once)
    if first is not None and second is not None:
        elements = [each.element for each in (first, second) if each.high != 0]
        return Sequence(*bounds, joined(elements) if elements else Anything())
    if isinstance(start, Number) and isinstance(once, Number):
        return Number(*bounds, start.is_whole and once.is_whole)
    return Text(*bounds)


def _covers(total: Size, value: Size, grows: bool) -> bool:
    """Whether what another step gives is among what is accumulated; sizes aside, where their growth is known."""
    if not grows:
        return joined([total, value]) == total
    if isinstance(total, Sequence):
        sequence = as_sequence(value)
        return sequence is not None and joined([total.element, sequence.element]) == total.element
    return isinstance(value, type(total))


def _accumulator_first(total: Size, each: Size) -> tuple[Size, Size]:
    return total, each


def _element_first(total: Size, each: Size) -> tuple[Size, Size]:
    return each, total


ELEMENTS |= {
    **{name: _folding(_accumulator_first, "fold-left") for name in ("fold", "foldl", "fold-left")},
    **{name: _folding(_element_first, "fold-right") for name in ("foldr", "fold-right")},
    **{name: _folding(_accumulator_first, "reduce", is_reduction=True) for name in ("reduce", "reduce-left")},
    "reduce-right": _folding(_element_first, "reduce-right", is_reduction=True),
}
