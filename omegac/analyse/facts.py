"""What a whole program says about its variables and procedures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from omegac import core
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.library import CALLING_ALL, RETAINING, library
from omegac.traverse import children, nodes_of, value_of


@attrs.frozen(eq=False)
class Facts:
    """`assigned`: targets of set!. `values`: what each other variable is bound to, where that's one node.

    `escaping`: procedures that may be called after the expression they stand in is done.
    `resumptions`: the last parameters of handler clauses. `toplevel`: variables of the whole module.
    """

    assigned: frozenset[Variable]
    values: dict[Variable, Node]
    escaping: frozenset[Lambda]
    resumptions: frozenset[Variable]
    toplevel: frozenset[Variable]

    def procedure(self, node: Node) -> Lambda | None:
        """The one procedure that a node evaluates to, when that is known."""
        if isinstance(node, core.Lambda):
            return node
        if isinstance(node, core.Reference):
            value = self.values.get(node.variable)
            return value if isinstance(value, core.Lambda) else None
        return None


def facts_of(program: Program) -> Facts:
    """Collect the facts about a program."""
    assigned: set[Variable] = set(program.exposed)
    values: dict[Variable, Node] = {}
    escaping: set[Lambda] = set()
    resumptions: set[Variable] = set()
    for item in program.items:
        inside = _inside(item)
        assigned |= inside.assigned
        values |= inside.values
        escaping |= inside.escaping
        resumptions |= inside.resumptions
        if isinstance(item, core.Define):
            values[item.variable] = item.value
    for variable in assigned:
        values.pop(variable, None)
    return Facts(frozenset(assigned), values, frozenset(escaping), frozenset(resumptions), frozenset(program.toplevel))


# What is known of an item depends on nothing outside of it, and most passes leave most items as they are.
_known: WeakKeyDictionary[Item, Facts] = WeakKeyDictionary()


def _inside(item: Item) -> Facts:
    """The facts about what is inside of an item."""
    known = _known.get(item)
    if known is None:
        known = _known[item] = _found_in(item)
    return known


# The classes of nodes that tell anything.
_TELLING = frozenset({core.Lambda, core.Assignment, core.Let, core.Letrec, core.Handle})


def _found_in(item: Item) -> Facts:
    assigned: set[Variable] = set()
    values: dict[Variable, Node] = {}
    resumptions: set[Variable] = set()
    procedures: list[Lambda] = []
    for node in nodes_of(item):
        if type(node) not in _TELLING:
            continue
        match node:
            case core.Lambda():
                procedures.append(node)
            case core.Assignment():
                assigned.add(node.variable)
            case core.Let() | core.Letrec():
                values.update(node.bindings)
            case core.Handle():
                resumptions.update(clause.procedure.parameters[-1] for clause in node.clauses)
    values = {variable: value for variable, value in values.items() if variable not in assigned}
    if procedures in ([], [value_of(item)]):
        # What an item defines is kept by its variable.
        escaping = frozenset(procedures).difference([item])
    else:
        escaping = _Escapes(values).find(item)
    return Facts(frozenset(assigned), values, escaping, frozenset(resumptions), frozenset())


def _all_nodes(program: Program) -> Iterator[Item]:
    for item in program.items:
        yield from nodes_of(item)


def called_positions(node: core.Call | core.TailCall) -> tuple[int, ...]:
    """The operands that a library procedure calls."""
    if not isinstance(node.operator, core.Builtin):
        return ()
    name, count = node.operator.name, len(node.operands)
    if name == "%parameterize":
        return (count - 1,)
    return tuple(range(count)) if name in CALLING_ALL else library()[name].calls


def _borrowed_positions(node: core.Call | core.TailCall) -> tuple[int, ...]:
    """The operands that the callee calls and doesn't keep."""
    keeps = isinstance(node.operator, core.Builtin) and node.operator.name in RETAINING
    return () if keeps else called_positions(node)


class _Escapes:
    """Finds the procedures whose value may be kept: used other than by calling them.

    A procedure that a kept one refers to from outside is kept with it.
    """

    def __init__(self, values: dict[Variable, Node]) -> None:
        self.values = values
        self.escaping: set[Lambda] = set()
        self.mentions: dict[Lambda, set[Lambda]] = {}
        self.owners: dict[Variable, Lambda | None] = {}
        self.around: list[Lambda] = []

    def find(self, item: Item) -> frozenset[Lambda]:
        self._visit(item, kept=False)
        pending = list(self.escaping)
        while pending:
            for other in self.mentions.get(pending.pop(), ()):
                if other not in self.escaping:
                    self.escaping.add(other)
                    pending.append(other)
        return frozenset(self.escaping)

    def _visit(self, node: Item, kept: bool) -> None:
        """`kept`: whether the value of the node may outlive the expression around it."""
        for variable in bound_by(node):
            self.owners[variable] = self.around[-1] if self.around else None
        match node:
            case core.Lambda():
                if kept:
                    self.escaping.add(node)
                self.around.append(node)
                self._visit(node.body, kept=True)
                self.around.pop()
            case core.Reference():
                self._mention(node.variable, kept)
            case core.Call() | core.TailCall():
                self._visit(node.operator, kept=False)
                borrowed = _borrowed_positions(node)
                for i, operand in enumerate(node.operands):
                    self._visit(operand, kept=i not in borrowed)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    # A procedure is kept when its variable is; under a second name that isn't followed.
                    is_known = isinstance(value, core.Lambda) and variable in self.values
                    self._visit(value, kept=not is_known)
                self._visit(node.body, kept)
            case core.Handle():
                for child in children(node):
                    self._visit(child, kept=False)
            case core.If():
                self._visit(node.test, kept=False)
                self._visit(node.then, kept)
                self._visit(node.otherwise, kept)
            case _:
                for child in children(node):
                    self._visit(child, kept=True)

    def _mention(self, variable: Variable, kept: bool) -> None:
        value = self.values.get(variable)
        if not isinstance(value, core.Lambda):
            return
        if kept:
            self.escaping.add(value)
        owner = self.owners.get(variable)
        for procedure in reversed(self.around):
            if procedure is owner:
                break
            if procedure in self.escaping:
                self.escaping.add(value)
                break
            self.mentions.setdefault(procedure, set()).add(value)


_AT_REST = core.Lambda | core.Constant | core.RecordType


def runs_before(program: Program) -> dict[Item, int]:
    """How many items that run code come before each item; to define a procedure, a constant or a record runs none."""
    runs: dict[Item, int] = {}
    count = 0
    for item in program.items:
        runs[item] = count
        count += not (isinstance(item, core.Define) and isinstance(item.value, _AT_REST))
    return runs


def references(program: Program) -> Counter[Variable]:
    """How often each variable is referred to."""
    return Counter(node.variable for node in _all_nodes(program) if isinstance(node, core.Reference))


def kept_by_closures(program: Program, facts: Facts) -> frozenset[Variable]:
    """The variables of procedures that procedures inside, which may outlive an iteration, use from outside."""
    kept: set[Variable] = set()
    depths: dict[Variable, int] = {}
    inside = [item for item in program.items if not _inside(item).escaping <= {value_of(item)}]
    # With each node: how many procedures are around it, and how many around and including the innermost escaping one.
    pending: list[tuple[Item, int, int]] = [(item, 0, 0) for item in inside]
    while pending:
        node, depth, escaping = pending.pop()
        if isinstance(node, core.Lambda):
            depth += 1
            escaping = depth if node in facts.escaping else escaping
        for variable in bound_by(node):
            depths[variable] = depth
        if isinstance(node, core.Reference | core.Assignment) and depths.get(node.variable, escaping) < escaping:
            kept.add(node.variable)
        pending += [(child, depth, escaping) for child in children(node)]
    return frozenset(kept)


def bound_by(node: Item) -> tuple[Variable, ...]:
    """The variables that a node itself binds."""
    bound = _BOUND_BY.get(type(node))
    return bound(node) if bound is not None else ()


def _bound_by_let(node: core.Let | core.Letrec) -> tuple[Variable, ...]:
    return tuple([variable for variable, _ in node.bindings])


_BOUND_BY: dict[type, Callable[[Any], tuple[Variable, ...]]] = {
    core.Lambda: lambda node: (*node.parameters, node.rest) if node.rest else node.parameters,
    core.Let: _bound_by_let,
    core.Letrec: _bound_by_let,
    core.Loop: lambda node: node.variables,
    core.Guard: lambda node: (node.variable,),
    core.Gather: lambda node: (node.variable,),
    core.Each: lambda node: (node.variable,) if node.result is None else (node.variable, node.result),
}
