"""Procedures and record types to Python functions and classes."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from omegac import core
from omegac.backend import expressions, statements
from omegac.backend.build import NO_TYPE_PARAMETERS, arguments, assign, call, constant, function, load
from omegac.backend.frame import RETURN, Frame
from omegac.backend.names import field_names
from omegac.core import Lambda, Node
from omegac.names import python_name

_DEPTH_MAX = 20


def procedure(frame: Frame, node: Lambda) -> ast.expr:
    """The expression for a procedure: a `lambda` when it is short, else the name of a `def`.

    Far in, also a long one, as Python indents 100 levels at the most.
    """
    shapes = frame.module.shapes
    if shapes.is_expression(node) or (frame.depth >= _DEPTH_MAX and shapes.is_lambda(node)):
        inner = Frame(frame.module, frame, node)
        parameters, rest = _parameters(inner, node)
        return ast.Lambda(arguments(parameters, rest), expressions.expression(inner, node.body))
    name = frame.temporary(python_name(node.name) if node.name else "fn")
    define(frame, node, name)
    return load(name)


def define(frame: Frame, node: Lambda, name: str, decorators: Iterable[ast.expr] = ()) -> None:
    """Write the `def` of a procedure, and of its `.tail` entry when it has one."""
    tail = _tail_name(frame, name) if node.tail else None
    inner = Frame(frame.module, frame, node, (tail,) if tail else ())
    parameters, rest = _parameters(inner, node)
    statements.run(inner, node.body, RETURN)
    body = _body(inner)
    documentation = [ast.Expr(constant(node.documentation))] if node.documentation else []
    if tail is None:
        definition = function(name, parameters, rest, [*documentation, *body], decorators)
        _emit(frame, definition, node)
        return
    _emit(frame, function(tail, parameters, rest, body), node)
    last = _only_call(body)
    again = last or ast.Call(load(tail), _pass_on(parameters, rest), [])
    bounced = ast.Return(call(frame.module.runtime("bounce"), again))
    if last is not None:
        frame.module.placer.place(bounced, node.body.span)
    entry = call(frame.module.runtime("entry"), load(tail))
    definition = function(name, parameters, rest, [*documentation, bounced], [*decorators, entry])
    _emit(frame, definition, node)


def _only_call(body: list[ast.stmt]) -> ast.expr | None:
    """The call that is made last, where the body of a `.tail` entry does nothing else, and needs no call for that."""
    match body:
        case [ast.Return(value=ast.Tuple() as last)]:
            return last
    return None


def reentrant(frame: Frame, node: core.Reentrant) -> ast.expr:
    """The name of a procedure that has an entry in continuation-passing style."""
    name = frame.temporary(python_name(node.name) if node.name else "fn")
    define_reentrant(frame, node, name)
    return load(name)


def define_reentrant(frame: Frame, node: core.Reentrant, name: str, decorators: Iterable[ast.expr] = ()) -> None:
    """Write the entry of a procedure, and the procedure, which runs it."""
    entry = entry_name(frame, name)
    define(frame, node.entry, entry)
    inner = Frame(frame.module, frame, node, (entry,))
    parameters = [inner.names.claim(python_name(variable.name)) for variable in node.entry.parameters[1:]]
    rest = None if node.entry.rest is None else inner.names.claim(python_name(node.entry.rest.name))
    runs = call(frame.module.runtime("run"), load(entry), *_pass_on(parameters, rest))
    documentation = [ast.Expr(constant(node.documentation))] if node.documentation else []
    decorator = call(frame.module.runtime("reentrant"), load(entry))
    definition = function(name, parameters, rest, [*documentation, ast.Return(runs)], [*decorators, decorator])
    _emit(frame, definition, node)


def entry_name(frame: Frame, name: str) -> str:
    """The name of a procedure's entry in continuation-passing style."""
    return frame.module.private(name + "_cps") if frame.outer is None else frame.temporary(name + "_cps")


def _tail_name(frame: Frame, name: str) -> str:
    return frame.module.private(name + "_tail") if frame.outer is None else frame.temporary(name + "_tail")


def _emit(frame: Frame, statement: ast.stmt, node: Node) -> None:
    frame.module.placer.place(statement, node.span)
    frame.emit(statement)


def _pass_on(parameters: Iterable[str], rest: str | None) -> list[ast.expr]:
    passed = [load(name) for name in parameters]
    return [*passed, ast.Starred(load(rest), ast.Load())] if rest else passed


def _parameters(inner: Frame, node: Lambda) -> tuple[list[str], str | None]:
    """The Python names of the parameters; a rest parameter starts as a tuple and becomes a list."""
    parameters = [inner.bind(variable) for variable in node.parameters]
    if node.rest is None:
        return parameters, None
    rest = inner.bind(node.rest)
    inner.emit(assign(rest, call(inner.module.runtime("list_from"), load(rest))))
    return parameters, rest


def _body(inner: Frame) -> list[ast.stmt]:
    """The statements of a finished frame; a closing `return` without a value says nothing."""
    block = inner.block
    if len(block) > 1 and isinstance(block[-1], ast.Return) and block[-1].value is None:
        block = block[:-1]
    return [*inner.declarations(), *inner.hoisted, *block]


def outlined(frame: Frame, node: Node, name: str) -> ast.expr:
    """A call of a new function of no parameters that evaluates a node."""
    inner = Frame(frame.module, frame, node)
    statements.run(inner, node, RETURN)
    if frame.outer is None:
        name = frame.module.private(name)
        _emit(frame, function(name, [], None, _body(inner)), node)
        return call(name)
    name = frame.temporary(name)
    definition = function(name, [], None, _body(inner))
    frame.module.placer.place(definition, node.span)
    # At the start of the function it isn't indented any further; it finds its variables when it's called.
    frame.hoisted.append(definition)
    return call(name)


def record_class(frame: Frame, node: core.RecordType, name: str) -> ast.stmt:
    """The class of a record type."""
    fields = list(field_names(node.fields).values())
    values: list[ast.expr] = [constant(field) for field in fields]
    omega_fields: list[ast.expr] = [constant(field) for field in node.fields]
    body: list[ast.stmt] = [
        ast.Expr(constant(f"Record type {node.name}.")),
        assign("__slots__", ast.Tuple(values, ast.Load())),
        assign("__omega_name__", constant(node.name)),
        assign("__omega_fields__", ast.Tuple(omega_fields, ast.Load())),
    ]
    if fields:
        sets: list[ast.stmt] = [
            ast.Assign([ast.Attribute(load("self"), field, ast.Store())], load(field)) for field in fields
        ]
        body.append(function("__init__", ["self", *fields], None, sets))
    return ast.ClassDef(
        name=name,
        bases=[load(frame.module.runtime("Record"))],
        keywords=[],
        body=body,
        decorator_list=[],
        **NO_TYPE_PARAMETERS,
    )
