"""Library procedures that call procedures, and what that costs: `(map f xs)` costs f as often as xs is long."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from omega_runtime.budgets.scope import parse_limits
from omega_runtime.values.errors import OmegaError

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ONE, ZERO, Formula
from omegac.analyse.cost.amounts import (
    FREE,
    Cost,
    Way,
    Ways,
    budgeted,
    cost_of,
    merged,
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
    Datum,
    Escape,
    Given,
    Items,
    Library,
    Number,
    Sequence,
    Size,
    Text,
    as_number,
    as_sequence,
    given,
    joined,
    known_items,
    truth,
)
from omegac.analyse.cost.states import Parameter, parameter_of, symbols_of
from omegac.analyse.cost.walker import Walker
from omegac.core import Node
from omegac.traverse import walk

Rule = Callable[[Walker, tuple[Size, ...], Node], Ways]

CALLING: dict[str, Rule] = {}
"""By Omega name: the ways through a call."""


def calling(*names: str) -> Callable[[Rule], Rule]:
    """Registers the rule for some procedures."""

    def register(rule: Rule) -> Rule:
        for name in names:
            CALLING[name] = rule
        return rule

    return register


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
                assert isinstance(so_far, Items)
                return then(walker.call(procedure, elements, node), lambda value: (Way(Items((*so_far.items, value))),))

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


def _endless(walker: Walker, name: str, arguments: tuple[Size, ...], node: Node) -> Ways:
    """A call whose list has an unknown length: free if its procedure is."""
    cause = next(
        (each.cause for each in arguments[1:] if isinstance(each, Anything) and each.cause),
        walker.cause(f"the length of the list that {name} goes through isn't known", node),
    )
    procedure = arguments[0] if arguments else Anything(cause)
    inner = walker.call(procedure, tuple(Anything(cause) for _ in arguments[1:]), node)
    cost = FREE if cost_of(inner).is_free else unknown(cause)
    return (Way(Anything(cause), cost),)


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


def _some_values(values: Sequence) -> Size:
    return Sequence(ZERO, values.high, values.element)


def _nothing(_: Sequence) -> Size:
    return UNSPECIFIED


def _appended(values: Sequence) -> Size:
    inner = as_sequence(values.element)
    if inner is None:
        return Anything(values.element.cause if isinstance(values.element, Anything) else None)
    return Sequence(algebra.times(values.low, inner.low), algebra.times(values.high, inner.high), inner.element)


CALLING |= {
    **{name: _mapping(name, _all_values) for name in ("map", "vector-map", "map-in-order", "parallel-map")},
    **{name: _mapping(name, _nothing) for name in ("for-each", "vector-for-each", "vector-for-each-index")},
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
            return _finished(inner, values, count, Items((rest, rest)))
        return _finished(inner, values, count, rest)

    return rule


def _searching(name: str) -> Rule:
    """find and the like: the predicate is called until it decides, so at least once if there is an element."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        found = _each(walker, arguments, node) if len(arguments) > 1 else None
        sequence = as_sequence(arguments[-1])
        if found is None or sequence is None:
            return _endless(walker, name, arguments, node)
        inner, values, count = found
        value = BOOLEAN if name in ("any", "every", "andmap", "ormap") else joined([FALSE, sequence.element])
        if isinstance(values, Sequence):
            return _times(inner, Number(algebra.least(count.low, ONE), count.high), value)
        return tuple(attrs.evolve(way, value=value, cost=way.cost.at_least_nothing()) for way in inner)

    return rule


def _finished(inner: Ways, values: Size, count: Number, value: Size) -> Ways:
    if isinstance(values, Sequence):
        return _times(inner, count, value)
    return tuple(attrs.evolve(way, value=value) for way in inner)


CALLING |= {name: _selecting(name) for name in ("filter", "remove", "partition")}
CALLING |= {
    name: _searching(name)
    for name in ("find", "find-tail", "any", "every", "andmap", "ormap", "list-index", "take-while", "drop-while")
}


def _folding(order: Callable[[Size, Size], tuple[Size, Size]], name: str) -> Rule:
    """fold and the like: what is accumulated is known for lists whose elements are."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        if len(arguments) != 3:
            return _endless(walker, name, arguments, node)
        procedure, start, items = arguments
        if isinstance(items, Items):
            ways: Ways = (Way(start),)
            elements = items.items if name != "fold-right" else tuple(reversed(items.items))
            for each in elements:
                ways = then(ways, lambda total, each=each: walker.call(procedure, order(total, each), node))  # type: ignore[misc]
            return ways
        sequence = as_sequence(items)
        if sequence is None:
            return _endless(walker, name, (procedure, items), node)
        return _folded(walker, (procedure, start, sequence), order, node)

    return rule


def _folded(
    walker: Walker,
    arguments: tuple[Size, Size, Sequence],
    order: Callable[[Size, Size], tuple[Size, Size]],
    node: Node,
) -> Ways:
    """A fold over elements that aren't known one by one: a loop whose result doesn't grow, or isn't known."""
    procedure, start, sequence = arguments
    accumulated = parameter_of("total", start)
    once = value_of(walker.call(procedure, order(accumulated.general, sequence.element), node))
    cause = walker.cause("what this fold accumulates may grow", node)
    total = _accumulated(accumulated, once, sequence.high, cause)
    again = walker.call(procedure, order(total, sequence.element), node)
    if not isinstance(total, Anything) and isinstance(value_of(again), Anything):
        total = Anything(cause)
    return _times(again, Number(sequence.low, sequence.high), total)


def _accumulated(accumulated: Parameter, once: Size, count: Formula, cause: Cause) -> Size:
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
    return Anything(cause)


def _resized(start: Size, once: Size, bounds: tuple[Formula, Formula]) -> Size:
    """A value of the kind of both, with other bounds."""
    first, second = as_sequence(start), as_sequence(once)
    if first is not None and second is not None:
        elements = [each.element for each in (first, second) if each.high != 0]
        return Sequence(*bounds, joined(elements) if elements else Anything())
    return Number(*bounds) if isinstance(start, Number) else Text(*bounds)


CALLING |= {
    "fold": _folding(lambda total, each: (total, each), "fold"),
    "foldl": _folding(lambda total, each: (total, each), "foldl"),
    "fold-left": _folding(lambda total, each: (total, each), "fold-left"),
    "foldr": _folding(lambda total, each: (each, total), "fold-right"),
    "fold-right": _folding(lambda total, each: (each, total), "fold-right"),
    "reduce": _folding(lambda total, each: (each, total), "reduce"),
}


@calling("apply")
def _apply(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    last = arguments[-1]
    if isinstance(last, Items):
        return walker.call(arguments[0], (*arguments[1:-1], *last.items), node)
    cause = walker.cause("how many arguments apply passes isn't known", node)
    if isinstance(arguments[0], Library):
        return (Way(Anything(cause)),)
    return (Way(Anything(cause), unknown(cause)),)


@calling("call-with-values")
def _call_with_values(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    def consumed(values: Size) -> Ways:
        several = values.items if isinstance(values, Items) else (values,)
        return walker.call(arguments[1], several, node)

    return then(walker.call(arguments[0], (), node), consumed)


@calling("call/cc", "call-with-current-continuation", "call/ec", "call-with-escape-continuation")
def _call_cc(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    mark = object()
    receiver = arguments[0]
    ways = walker.call(receiver, (Escape(mark),), node)
    if not any(way.end is mark for way in ways) and isinstance(receiver, Closure):
        variables = receiver.procedure.parameters[:1]
        mentioned = any(getattr(each, "variable", None) in variables for each in walk(receiver.procedure.body))
        if mentioned and not cost_of(ways).is_free:
            cause = walker.cause("where this continuation is called isn't known", node)
            return (Way(Anything(cause), unknown(cause)),)
    return merged(tuple(attrs.evolve(way, end=None) if way.end is mark else way for way in ways))


@calling("dynamic-wind")
def _dynamic_wind(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    before, thunk, after = arguments
    body = then(walker.call(before, (), node), lambda _: walker.call(thunk, (), node))
    last = cost_of(walker.call(after, (), node))
    return tuple(attrs.evolve(way, cost=way.cost + last) for way in body)


@calling("with-exception-handler")
def _with_exception_handler(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    handler = cost_of(walker.call(arguments[0], (Anything(walker.cause("an error", node)),), node))
    if handler.is_free:
        return walker.call(arguments[1], (), node)
    cause = walker.cause("how often this handler is called isn't known", node)
    return (Way(Anything(cause), unknown(cause)),)


@calling("with-budget")
def _with_budget(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    limit, thunk = arguments
    tokens, dollars = _limit(limit)
    ways = walker.call(thunk, (), node)
    return tuple(attrs.evolve(way, cost=budgeted(way.cost, tokens, dollars)) for way in ways)


def _limit(size: Size) -> tuple[Formula | None, Formula | None]:
    """A limit in tokens, or in dollars."""
    number = as_number(size)
    if number is not None:
        return number.high, None
    if not isinstance(size, Datum) or not isinstance(size.value, str):
        return None, None
    try:
        limits = parse_limits("with-budget", size.value)
    except OmegaError:
        return None, None
    if limits.periods is not None:  # no limit on the whole
        return None, None
    if limits.picodollars is not None:
        return None, algebra.dollars(limits.picodollars)
    return (None if limits.tokens is None else algebra.number(limits.tokens)), None


@calling("with-tracking")
def _with_tracking(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    tracker, thunk = arguments
    each = cost_of(walker.call(tracker, (given("tokens"),), node))
    ways = walker.call(thunk, (), node)
    if each.is_free:
        return ways
    cause = walker.cause("this tracker calls the model itself", node)
    return tuple(attrs.evolve(way, cost=way.cost + unknown(cause)) for way in ways)


@calling("%parameterize")
def _parameterize(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    return walker.call(arguments[-1], (), node)


@calling("monitor-budget-usage", "execute", "force-thunk", "call-with-output-string")
def _call_last(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    if isinstance(arguments[-1], Closure):
        count = len(arguments[-1].procedure.parameters)
        return walker.call(arguments[-1], tuple(Anything() for _ in range(count)), node)
    return (Way(Anything(walker.cause("what is executed isn't known", node))),)


@calling("with-task")
def _with_task(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    return walker.call(arguments[-1], (), node)


@calling("on-completion")
def _on_completion(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    cost = cost_of(walker.call(arguments[0], (), node))
    return (Way(UNSPECIFIED, cost.at_least_nothing()),)


@calling("%delay", "make-delayed", "%delay-force", "%stream-pair")
def _delay(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    """What is delayed is computed once at the most: it is counted where the promise is made."""
    cost = cost_of(walker.call(arguments[-1], (), node))
    cause = walker.cause("what a promise gives isn't followed", node)
    return (Way(Anything(cause), cost.at_least_nothing()),)


@calling("exit", "emergency-exit")
def _exit(_: Walker, __: tuple[Size, ...], ___: Node) -> Ways:
    return (Way(Anything(), end="exit"),)


@calling("error", "raise", "raise-continuable")
def _error(_: Walker, __: tuple[Size, ...], ___: Node) -> Ways:
    return (Way(Anything(), end="error"),)


@calling("assert")
def _assert(_: Walker, arguments: tuple[Size, ...], __: Node) -> Ways:
    return (Way(Anything(), end="error"),) if truth(arguments[0]) is False else (Way(UNSPECIFIED),)


@calling("command-line")
def _command_line(walker: Walker, _: tuple[Size, ...], __: Node) -> Ways:
    if walker.assumptions.arguments is None:
        return (Way(given("arguments")),)
    return (Way(known_items([Datum(each) for each in walker.assumptions.arguments])),)


@calling("get-budget", "remaining-budget")
def _get_budget(walker: Walker, _: tuple[Size, ...], __: Node) -> Ways:
    return (
        Way(Number(ZERO, INFINITY if walker.assumptions.budget is None else algebra.number(walker.assumptions.budget))),
    )


def _quality(calls: Callable[[tuple[Size, ...]], tuple[Formula, Formula] | None]) -> Rule:
    """The manual's procedures that call the model: how often is known, what they ask in terms of their texts."""

    def rule(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
        count = calls(arguments)
        cause = walker.cause("what this procedure asks depends on the answers", node)
        if count is None:
            return (Way(Anything(cause), unknown(cause)),)
        low, high = count
        cost = unknown(cause)
        most = attrs.evolve(cost.high, calls=high)
        least = attrs.evolve(cost.low, calls=low, input=low, tokens=low)
        return (Way(Anything(cause), Cost(least, most, {}, cost.causes)),)

    return rule


def _passes(arguments: tuple[Size, ...]) -> tuple[Formula, Formula] | None:
    number = as_number(arguments[2]) if len(arguments) == 3 else None
    return None if number is None else (2 * number.low - 1, 2 * number.high - 1)


def _documents(arguments: tuple[Size, ...]) -> tuple[Formula, Formula] | None:
    sequence = as_sequence(arguments[0])
    return None if sequence is None else (sequence.low, sequence.high)


def _by_target(arguments: tuple[Size, ...]) -> tuple[Formula, Formula] | None:
    level = arguments[1] if len(arguments) == 3 else None
    name = str(level.value) if isinstance(level, Datum) else None
    return {"high": (algebra.number(5),) * 2, "medium": (ONE, ONE), "low": (ONE, ONE)}.get(
        name or "", (ONE, algebra.number(5))
    )


CALLING |= {
    "single-pass": _quality(lambda _: (ONE, ONE)),
    "multi-pass-refinement": _quality(_passes),
    "generate-with-quality-target": _quality(_by_target),
    "adaptive-summarize": _quality(_documents),
}
