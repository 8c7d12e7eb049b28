"""Simplify: primitives with their own Python, constants folded, immediate procedures opened.

Input: resolved core. Output: core with Inline nodes.

    (+ a b c)                 => Inline add (Inline add a b) c     likewise - *
    (< a b), (= a b), …       => Inline less a b                   with two operands only: Python's chained
                                                                   comparisons skip operands
    (eq? x 'a), (eqv? x #t)   => Inline is x 'a                    for data that are unique objects
    (car x), (null? x), …     => Inline car x
    (point-x p)               => Inline record-field …            for the procedures of a record type
    ((lambda (a) body) x)     => Let a x body
    (if #f a b)               => b
    (or (null? x) a)          => (if (null? x) #t a)
    (if (or (null? x) a) b c) => (if (null? x) b (if a b c))       at a procedure's end, where a takes x apart
What a primitive does with wrong operands stays an error; only the arithmetic of strings, vectors and booleans
is unspecified. Rejected: inlining by the back end, which would hide from the later passes what can't fail.
"""

from __future__ import annotations

from typing import Any

import attrs
from omega_runtime.values.equality import is_equal
from omega_runtime.values.pairs import NIL
from omega_runtime.values.symbols import Keyword, Symbol

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Node, Program
from omegac.primitives import PRIMITIVES, is_boolean, pattern_of
from omegac.source import Span
from omegac.traverse import copied, few_nodes, rebuild, rebuild_program

_RECORD_OPERATIONS = frozenset({"make-record", "is-record", "record-field", "set-record-field"})
_IDENTITY = frozenset({"eq?", "eqv?", "equal?"})
_FOLD_BITS_MAX = 256
_MAY_BE_SIMPLER = frozenset({core.Call, core.If, core.Lambda, core.Let, core.Sequence})
_TEST_MAX = 50
_ATOMS = (bool, int, float, str, Symbol, Keyword)


def simplify(program: Program, facts: Facts) -> Program:
    """The pass."""

    def change(node: Node) -> Node:
        return _simplified(rebuild(node, change), facts)

    return rebuild_program(program, change)


def _simplified(node: Node, facts: Facts) -> Node:
    """A node whose parts are simple already."""
    if type(node) not in _MAY_BE_SIMPLER:
        return node
    match node:
        case core.Call(operator=core.Builtin(name=name)):
            return _inline(name, node.operands, node.span) or node
        case core.Call(operator=core.Reference()):
            return _record_operation(node, facts.procedure(node.operator)) or node
        case core.Call(operator=core.Lambda(rest=None) as procedure) if len(procedure.parameters) == len(node.operands):
            bindings = tuple(zip(procedure.parameters, node.operands, strict=True))
            return core.Let(bindings, procedure.body, node.span) if bindings else procedure.body
        case core.If(test=core.Constant(value=value)):
            return node.otherwise if value is False else node.then
        case core.If(test=core.Inline(operation="not", operands=(test,))) if not _is_false(node.otherwise):
            return core.If(test, node.otherwise, node.then, node.span)
        case core.Let(bindings=((variable, test),), body=core.If(test=core.Reference() as value) as body):
            # `or` of a test that gives #t or nothing.
            if variable.hidden and value.variable is variable and body.then is value and is_boolean(test):
                return core.If(test, core.Constant(True, value.span), body.otherwise, node.span)
        case core.Sequence():
            return _sequence(node)
        case core.Lambda():
            end = _split(node.body)
            return node if end is node.body else attrs.evolve(node, body=end)
    return node


def _split(node: Node) -> Node:
    """A node at the end of a procedure, where tests for lists stand alone."""
    match node:
        case core.If():
            apart = _apart(node) or node
            return rebuild(apart, lambda part: part if part is apart.test else _split(part))
        case core.Let() | core.Letrec():
            return rebuild(node, lambda part: _split(part) if part is node.body else part)
        case core.Sequence():
            return rebuild(node, lambda part: _split(part) if part is node.items[-1] else part)
    return node


def _apart(node: core.If) -> core.If | None:
    """Two tests, one after the other, where the first asks what the list is that is then taken apart."""
    match node.test:
        case core.If(test=core.Inline(operation="is-null") as first, then=core.Constant(value=True), otherwise=second):
            out, is_or = node.then, True
        case core.If(test=core.Inline(operation="is-pair") as first, then=second, otherwise=core.Constant(value=False)):
            out, is_or = node.otherwise, False
        case _:
            return None
    if not isinstance(out, core.Constant | core.Reference) or not _takes_apart(first.operands[0], second):
        return None
    rest = attrs.evolve(node, test=second)
    again = copied(out, {})
    return attrs.evolve(node, test=first, then=again if is_or else rest, otherwise=rest if is_or else again)


def _takes_apart(items: Node, node: Node) -> bool:
    """Whether a node has the car or the cdr of what a variable holds."""
    if not isinstance(items, core.Reference):
        return False
    for each in few_nodes(node, _TEST_MAX) or ():
        match each:
            case core.Inline(operation="car" | "cdr", operands=(core.Reference(variable=variable),)):
                if variable is items.variable:
                    return True
    return False


def _record_operation(call: core.Call, procedure: core.Lambda | None) -> Node | None:
    """The operation itself for a call of a record type's procedure, where its operands allow that."""
    if procedure is None or not isinstance(procedure.body, core.Inline):
        return None
    body = procedure.body
    used = [node.variable for node in body.operands[1:] if isinstance(node, core.Reference)]
    if body.operation not in _RECORD_OPERATIONS or used != list(procedure.parameters):
        return None
    if body.operation.endswith("record-field") and not isinstance(call.operands[0], core.Reference):
        return None
    given = dict(zip(procedure.parameters, call.operands, strict=True))
    operands = (given.get(n.variable, n) if isinstance(n, core.Reference) else n for n in body.operands)
    return core.Inline(body.operation, tuple(operands), call.span)


def _is_false(node: Node) -> bool:
    return isinstance(node, core.Constant) and node.value is False


def _sequence(node: core.Sequence) -> Node:
    """Nested sequences joined, items without effect dropped unless last."""
    items: list[Node] = []
    for item in node.items:
        items.extend(item.items if isinstance(item, core.Sequence) else (item,))
    kept = [item for item in items[:-1] if not isinstance(item, core.Constant | core.Builtin | core.Lambda)]
    return core.Sequence((*kept, items[-1]), node.span) if kept else items[-1]


def _inline(name: str, operands: tuple[Node, ...], span: Span) -> Node | None:
    """The node for a call of a primitive that has its own Python, or None."""
    count = len(operands)
    if count == 2 and name in _IDENTITY:
        return _identity(operands, span)
    if name == "values" and count == 1:
        return operands[0]
    how = pattern_of(name, count)
    if how is None:
        return None
    if how.count is not None:
        return _folded(how.operation, (*operands, *(core.Constant(each, span) for each in how.constants)), span)
    if not operands:
        return None if how.unit is None else core.Constant(how.unit, span)
    return _pairwise(how.operation, operands, span)


def _pairwise(operation: str, operands: tuple[Node, ...], span: Span) -> Node | None:
    constants = [isinstance(each, core.Constant) for each in operands]
    if len(operands) == 1 or (constants[:2] == [True, True] and False in constants):
        # Of constants that are one by then, no error could tell which argument is wrong.
        return None
    result = operands[0]
    for operand in operands[1:]:
        result = _folded(operation, (result, operand), span)
    return result


def _folded(operation: str, operands: tuple[Node, ...], span: Span) -> Node:
    """The operation, computed now when its operands are constants on which it can't fail."""
    compute = PRIMITIVES[operation].compute
    values = [operand.value for operand in operands if isinstance(operand, core.Constant)]
    if compute is not None and len(values) == len(operands) and (operation == "not" or all(map(_is_small, values))):
        return core.Constant(compute(*values), span)
    return core.Inline(operation, operands, span)


def _is_small(value: Any) -> bool:
    return type(value) is float or (type(value) is int and value.bit_length() <= _FOLD_BITS_MAX)


def _are_atoms(operands: tuple[Node, ...]) -> bool:
    """Whether constants have no parts, so that eq? and equal? agree on them."""
    values = [operand.value for operand in operands if isinstance(operand, core.Constant)]
    return all(value is NIL or value is None or isinstance(value, _ATOMS) for value in values)


def _identity(operands: tuple[Node, ...], span: Span) -> Node | None:
    """A comparison with a datum that is a unique object, or with a string."""
    if isinstance(operands[0], core.Constant) and isinstance(operands[1], core.Constant):
        return core.Constant(is_equal(operands[0].value, operands[1].value), span) if _are_atoms(operands) else None
    for this, other in (operands, operands[::-1]):
        if isinstance(other, core.Constant):
            value = other.value
            if isinstance(value, Symbol | Keyword | bool) or value is NIL or value is None:
                return core.Inline("is", (this, other), span)
            if isinstance(value, str):
                return core.Inline("same-string", (this, other), span)
    return None
