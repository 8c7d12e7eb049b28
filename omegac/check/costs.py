"""What the analysis of costs says about a program, as the rules need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.amounts import FREE, Amount, Cost, Ways, cost_of
from omegac.analyse.cost.asking import Assumptions
from omegac.analyse.cost.evaluate import Evaluator, run_toplevel
from omegac.analyse.cost.scopes import Scope
from omegac.analyse.cost.sizes import Closure, Library, Size, given
from omegac.analyse.facts import Facts
from omegac.core import Lambda, Node, Program

_STEPS_MAX = 20_000
"""Nodes that are looked at for one program, all walks together; deep ones count more, as costs are carried up."""
_DEPTH_OF_ONE = 32
_GROWTH = {"constant": 0.0, "logarithmic": 0.5, "linear": 1.0, "n·log n": 1.5, "quadratic": 2.0, "cubic": 3.0}


@attrs.frozen
class Growth:
    """How prompts grow: in the sizes of `procedure`, calls and input tokens as formulas for people."""

    procedure: Lambda
    calls: str
    tokens: str


class Costs:
    """The costs of a program's top level and of its top-level procedures, each for any arguments.

    What is too large to follow isn't known, and nothing is reported of it.
    """

    def __init__(self, program: Program, facts: Facts, exported: tuple[Lambda, ...]) -> None:
        self._evaluator = _Budgets(facts, program, Assumptions())
        self._exported = exported
        self._toplevel = self._evaluated(lambda: run_toplevel(self._evaluator, program))
        self._procedures = {
            item.value: self._cost_of(item.value) for item in program.definitions if isinstance(item.value, Lambda)
        }

    def _cost_of(self, procedure: Lambda) -> Cost:
        arguments = tuple(given(variable.name) for variable in procedure.parameters)
        closure = Closure(procedure, self._evaluator.toplevel)
        return self._evaluated(lambda: self._evaluator.call(closure, arguments, procedure))

    def _evaluated(self, walk: Callable[[], Ways]) -> Cost:
        if self._evaluator.steps > _STEPS_MAX:
            return FREE
        try:
            return cost_of(walk())
        except _TooLarge:
            return FREE

    def endless(self) -> dict[Lambda, str]:
        """The procedures that call themselves without a known bound and call models then, with the reason.

        What runs is looked at with what it's given, what only callers from outside reach for any arguments.
        """
        by_place = {procedure.span: procedure for procedure in self._evaluator.recursive}
        costs = [self._toplevel, *(self._procedures[each] for each in self._exported)]
        return {
            by_place[cause.span]: cause.reason
            for cost in costs
            if algebra.is_infinite(cost.high.calls)
            for cause in cost.causes
            if cause.span in by_place
        }

    def least_tokens(self, call: core.Call) -> int:
        """The tokens that the code within a call of with-budget surely needs, answers aside."""
        found = [algebra.constant(cost.low.tokens) for cost in self._evaluator.within.get(call, ())]
        known = [int(each) for each in found if each is not None and each != float("inf")]
        return min(known) if len(known) == len(found) and known else 0

    def growing(self) -> dict[Node, Growth]:
        """The calls whose prompts get longer the more calls there are, with how."""
        found: dict[Node, Growth] = {}
        for procedure, cost in self._procedures.items():
            for site, (_, high) in cost.sites.items():
                if _grows(high):
                    growth = Growth(procedure, algebra.text(high.calls), algebra.order(high.input))
                    found.setdefault(self._evaluator.sites[site], growth)
        return found


def _grows(amount: Amount) -> bool:
    """Whether input tokens rise faster than calls with a size that the number of calls depends on."""
    if algebra.is_infinite(amount.calls) or algebra.is_infinite(amount.input):
        return False
    return any(
        _degree(amount.input, symbol) > _degree(amount.calls, symbol) > 0 for symbol in algebra.symbols(amount.calls)
    )


def _degree(formula: Any, symbol: Any) -> float:
    """The degree in one size; 0 where it isn't polynomial, which is not compared."""
    others = {each: algebra.ONE for each in algebra.symbols(formula) if each != symbol}
    return _GROWTH.get(algebra.order(algebra.replaced(formula, others)), 0.0)


class _TooLarge(Exception):
    """The walk would take too long."""


class _Budgets(Evaluator):
    """Notes what is spent within each call of with-budget, and ends walks that take too long."""

    def __init__(self, facts: Facts, program: Program, assumptions: Assumptions) -> None:
        super().__init__(facts, program, assumptions)
        self.within: dict[Node, list[Cost]] = {}
        self.steps = 0
        self._thunks: list[tuple[Node, Size]] = []

    def ways(self, node: Node, scope: Scope) -> Ways:
        """All ways through a node. Raises _TooLarge."""
        self.steps += 1 + self.depth // _DEPTH_OF_ONE
        if self.steps > _STEPS_MAX:
            raise _TooLarge
        return super().ways(node, scope)

    def call(self, callee: Size, arguments: tuple[Size, ...], node: Node) -> Ways:
        """All ways through a call of a value."""
        if isinstance(callee, Library) and callee.name == "with-budget" and len(arguments) == 2:
            self._thunks.append((node, arguments[1]))
            try:
                return super().call(callee, arguments, node)
            finally:
                self._thunks.pop()
        ways = super().call(callee, arguments, node)
        if self._thunks and self._thunks[-1] == (node, callee) and not arguments:
            self.within.setdefault(node, []).append(cost_of(ways))
        return ways
