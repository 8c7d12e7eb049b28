"""Branches on thresholds: comparisons of one variable with constants, of which earlier ones decide later ones."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from omegac import core
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject
from omegac.core import Item, Node, Variable
from omegac.traverse import children, value_of

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}


@attrs.frozen
class Range:
    """The numbers that a variable may be, from `low` to `high`; whether it may be the ends themselves."""

    low: float = float("-inf")
    high: float = float("inf")
    has_low: bool = True
    has_high: bool = True

    def narrowed(self, relation: str, bound: float) -> Range:
        """Those of the numbers that are in a relation to a bound."""
        result = self
        if relation in ("<", "<=", "=") and (bound, relation != "<") < (result.high, result.has_high):
            result = attrs.evolve(result, high=bound, has_high=relation != "<")
        if relation in (">", ">=", "=") and (-bound, relation != ">") < (-result.low, result.has_low):
            result = attrs.evolve(result, low=bound, has_low=relation != ">")
        return result

    @property
    def is_empty(self) -> bool:
        """Whether no number is left."""
        return self.low > self.high or (self.low == self.high and not (self.has_low and self.has_high))


Ranges = Mapping[Variable, Range]


@attrs.frozen
class _Comparison:
    variable: Variable
    relation: str
    bound: float


@checks("OM113")
def unreachable_branches(subject: Subject) -> Found:
    """Branches that are ruled out by the comparisons that lead there."""
    for item in subject.program.items:
        yield from _visit(value_of(item), {}, subject)


def _visit(node: Item, ranges: Ranges, subject: Subject) -> Found:
    if not isinstance(node, core.If):
        for child in children(node):
            yield from _visit(child, ranges, subject)
        return
    yield from _visit(node.test, ranges, subject)
    holds = _assumed(node.test, ranges, True, subject)
    fails = _assumed(node.test, ranges, False, subject)
    for branch, known, outcome in ((node.then, holds, "never holds"), (node.otherwise, fails, "always holds")):
        if known is not None:
            yield from _visit(branch, known, subject)
        elif _does_something(branch, subject):
            message = f"this branch is never taken: after the tests before it, that on line {node.test.span.line} "
            yield branch.span, message + outcome


def _assumed(test: Node, ranges: Ranges, holds: bool, subject: Subject) -> Ranges | None:
    """What variables may be when a test holds or fails; None when that can't be."""
    match test:
        case core.If(otherwise=core.Constant(value=False)):  # (and …)
            first = _assumed(test.test, ranges, True, subject)
            if holds:
                return None if first is None else _assumed(test.then, first, True, subject)
            if first is None or _assumed(test.then, first, False, subject) is None:
                return _assumed(test.test, ranges, False, subject)
            return ranges
        case core.Call(operator=core.Builtin(name="not"), operands=(inner,)):
            return _assumed(inner, ranges, not holds, subject)
    comparison = _comparison(test, subject)
    if comparison is None:
        return ranges
    relation = comparison.relation
    if not holds:
        if relation == "=":
            known = ranges.get(comparison.variable, Range())
            return None if known.low == known.high == comparison.bound else ranges
        relation = _OPPOSITE[relation]
    narrowed = ranges.get(comparison.variable, Range()).narrowed(relation, comparison.bound)
    return None if narrowed.is_empty else {**ranges, comparison.variable: narrowed}


def _comparison(test: Node, subject: Subject) -> _Comparison | None:
    """A test as a comparison of a variable that is never assigned with a number."""
    match test:
        case core.Call(
            operator=core.Builtin(name=name), operands=(core.Reference(variable=variable), core.Constant(value=bound))
        ):
            relation = name
        case core.Call(
            operator=core.Builtin(name=name), operands=(core.Constant(value=bound), core.Reference(variable=variable))
        ):
            relation = _TURNED.get(name, name)
        case _:
            return None
    if name not in _TURNED or type(bound) not in (int, float) or variable in subject.facts.assigned:
        return None
    return _Comparison(variable, relation, bound)


def _does_something(branch: Node, subject: Subject) -> bool:
    """Whether a branch is more than what a form leaves out, or than an error that says so."""
    return not isinstance(branch, core.Constant) and not subject.leaves(branch)
