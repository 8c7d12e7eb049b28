"""A second copy of a piece of core, with variables of its own."""

from __future__ import annotations

from typing import TypeVar

import attrs

from omegac import core
from omegac.analyse.facts import bound_by
from omegac.core import Node, Variable
from omegac.traverse import remade

N = TypeVar("N", bound=Node)


def fresh(node: N) -> N:
    """A copy that shares no node that has parts, and no variable that is bound in it."""
    copy = _Copy().of(node)
    assert isinstance(copy, type(node))
    return copy


class _Copy:
    def __init__(self) -> None:
        self.variables: dict[Variable, Variable] = {}

    def variable(self, variable: Variable) -> Variable:
        return self.variables.get(variable, variable)

    def of(self, node: Node) -> Node:
        for variable in bound_by(node):
            self.variables[variable] = attrs.evolve(variable)
        copy = remade(node, self.of)
        match copy:
            case core.Reference() | core.Assignment() | core.Guard():
                return attrs.evolve(copy, variable=self.variable(copy.variable))
            case core.Lambda():
                rest = None if copy.rest is None else self.variable(copy.rest)
                return attrs.evolve(copy, parameters=tuple(map(self.variable, copy.parameters)), rest=rest)
            case core.Let() | core.Letrec():
                bindings = tuple([(self.variable(variable), value) for variable, value in copy.bindings])
                return attrs.evolve(copy, bindings=bindings)
        return copy
