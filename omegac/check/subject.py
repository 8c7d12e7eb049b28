"""The program that is checked, with what the rules ask about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from omegac import core
from omegac.analyse.effects import calls_models
from omegac.analyse.facts import Facts
from omegac.analyse.occurrences import Occurrences
from omegac.check.paths import Paths
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.library import library
from omegac.operations import is_model_call
from omegac.traverse import children, walk

if TYPE_CHECKING:
    from omegac.check.costs import Costs

_LEAVING = ("exit", "emergency-exit", "error", "raise")


@attrs.frozen(eq=False, slots=False)
class Subject:
    """A program after the pass `analyse`, and the facts about it."""

    program: Program
    facts: Facts
    _leaving: dict[Item, bool] = attrs.field(factory=dict, init=False)

    @cached_property
    def nodes(self) -> tuple[Item, ...]:
        """All nodes, parents first, in the order of evaluation."""
        return tuple(node for item in self.program.items for node in walk(item))

    @cached_property
    def parents(self) -> dict[Node, Item]:
        """The node around each node."""
        return {child: node for node in self.nodes for child in children(node)}

    @cached_property
    def occurrences(self) -> Occurrences:
        """Where variables are used."""
        return Occurrences(self.program)

    @cached_property
    def calls_models(self) -> bool:
        """Whether anything in the program could call a model."""
        return calls_models(self.program)

    @cached_property
    def from_toplevel(self) -> Paths:
        """What running the program gets to."""
        return Paths(self.facts).from_items(self.program.items)

    @cached_property
    def exported(self) -> tuple[Lambda, ...]:
        """The top-level procedures that running the program doesn't get to: only callers from outside do."""
        reached = self.from_toplevel.procedures()
        return tuple(
            item.value
            for item in self.program.definitions
            if isinstance(item.value, Lambda) and item.value not in reached
        )

    @cached_property
    def from_outside(self) -> Paths:
        """What calls from outside get to, of procedures that nothing else reaches."""
        return Paths(self.facts).from_calls(self.exported)

    @cached_property
    def costs(self) -> Costs:
        """What the program may spend."""
        from omegac.check.costs import Costs

        return Costs(self.program, self.facts, self.exported)

    @cached_property
    def _given(self) -> dict[Variable, set[Lambda]]:
        """What parameters may stand for, wherever the program is entered."""
        given = {variable: set(found) for variable, found in self.from_toplevel.given.items()}
        for variable, found in self.from_outside.given.items():
            given.setdefault(variable, set()).update(found)
        return given

    def sites_called(self, node: Node) -> tuple[Node, ...]:
        """The calls to models that a call of a node's value may get to, in source order."""
        return _in_order(Paths(self.facts, self._given).from_calls([node]).sites)

    def sites_in(self, node: Node) -> tuple[Node, ...]:
        """The calls to models that evaluating a node may get to, in source order."""
        return _in_order(Paths(self.facts, self._given).from_items([node]).sites)

    def leaves(self, node: Item) -> bool:
        """Whether evaluating a node surely ends what follows it: the program, or the code up to a guard."""
        if node not in self._leaving:
            self._leaving[node] = library_call(node, *_LEAVING) is not None or self._has_part_that_leaves(node)
        return self._leaving[node]

    def _has_part_that_leaves(self, node: Item) -> bool:
        match node:
            case core.Lambda() | core.Guard() | core.Handle():
                return False
            case core.If():
                return self.leaves(node.test) or (self.leaves(node.then) and self.leaves(node.otherwise))
        return True in [self.leaves(child) for child in children(node)]


def _in_order(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=lambda node: (node.span.line, node.span.column)))


def is_model_site(node: Item) -> bool:
    """Whether evaluating a node, its parts aside, calls a model, unless a handler answers."""
    match node:
        case core.Effect(operation=operation):
            return is_model_call(operation)
        case core.Call(operator=core.Builtin(name=name)):
            return "infer" in library()[name].row
    return False


def own_nodes(node: Item) -> Iterator[Item]:
    """A node and those below it, without what is in procedures below it, in the order of evaluation."""
    pending: list[Item] = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed([child for child in children(current) if not isinstance(child, Lambda)]))


def library_call(node: Item, *names: str) -> core.Call | None:
    """The node, if it's a call of one of these library procedures."""
    if isinstance(node, core.Call) and isinstance(node.operator, core.Builtin) and node.operator.name in names:
        return node
    return None


def name_of(procedure: Lambda) -> str:
    """What messages call a procedure."""
    return procedure.name or f"the procedure on line {procedure.span.line}"
