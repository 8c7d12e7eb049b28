"""Procedures that call themselves: how often, by what gets smaller from call to call, and what that costs.

One activation is looked at with sizes that stand for those of any activation. What the calls inside it pass on says how
sizes change; a size that surely gets smaller, or nears a bound that a test guards, limits the number of activations.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import networkx

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ZERO, Formula
from omegac.analyse.cost.amounts import FREE, Cost, Way, Ways, cost_of, either, repeated
from omegac.analyse.cost.measures import Call, Measure, measure_of
from omegac.analyse.cost.results import Result, result_again, result_of
from omegac.analyse.cost.sizes import Anything, Closure, Number, Size
from omegac.analyse.cost.states import Parameters, States, Unsolved, mapped, parameters_of
from omegac.analyse.cost.walker import Walker
from omegac.analyse.facts import Facts
from omegac.core import Lambda, Node
from omegac.traverse import walk

__all__ = ["Unsolved", "calling_themselves", "result_again", "solved"]

Change = Callable[[Formula], Formula]
_ROUNDS = 4


def calling_themselves(program: core.Program, facts: Facts) -> frozenset[Lambda]:
    """The procedures that may be called again while they run, by themselves or by way of others."""
    graph = networkx.DiGraph()
    for item in program.items:
        for procedure in walk(item):
            if isinstance(procedure, Lambda):
                called = (facts.procedure(node) for node in walk(procedure.body) if isinstance(node, core.Reference))
                graph.add_edges_from((procedure, each) for each in called if each is not None)
    found = {each for group in networkx.strongly_connected_components(graph) if len(group) > 1 for each in group}
    return frozenset(found | {each for each, _ in networkx.selfloop_edges(graph)})


def solved(walker: Walker, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
    """The ways through a call of a procedure that calls itself. Raises Unsolved with the reason."""
    procedure = callee.procedure
    parameters = parameters_of(procedure, arguments)
    for _ in range(_ROUNDS):
        ways = _activation(walker, callee, parameters.general, node)
        calls = _own_calls(ways, procedure)
        if not calls:
            return _without_calls(walker, callee, arguments, node)
        if procedure not in walker.several and any(call.together > 1 for call in calls):
            walker.several.add(procedure)  # their results differ
            ways = _activation(walker, callee, parameters.general, node)
            calls = _own_calls(ways, procedure)
        wider = parameters.widened([call.arguments for call in calls])
        if wider is None:
            return _Recursion(procedure, parameters, ways, calls).ways()
        parameters = wider
    raise Unsolved("what it passes to itself changes its kind from call to call")


def _without_calls(walker: Walker, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
    """The ways through a procedure that doesn't call itself here after all."""
    ways = _activation(walker, callee, arguments, node)
    if _own_calls(ways, callee.procedure):
        raise Unsolved("whether it calls itself depends on what it is given")
    return ways


def _activation(walker: Walker, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
    """The ways through one activation, whose calls of the procedure itself are not followed."""
    walker.active.append(callee.procedure)
    try:
        return walker.inside(callee, arguments, node)
    finally:
        walker.active.pop()


def _own_calls(ways: Ways, procedure: Lambda) -> list[Call]:
    """The calls of the procedure itself. Raises Unsolved when it isn't known how many there are."""
    found = []
    for way in ways:
        own = [each for each in way.again if each.procedure.procedure is procedure]
        if len(own) < len(way.again):
            raise Unsolved("it calls itself by way of another procedure that does so, too")
        if any(each.is_repeated for each in own):
            raise Unsolved("it calls itself for each element of something")
        found += [Call(each.arguments, way, len(own)) for each in own]
    return found


@attrs.frozen(eq=False)
class _Recursion:
    """One activation, seen through: `ways` with the sizes of any activation, `calls` those of the procedure itself."""

    procedure: Lambda
    parameters: Parameters
    all_ways: Ways
    calls: list[Call]

    def ways(self) -> Ways:
        """The ways through a call from outside."""
        last = [way for way in self.all_ways if not way.again]
        inner = [way for way in self.all_ways if way.again]
        measure = measure_of(self.parameters, self.calls, last)
        index = algebra.fresh("k")
        states = self.parameters.states([call.arguments for call in self.calls], index, measure.count)
        result = result_of(self.procedure, last, inner, measure, states)
        at = _Substitution(states, result, index, measure.count)
        cost = self._cost(last, inner, measure, at)
        value = at.largest_size(result.value)
        return tuple(Way(value, cost, end=end) for end in dict.fromkeys(way.end for way in self.all_ways))

    def _cost(self, last: list[Way], inner: list[Way], measure: Measure, at: _Substitution) -> Cost:
        once = cost_of(tuple(inner), of_normal_ends=False)
        final = cost_of(tuple(last)) if last else FREE
        if once.is_free and final.is_free:
            return FREE
        if measure.branching > 1:
            return self._branching_cost(once, final, measure, at)
        early = [way for way in last if measure.is_early(way)]
        if early:
            once = cost_of((*inner, *early), of_normal_ends=False)
            final = cost_of(tuple(way for way in last if way not in early)).at_least_nothing()
        steps = at.summed(once)
        if measure.may_fail_late:
            steps = steps + at.largest(once).at_least_nothing()
        if not measure.is_exhausted:
            steps = steps.at_least_nothing()
        return steps + at.at_the_end(final, measure.is_exhausted)

    def _branching_cost(self, once: Cost, final: Cost, measure: Measure, at: _Substitution) -> Cost:
        if measure.may_fail_late:  # where no call is left, one may still be tried
            final = either((once.at_least_nothing(), final))
        inner, leaves = at.largest(once), at.largest(final)
        low_inner, low_leaves = (
            (measure.inner, measure.leaves) if measure.is_exhausted and measure.is_tight else (ZERO, ZERO)
        )
        return repeated(inner, low_inner, measure.inner) + repeated(leaves, low_leaves, measure.leaves)


@attrs.frozen(eq=False)
class _Substitution:
    """Puts what sizes are in the activation with some index in place of the sizes of any activation."""

    states: States
    result: Result
    index: Formula
    count: Formula

    def high(self, formula: Formula) -> Formula:
        """An upper bound in the activation with the index."""
        known = self.result.high(formula)
        bound = None if known is None else self.states.high(known)
        return INFINITY if bound is None else bound

    def low(self, formula: Formula) -> Formula:
        """A lower bound in the activation with the index."""
        bound = self._low(formula)
        return ZERO if bound is None else bound

    def _low(self, formula: Formula) -> Formula | None:
        known = self.result.low(formula)
        return None if known is None else self.states.low(known)

    def summed(self, cost: Cost) -> Cost:
        """The sum of a cost over all activations but the last one."""

        def high(formula: Formula) -> Formula:
            bound = algebra.total(self.high(formula), self.index, self.count)
            return algebra.times(self.count, self._largest(formula)) if bound is None else bound

        def low(formula: Formula) -> Formula:
            bound = algebra.total(self.low(formula), self.index, self.count)
            return ZERO if bound is None else bound

        return self._mapped(cost, high, low)

    def largest(self, cost: Cost) -> Cost:
        """The bounds of a cost in whichever activation."""
        return self._mapped(cost, self._largest, self._smallest)

    def at_the_end(self, cost: Cost, is_exhausted: bool) -> Cost:
        """The bounds of a cost in the last activation."""
        if not is_exhausted:
            return self.largest(cost)

        def last(formula: Formula) -> Formula:
            return algebra.replaced(formula, {self.index: self.count})

        return self._mapped(cost, lambda each: last(self.high(each)), lambda each: last(self.low(each)))

    def largest_size(self, size: Size) -> Size:
        """The bounds of a size in whichever activation."""
        return mapped(size, self._smallest, self._largest, self._largest_number)

    def _largest_number(self, number: Number) -> Size:
        """The bounds of a number; those that aren't known may be below 0."""
        bound = self._low(number.low)
        low = None if bound is None else algebra.lowest(bound, self.index, self.count)
        return Anything() if low is None else Number(low, self._largest(number.high), number.is_whole)

    def _largest(self, formula: Formula) -> Formula:
        bound = algebra.highest(self.high(formula), self.index, self.count)
        return INFINITY if bound is None else bound

    def _smallest(self, formula: Formula) -> Formula:
        bound = algebra.lowest(self.low(formula), self.index, self.count)
        return ZERO if bound is None else bound

    def _mapped(self, cost: Cost, high: Change, low: Change) -> Cost:
        changed = cost.map(high, low)
        if algebra.is_infinite(changed.high.tokens) and not algebra.is_infinite(cost.high.tokens):
            return changed.because(*self.result.causes)
        return changed
