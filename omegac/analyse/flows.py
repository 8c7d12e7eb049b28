"""Where values come from: what each node gives to variables, and the nodes that give a node its value."""

from __future__ import annotations

from collections.abc import Iterable

from omega_runtime.values.chars import Char

from omegac import core
from omegac.core import Item, Node, Variable

FLOWING = frozenset({core.Let, core.Letrec, core.Loop, core.Jump, core.Gather, core.Each})


def flows(node: Item, loops: dict[core.Label, core.Loop]) -> Iterable[tuple[Variable, Node]]:
    """The values that a node gives to variables; `loops` has those around it."""
    match node:
        case core.Let() | core.Letrec():
            yield from node.bindings
        case core.Loop():
            loops[node.label] = node
            # A procedure's own loop starts from its parameters, which may be anything.
            anything = core.Runtime("anything", node.span)
            for variable, value in zip(node.variables, node.initial, strict=True):
                is_parameter = isinstance(value, core.Reference) and value.variable is variable
                yield variable, anything if is_parameter else value
        case core.Jump():
            yield from zip(loops[node.label].variables, node.values, strict=True)
        case core.Gather():
            yield node.variable, _element(node.source)
        case core.Each():
            yield node.variable, _element(node.source)
            if node.result is not None:
                yield node.result, node.initial
                yield node.result, node.body


def _element(source: Node) -> Node:
    """Something of the type of a source's elements."""
    match source:
        case core.Call(operator=core.Builtin(name="%iota-items"), operands=(_,)):
            zero, one = core.Constant(0, source.span), core.Constant(1, source.span)
            return core.If(core.Runtime("anything", source.span), zero, one, source.span)
        case core.Call(operator=core.Builtin(name="%string-chars")):
            return core.Constant(Char("a"), source.span)
        case core.Call(operator=core.Builtin(name="%string-texts" | "%string-parts")):
            return core.Constant("a", source.span)
        case core.Gather():
            return source.value
    return core.Runtime("anything", source.span)


def ends(node: Node) -> list[Node]:
    """The nodes that give a node its value."""
    found: list[Node] = []
    pending: list[Node] = [node]
    while pending:
        current = pending.pop()
        match current:
            case core.If():
                pending += [current.then, current.otherwise]
            case core.Sequence():
                pending.append(current.items[-1])
            case core.Let() | core.Letrec() | core.Loop():
                pending.append(current.body)
            case core.Guard():
                pending += [current.body, current.handler]
            case _:
                found.append(current)
    return found
