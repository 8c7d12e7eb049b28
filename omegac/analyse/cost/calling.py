"""Library procedures that call procedures, and what that costs: `(map f xs)` costs f as often as xs is long."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from omega_runtime.budgets.scope import parse_limits
from omega_runtime.calls.conversation import MOST_TURNS
from omega_runtime.values.errors import OmegaError

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ONE, ZERO, Formula
from omegac.analyse.cost.amounts import (
    Cost,
    Way,
    Ways,
    budgeted,
    cost_of,
    interrupted,
    may_spend,
    merged,
    repeated,
    then,
    unknown,
)
from omegac.analyse.cost.elements import ELEMENTS, Rule, called_with_any
from omegac.analyse.cost.sizes import (
    UNSPECIFIED,
    Anything,
    Closure,
    Datum,
    Either,
    Escape,
    Given,
    Items,
    Number,
    Size,
    Values,
    as_number,
    as_sequence,
    as_text,
    given,
    known_items,
    size_of_datum,
    truth,
)
from omegac.analyse.cost.walker import Walker
from omegac.core import Node, Variable
from omegac.traverse import walk

CALLING: dict[str, Rule] = dict(ELEMENTS)
"""By Omega name: the ways through a call."""


def calling(*names: str) -> Callable[[Rule], Rule]:
    """Registers the rule for some procedures."""

    def register(rule: Rule) -> Rule:
        for name in names:
            CALLING[name] = rule
        return rule

    return register


@calling("%conversation")
def _conversation(_: Walker, arguments: tuple[Size, ...], __: Node) -> Ways:
    prompt, tools, turns = arguments
    return (Way(Items((prompt, tools, size_of_datum(MOST_TURNS) if truth(turns) is False else turns))),)


@calling("%conversation-operand")
def _conversation_operand(walker: Walker, _: tuple[Size, ...], node: Node) -> Ways:
    return (Way(Anything(walker.cause("what a conversation with tools says isn't followed", node))),)


@calling("%describe-tool")
def _describe_tool(_: Walker, __: tuple[Size, ...], ___: Node) -> Ways:
    return (Way(UNSPECIFIED),)


@calling("%converse")
def _converse(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    """One call for the answer, and at most as many before as there may be turns; tools that ask models are unknown."""
    conversation, ask, _ = arguments
    if not isinstance(conversation, Items):
        cause = walker.cause("how many turns a conversation takes isn't known", node)
        return (Way(Anything(cause), unknown(cause)),)
    _, tools, turns = conversation.items
    most = as_number(turns)
    called = tools.items if isinstance(tools, Items) else ()
    for tool in called:
        count = len(tool.procedure.parameters) if isinstance(tool, Closure) else 0
        if not isinstance(tool, Closure) or may_spend(walker.call(tool, tuple(Anything() for _ in range(count)), node)):
            called = ()
            break
    if most is None or not called:
        cause = walker.cause("how often tools that may ask a model are called isn't known", node)
        return (Way(Anything(cause), unknown(cause)),)
    ways = walker.call(ask, (Anything(walker.cause("what a conversation with tools says isn't followed", node)),), node)
    return tuple(attrs.evolve(way, cost=repeated(way.cost, ONE, most.high + 1)) for way in ways)


@calling("apply")
def _apply(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    last = arguments[-1]
    if isinstance(last, Items):
        return walker.call(arguments[0], (*arguments[1:-1], *last.items), node)
    cause = walker.cause("how many arguments apply passes isn't known", node)
    return called_with_any(walker, arguments[0], cause, node)


@calling("%deferred", "%sequential")
def _called_once(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    return walker.call(arguments[0], (), node)


@calling("call-with-values")
def _call_with_values(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    def consumed(values: Size) -> Ways:
        if isinstance(values, Values):
            return walker.call(arguments[1], values.items, node)
        if isinstance(values, Anything | Either | Given):
            cause = walker.cause("how many values there are isn't known", node)
            consumer = arguments[1]
            if not isinstance(consumer, Closure) or len(consumer.procedure.parameters) != 1:
                return called_with_any(walker, consumer, cause, node)
        return walker.call(arguments[1], (values,), node)

    return then(walker.call(arguments[0], (), node), consumed)


@calling("call/cc", "call-with-current-continuation", "call/ec", "call-with-escape-continuation")
def _call_cc(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    mark = object()
    receiver = arguments[0]
    walker.marks.append(mark)
    try:
        ways = walker.call(receiver, (Escape(mark),), node)
    finally:
        walker.marks.remove(mark)
    left = tuple(attrs.evolve(way, end=None) if way.end is mark else way for way in ways)
    if not isinstance(receiver, Closure):
        return merged(left)
    body, variables = receiver.procedure.body, receiver.procedure.parameters[:1]
    mentions = sum(1 for each in walk(body) if getattr(each, "variable", None) in variables)
    calls = sum(1 for each in walk(body) if isinstance(each, core.Call) and _is_of(each.operator, variables))
    cause = walker.cause("where this continuation is called isn't known", node)
    if mentions and not any(way.end is mark for way in ways):
        if may_spend(ways):
            return (Way(Anything(cause), unknown(cause)),)
        left = (*left, Way(Anything(cause)))
    elif mentions > calls:
        left = (*left, Way(Anything(cause), cost_of(ways, of_normal_ends=False).at_least_nothing()))
    return merged(left)


def _is_of(node: Node, variables: tuple[Variable, ...]) -> bool:
    return isinstance(node, core.Reference) and node.variable in variables


@calling("dynamic-wind")
def _dynamic_wind(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    before, thunk, after = arguments
    body = then(walker.call(before, (), node), lambda _: walker.call(thunk, (), node))
    last = walker.call(after, (), node)
    normal = tuple(way for way in body if way.end is None)
    ended = [
        attrs.evolve(way, cost=way.cost + final.cost, again=way.again + final.again)
        for way in body
        for final in last
        if way.end is not None
    ]
    return merged((*then(normal, lambda value: then(last, lambda _: (Way(value),))), *ended))


@calling("with-exception-handler")
def _with_exception_handler(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    handled = walker.call(arguments[0], (Anything(walker.cause("an error", node)),), node)
    if not may_spend(handled):
        ways = walker.call(arguments[1], (), node)
        return merged(ways + interrupted(ways, tuple(way for way in handled if way.end is not None)))
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
    tracked = walker.call(tracker, (given("tokens", is_any=True),), node)
    ways = walker.call(thunk, (), node)
    if not may_spend(tracked):
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
    return (Way(UNSPECIFIED, _later(walker, arguments[0], node)),)


def _later(walker: Walker, thunk: Size, node: Node) -> Cost:
    """What is spent by something that is called later, once at the most."""
    ways = walker.call(thunk, (), node)
    if any(way.again for way in ways):
        return unknown(walker.cause("a procedure that calls this one is called later", node))
    return cost_of(ways).at_least_nothing()


@calling("%delay", "make-delayed", "%delay-force", "%stream-pair")
def _delay(walker: Walker, arguments: tuple[Size, ...], node: Node) -> Ways:
    """What is delayed is computed once at the most: it is counted where the promise is made."""
    cause = walker.cause("what a promise gives isn't followed", node)
    return (Way(Anything(cause), _later(walker, arguments[-1], node)),)


@calling("exit", "emergency-exit")
def _exit(_: Walker, __: tuple[Size, ...], ___: Node) -> Ways:
    return (Way(Anything(), end="exit"),)


@calling("raise-continuable")
def _raise_continuable(walker: Walker, _: tuple[Size, ...], node: Node) -> Ways:
    return Way(Anything(walker.cause("what a handler gives isn't followed", node))), Way(Anything(), end="error")


@calling("error", "raise")
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


def _texts(arguments: tuple[Size, ...]) -> tuple[Formula, Formula] | None:
    return (ONE, ONE) if as_text(arguments[0]) is not None else None


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
    "embed": _quality(_texts),
}
