"""Small constructors for Python syntax trees, and the placing of trees in the Omega source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from omegac.source import Source, SourceLines, Span

# Functions and classes have this field from Python 3.12 on.
NO_TYPE_PARAMETERS: Any = {"type_params": []} if sys.version_info >= (3, 12) else {}
_LEAVES = ast.Name | ast.Constant


def load(name: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.expr:
    """A name that is assigned."""
    return ast.Name(name, ast.Store())


def call(function: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A call of a named function."""
    named = [ast.keyword(key, value) for key, value in keywords.items()]
    return ast.Call(load(function), list(arguments), named)


def constant(value: Any) -> ast.expr:
    """A literal."""
    return ast.Constant(value)


def data(value: Any) -> ast.expr:
    """A literal of dictionaries, tuples and what they hold."""
    match value:
        case dict():
            keys: list[ast.expr | None] = [data(key) for key in value]
            return ast.Dict(keys, [data(each) for each in value.values()])
        case tuple():
            return ast.Tuple([data(each) for each in value], ast.Load())
    return constant(value)


def assign(name: str, value: ast.expr) -> ast.stmt:
    """`name = value`."""
    return ast.Assign([store(name)], value)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """A comparison of two operands."""
    return ast.Compare(left, [operator], [right])


def is_of(value: ast.expr, class_: ast.expr) -> ast.expr:
    """`value.__class__ is class_`."""
    return compare(attribute(value, "__class__"), ast.Is(), class_)


def is_exactly(type_: str, value: ast.expr, class_: ast.expr) -> ast.expr:
    """`type(value) is class_`, for `type` by its name."""
    return compare(call(type_, value), ast.Is(), class_)


def is_false(value: ast.expr) -> ast.expr:
    """`value is False`, decided now for a literal, which Python would warn about."""
    return (
        constant(value.value is False) if isinstance(value, ast.Constant) else compare(value, ast.Is(), constant(False))
    )


def is_true(value: ast.expr) -> ast.expr:
    """`value is not False`: Omega's idea of truth."""
    if isinstance(value, ast.Constant):
        return constant(value.value is not False)
    return compare(value, ast.IsNot(), constant(False))


def negated(condition: ast.expr) -> ast.expr:
    """The opposite of a condition."""
    settle(condition)
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(ops=[ast.IsNot()]):
            return ast.Compare(condition.left, [ast.Is()], condition.comparators)
        case ast.Compare(ops=[ast.Is()]):
            return ast.Compare(condition.left, [ast.IsNot()], condition.comparators)
        case ast.Compare(ops=[ast.Eq()]):
            return ast.Compare(condition.left, [ast.NotEq()], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)


def attribute(value: ast.expr, name: str) -> ast.expr:
    """`value.name`, read."""
    return ast.Attribute(value, name, ast.Load())


def function(
    name: str,
    parameters: Iterable[str],
    rest: str | None,
    body: list[ast.stmt],
    decorators: Iterable[ast.expr] = (),
) -> ast.FunctionDef:
    """A `def`."""
    return ast.FunctionDef(
        name=name,
        args=arguments(parameters, rest),
        body=body or [ast.Pass()],
        decorator_list=list(decorators),
        returns=None,
        **NO_TYPE_PARAMETERS,
    )


def arguments(parameters: Iterable[str], rest: str | None) -> ast.arguments:
    """Plain positional parameters, and `*rest`."""
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name) for name in parameters],
        vararg=ast.arg(rest) if rest else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )


class Placer:
    """Notes where in the Omega source Python trees come from, each as the `span` of its root.

    What is below has the same place, unless it has one of its own. `lines` numbers the sources in the order in which
    places in them are noted.
    """

    def __init__(self, source: Source) -> None:
        self.lines = SourceLines(source)

    def place(self, tree: Any, span: Span) -> None:
        """Place a tree that has no place yet."""
        if not hasattr(tree, "span"):
            tree.span = span
            self.lines.number(span.origin, span.line)


def settle(tree: Any) -> None:
    """Let the parts of a tree that is taken apart keep the place that they have as parts of it."""
    pending = [tree] if hasattr(tree, "span") else []
    while pending:
        for part in _parts(pending.pop()):
            if not hasattr(part, "span"):
                part.span = tree.span
                pending.append(part)


def replaced(tree: Any, new: Any) -> Any:
    """What stands in the place of a tree."""
    if hasattr(tree, "span"):
        new.span = tree.span
    return new


def located(tree: ast.Module, lines: SourceLines) -> ast.Module:
    """A module to compile: every node gets its line and its columns, which are UTF-8 byte offsets."""
    pending: list[tuple[Any, Span | None, tuple[int, int, int, int]]] = [(tree, None, (1, 0, 1, 0))]
    while pending:
        node, around, place = pending.pop()
        span = getattr(node, "span", around)
        if span is not None and span is not around:
            place = _numbers(span, lines)
        if node._attributes:
            node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place
        pending += [(part, span, place) for part in _parts(node)]
    return tree


def _parts(node: ast.AST) -> list[Any]:
    """The nodes right below a node that may have a place."""
    parts: list[Any] = []
    for name in () if isinstance(node, _LEAVES) else node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            parts += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST) and value._fields:
            parts.append(value)
    return parts


def _numbers(span: Span, lines: SourceLines) -> tuple[int, int, int, int]:
    source = span.origin or lines.sources[0]
    start = source.byte_offset(span.line, span.column)
    end = source.byte_offset(span.end_line, span.end_column + 1)
    first = lines.number(source, span.line)
    return first, start, first + span.end_line - span.line, end
