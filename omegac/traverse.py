"""Generic walks over core nodes: the children of a node, and a node rebuilt with other children."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from omegac import core
from omegac.core import Node
from omegac.errors import CompilerBug


def children(node: core.Item) -> tuple[Node, ...]:
    """The direct subnodes in the order of their evaluation."""
    match node:
        case core.Assignment(value=value) | core.Define(value=value):
            return (value,)
        case core.If():
            return (node.test, node.then, node.otherwise)
        case core.Lambda():
            return (node.body,)
        case core.Call() | core.TailCall():
            return (node.operator, *node.operands)
        case core.Let() | core.Letrec():
            return (*(value for _, value in node.bindings), node.body)
        case core.Sequence():
            return node.items
        case core.Effect() | core.Woven():
            return (*node.operands, *(value for _, value in node.options))
        case core.Handle():
            return (node.body, *(clause.procedure for clause in node.clauses))
        case core.Guard():
            return (node.body, node.handler)
        case core.Inline():
            return node.operands
        case core.Loop():
            return (*node.initial, node.body)
        case core.Jump():
            return node.values
    return ()


def walk(node: core.Item) -> Iterator[core.Item]:
    """The node and everything below it, parents first, in the order of evaluation."""
    pending: list[core.Item] = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def tail_nodes(node: Node) -> list[tuple[Node, int]]:
    """The nodes in tail position of a body, each with the number of loops around it inside the body."""
    match node:
        case core.If():
            return tail_nodes(node.then) + tail_nodes(node.otherwise)
        case core.Sequence():
            return tail_nodes(node.items[-1])
        case core.Let() | core.Letrec():
            return tail_nodes(node.body)
        case core.Guard():
            return tail_nodes(node.handler)
        case core.Loop():
            return [(inner, depth + 1) for inner, depth in tail_nodes(node.body)]
    return [(node, 0)]


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with `change` applied to each direct subnode, from left to right."""
    match node:
        case core.Assignment():
            return attrs.evolve(node, value=change(node.value))
        case core.If():
            return attrs.evolve(node, test=change(node.test), then=change(node.then), otherwise=change(node.otherwise))
        case core.Lambda():
            return attrs.evolve(node, body=change(node.body))
        case core.Call() | core.TailCall():
            operator = change(node.operator)
            return attrs.evolve(node, operator=operator, operands=tuple([change(child) for child in node.operands]))
        case core.Let() | core.Letrec():
            bindings = tuple([(variable, change(value)) for variable, value in node.bindings])
            return attrs.evolve(node, bindings=bindings, body=change(node.body))
        case core.Sequence():
            return attrs.evolve(node, items=tuple([change(child) for child in node.items]))
        case core.Effect() | core.Woven():
            operands = tuple([change(child) for child in node.operands])
            options = tuple([(name, change(value)) for name, value in node.options])
            return attrs.evolve(node, operands=operands, options=options)
        case core.Handle():
            return _rebuild_handle(node, change)
        case core.Guard():
            return attrs.evolve(node, body=change(node.body), handler=change(node.handler))
        case core.Inline():
            return attrs.evolve(node, operands=tuple([change(child) for child in node.operands]))
        case core.Loop():
            return attrs.evolve(node, initial=tuple([change(child) for child in node.initial]), body=change(node.body))
        case core.Jump():
            return attrs.evolve(node, values=tuple([change(child) for child in node.values]))
    return node


def _rebuild_handle(node: core.Handle, change: Callable[[Node], Node]) -> core.Handle:
    body = _procedure(change(node.body))
    clauses = [attrs.evolve(clause, procedure=_procedure(change(clause.procedure))) for clause in node.clauses]
    return attrs.evolve(node, body=body, clauses=tuple(clauses))


def _procedure(node: Node) -> core.Lambda:
    if not isinstance(node, core.Lambda):
        raise CompilerBug("the parts of a handle must stay procedures")
    return node


def rebuild_item(item: core.Item, change: Callable[[Node], Node]) -> core.Item:
    """A top-level item with `change` applied to its node."""
    if isinstance(item, core.Define):
        return attrs.evolve(item, value=change(item.value))
    return change(item)


def rebuild_program(program: core.Program, change: Callable[[Node], Node]) -> core.Program:
    """A program with `change` applied to the node of each item."""
    return core.Program(tuple(rebuild_item(item, change) for item in program.items))
