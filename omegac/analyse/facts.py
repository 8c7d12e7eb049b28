"""What a whole program says about its variables and procedures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from omegac import core
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.library import RETAINING, library
from omegac.traverse import children, walk


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
    resumptions: set[Variable] = set()
    for node in _all_nodes(program):
        match node:
            case core.Assignment():
                assigned.add(node.variable)
            case core.Let() | core.Letrec():
                values.update(node.bindings)
            case core.Define():
                values[node.variable] = node.value
            case core.Handle():
                resumptions.update(clause.procedure.parameters[-1] for clause in node.clauses)
    values = {variable: value for variable, value in values.items() if variable not in assigned}
    toplevel = frozenset(program.toplevel)
    escaping = _Escapes(values, toplevel).find(program)
    return Facts(frozenset(assigned), values, escaping, frozenset(resumptions), toplevel)


def _all_nodes(program: Program) -> Iterator[Item]:
    for item in program.items:
        yield from walk(item)


def called_positions(node: core.Call | core.TailCall) -> tuple[int, ...]:
    """The operands that the callee calls and doesn't keep."""
    if isinstance(node.operator, core.Builtin) and node.operator.name == "%parameterize":
        return (len(node.operands) - 1,)
    if isinstance(node.operator, core.Builtin) and node.operator.name not in RETAINING:
        return library()[node.operator.name].calls
    return ()


class _Escapes:
    """Finds the procedures whose value may be kept: used other than by calling them.

    A procedure that a kept one refers to from outside is kept with it.
    """

    def __init__(self, values: dict[Variable, Node], toplevel: frozenset[Variable]) -> None:
        self.values = values
        self.toplevel = toplevel
        self.escaping: set[Lambda] = set()
        self.mentions: dict[Lambda, set[Lambda]] = {}
        self.owners: dict[Variable, Lambda | None] = {}

    def find(self, program: Program) -> frozenset[Lambda]:
        for item in program.items:
            self._visit(item, (), kept=False)
        pending = list(self.escaping)
        while pending:
            for other in self.mentions.get(pending.pop(), ()):
                if other not in self.escaping:
                    self.escaping.add(other)
                    pending.append(other)
        return frozenset(self.escaping)

    def _visit(self, node: Item, around: tuple[Lambda, ...], kept: bool) -> None:
        """`kept`: whether the value of the node may outlive the expression around it."""
        for variable in bound_by(node):
            self.owners[variable] = around[-1] if around else None
        match node:
            case core.Lambda():
                if kept:
                    self.escaping.add(node)
                self._visit(node.body, (*around, node), kept=True)
            case core.Reference():
                self._mention(node.variable, around, kept)
            case core.Call() | core.TailCall():
                self._visit(node.operator, around, kept=False)
                called = called_positions(node)
                for i, operand in enumerate(node.operands):
                    self._visit(operand, around, kept=i not in called)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    # A procedure is kept when its variable is; under a second name that isn't followed.
                    is_known = isinstance(value, core.Lambda) and variable in self.values
                    self._visit(value, around, kept=not is_known)
                self._visit(node.body, around, kept)
            case core.Handle():
                for child in children(node):
                    self._visit(child, around, kept=False)
            case core.If():
                self._visit(node.test, around, kept=False)
                self._visit(node.then, around, kept)
                self._visit(node.otherwise, around, kept)
            case _:
                for child in children(node):
                    self._visit(child, around, kept=True)

    def _mention(self, variable: Variable, around: tuple[Lambda, ...], kept: bool) -> None:
        value = self.values.get(variable)
        if not isinstance(value, core.Lambda) or variable in self.toplevel:
            return
        if kept:
            self.escaping.add(value)
        owner = self.owners.get(variable)
        for procedure in reversed(around):
            if procedure is owner:
                break
            self.mentions.setdefault(procedure, set()).add(value)


def free_variables(node: Item) -> frozenset[Variable]:
    """The variables that a node refers to or assigns without binding them."""
    return FreeVariables().of(node)


def references(program: Program) -> Counter[Variable]:
    """How often each variable is referred to."""
    return Counter(node.variable for node in _all_nodes(program) if isinstance(node, core.Reference))


class FreeVariables:
    """The free variables of many nodes of one program; those of procedures are computed once."""

    def __init__(self) -> None:
        self._known: dict[Lambda, frozenset[Variable]] = {}

    def of(self, node: Item) -> frozenset[Variable]:
        """The variables that a node refers to or assigns without binding them."""
        if isinstance(node, core.Lambda) and node in self._known:
            return self._known[node]
        used: set[Variable] = set(_used(node))
        bound: set[Variable] = set(bound_by(node))
        pending: list[Node] = list(children(node))
        while pending:
            inner = pending.pop()
            if isinstance(inner, core.Lambda):
                used |= self.of(inner)
            else:
                used.update(_used(inner))
                bound.update(bound_by(inner))
                pending.extend(children(inner))
        free = frozenset(used - bound)
        if isinstance(node, core.Lambda):
            self._known[node] = free
        return free


def _used(node: Item) -> tuple[Variable, ...]:
    if isinstance(node, core.Reference | core.Assignment):
        return (node.variable,)
    return ()


def bound_by(node: Item) -> tuple[Variable, ...]:
    """The variables that a node itself binds."""
    match node:
        case core.Lambda():
            return (*node.parameters, *((node.rest,) if node.rest else ()))
        case core.Let() | core.Letrec():
            return tuple(variable for variable, _ in node.bindings)
        case core.Loop():
            return node.variables
        case core.Guard():
            return (node.variable,)
    return ()
