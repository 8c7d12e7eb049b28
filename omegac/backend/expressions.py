"""Nodes to Python expressions; what needs statements writes them into the frame first.

Operands are evaluated from left to right: when a later operand needs statements, the earlier ones are kept in
temporaries before those, unless nothing can change them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from omegac import core
from omegac.backend import functions, ledger_calls, statements
from omegac.backend.build import assign, attribute, call, constant, is_true, load, settle, store
from omegac.backend.frame import DISCARD, NESTING_MAX, Assign, Frame, is_stable
from omegac.backend.inline import inline
from omegac.backend.shape import conjuncts
from omegac.backend.typed import typed_call, written_operands
from omegac.core import Node
from omegac.errors import CompilerBug
from omegac.primitives import PRIMITIVES, is_boolean


def expression(frame: Frame, node: Node) -> ast.expr:
    """The Python expression for a node's value."""
    outer, frame.span = frame.span, node.span
    result = _expression(frame, node)
    if frame.module.shapes.is_too_deep(node):
        result = frame.keep(result)
    frame.span = outer
    frame.module.placer.place(result, node.span)
    return result


def _expression(frame: Frame, node: Node) -> ast.expr:
    match node:
        case core.Constant(value=value):
            return frame.module.datum(value, node.span)
        case core.Reference(variable=variable):
            return _reference(frame, variable)
        case core.Builtin(name=name):
            return load(frame.module.builtin(name))
        case core.Imported(external=external):
            return frame.module.imported(external)
        case core.Lambda():
            return functions.procedure(frame, node)
        case core.Call(operator=core.Constant(value=value)):
            # Python warns of a call of a literal; the operands are never reached.
            return call(frame.module.runtime("not_a_procedure"), frame.module.datum(value, node.operator.span))
        case core.Call(operator=core.Builtin(name=name)):
            arguments = operands(frame, written_operands(frame, node))
            return typed_call(frame, node, arguments) or call(frame.module.builtin(name), *arguments)
        case core.Call():
            operator, *arguments = operands(frame, (node.operator, *node.operands))
            return ast.Call(operator, arguments, [])
        case core.Inline(operation="record-field" | "attribute" | "call-python"):
            return inline(frame, node, operands(frame, node.operands[:-1]))
        case core.Inline() if not PRIMITIVES[node.operation].is_statement:
            return inline(frame, node, operands(frame, node.operands))
        case core.If() if frame.module.shapes.is_expression(node):
            return _conditional(frame, node)
        case core.Let() if frame.module.shapes.is_expression(node):
            parts = frame.module.shapes.alternatives(node)
            assert parts is not None
            return joined(ast.Or(), [expression(frame, part) for part in parts])
        case core.Reentrant():
            return functions.reentrant(frame, node)
        case core.Entry():
            return attribute(expression(frame, node.procedure), "cps")
        case core.Runtime(name=name):
            return load(frame.module.runtime(name))
        case core.Woven():
            return ledger_calls.effect(frame, node)
        case core.Handle():
            return _handle(frame, node)
        case core.Gather() if frame.module.shapes.is_expression(node):
            return _comprehension(frame, node)
    return _after_statements(frame, node)


def _reference(frame: Frame, variable: core.Variable) -> ast.expr:
    name = frame.name_of(variable)
    if variable not in frame.module.early:
        return load(name)
    names = call(frame.module.runtime("globals"))
    return call(frame.module.runtime("defined"), names, constant(name), constant(variable.name))


def _after_statements(frame: Frame, node: Node) -> ast.expr:
    """The expression for what statements, written here, have computed."""
    match node:
        case core.Let() | core.Letrec():
            statements.bind_all(frame, node)
            return expression(frame, node.body)
        case core.Sequence():
            for item in node.items[:-1]:
                statements.run(frame, item, DISCARD)
            return expression(frame, node.items[-1])
        case core.Assignment() | core.Inline():
            statements.run(frame, node, DISCARD)
            return constant(None)
        case core.RecordType():
            name = frame.temporary("Record")
            frame.emit(functions.record_class(frame, node, name))
            return load(name)
        case core.Each() if frame.nesting >= NESTING_MAX:
            return functions.outlined(frame, node, "rest")
        case core.Each():
            return statements.each(frame, node)
        case core.Gather() if frame.nesting >= NESTING_MAX:
            return functions.outlined(frame, node, "items")
        case core.Gather():
            return statements.gather(frame, node)
        case core.If() | core.Guard() | core.Loop():
            name = frame.temporary("value")
            statements.run(frame, node, Assign(name))
            return load(name)
    raise CompilerBug(f"{type(node).__name__} is no expression")


def operands(frame: Frame, nodes: Sequence[Node]) -> list[ast.expr]:
    """The expressions for operands, evaluated from left to right whatever statements they need."""
    values, ends = [], []
    with frame.capture() as block:
        for node in nodes:
            values.append(expression(frame, node))
            ends.append(len(block))
    return _kept(frame, nodes, values, block, ends) if block else values


def _kept(
    frame: Frame, nodes: Sequence[Node], values: list[ast.expr], block: list[ast.stmt], ends: list[int]
) -> list[ast.expr]:
    """Operands that need statements; those of each stand in the block up to its end."""
    starts = [0, *ends[:-1]]
    last = max(
        (i for i, (start, end) in enumerate(zip(starts, ends, strict=True)) if _acts(block[start:end])), default=-1
    )
    kept = []
    for i, value in enumerate(values):
        frame.block += block[starts[i] : ends[i]]
        kept.append(frame.keep(value) if i < last and not is_stable(nodes[i], frame) else value)
    return kept


def _acts(block: list[ast.stmt]) -> bool:
    """Whether statements do more than define functions."""
    return not all(isinstance(statement, ast.FunctionDef) for statement in block)


def _conditional(frame: Frame, node: core.If) -> ast.expr:
    if is_boolean(node.test):
        both = _parts(node, conjuncts, frame.module.shapes.is_boolean_test)
        if both:
            return joined(ast.And(), [expression(frame, part) for part in both])
        either = _parts(node, frame.module.shapes.alternatives, frame.module.shapes.is_boolean_test)
        if either:
            return joined(ast.Or(), [expression(frame, part) for part in either])
    condition = test(frame, node.test)
    return ast.IfExp(condition, expression(frame, node.then), expression(frame, node.otherwise))


def test(frame: Frame, node: Node) -> ast.expr:
    """A Python condition that holds unless the node's value is #f."""
    result = _test(frame, node)
    frame.module.placer.place(result, node.span)
    return result


def _test(frame: Frame, node: Node) -> ast.expr:
    if frame.module.shapes.is_test(node):
        if isinstance(node, core.Constant):
            return constant(node.value is not False)
        shapes = frame.module.shapes
        either = _parts(node, shapes.alternatives, shapes.is_test)
        if either:
            return joined(ast.Or(), [test(frame, part) for part in either])
        both = _parts(node, conjuncts, lambda part: shapes.is_test(part) and not shapes.alternatives(part))
        if both:
            return joined(ast.And(), [test(frame, part) for part in both])
    value = expression(frame, node)
    if is_boolean(node) or frame.module.types.is_boolean(node):
        return value
    return is_true(value)


def _parts(
    node: Node, split: Callable[[Node], tuple[Node, Node] | None], is_chained: Callable[[Node], bool]
) -> list[Node]:
    """The operands of a chain of `and` or `or`, nested to the right however deep; none when it is no such chain."""
    found: list[Node] = []
    two = split(node)
    while two:
        found.append(two[0])
        node = two[1]
        two = split(node) if is_chained(node) else None
    return [*found, node] if found else []


def joined(operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    """`a or b or c` from its parts, however they were nested."""
    flat: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.BoolOp) and type(value.op) is type(operator):
            settle(value)
            flat += value.values
        else:
            flat.append(value)
    return ast.BoolOp(operator, flat)


def _comprehension(frame: Frame, node: core.Gather) -> ast.expr:
    source = expression(frame, node.source)
    name = frame.bind(node.variable)
    tests = [] if node.test is None else [test(frame, node.test)]
    value = expression(frame, node.value)
    if isinstance(value, ast.Name) and value.id == name and not tests:
        return call(frame.module.runtime("list"), source)
    return ast.ListComp(value, [ast.comprehension(store(name), source, tests, 0)])


def _handle(frame: Frame, node: core.Handle) -> ast.expr:
    procedures = [clause.procedure for clause in node.clauses]
    ends = {"returned": node.returned, "final": node.final}
    given = {name: end for name, end in ends.items() if end is not None}
    body, *values = operands(frame, (node.body, *procedures, *given.values()))
    keys: list[ast.expr | None] = [constant(clause.operation) for clause in node.clauses]
    clauses = ast.Dict(keys, values[: len(keys)])
    return call(frame.module.runtime("handle"), body, clauses, **dict(zip(given, values[len(keys) :], strict=True)))


def bind(frame: Frame, name: str, node: Node) -> None:
    """Assign a node's value to a local variable; procedures become `def`s of that name."""
    if isinstance(node, core.Lambda):
        functions.define(frame, node, name)
    elif isinstance(node, core.Reentrant):
        functions.define_reentrant(frame, node, name)
    elif isinstance(node, core.RecordType):
        frame.emit(functions.record_class(frame, node, name))
    elif frame.module.shapes.is_expression(node):
        frame.emit(assign(name, expression(frame, node)))
    else:
        statements.run(frame, node, Assign(name))
