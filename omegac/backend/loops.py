"""Loops as a Python programmer writes them: `while test:` in place of `while True:` where that says the same."""

from __future__ import annotations

import ast
from types import UnionType

from omegac.backend.build import constant, replaced, settle
from omegac.backend.frame import is_terminated


def while_statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a loop over `body`, which starts over at `continue` and ends at `break` or `return`.

    A body of the form "if test: again, else: done" becomes `while test: again` followed by `done`.
    """
    parts = _two_ways(body)
    if parts is not None:
        test, again, done = parts
        return [ast.While(test, again[:-1] or [ast.Pass()], []), *_without_break(done)]
    if body and isinstance(body[-1], ast.Continue):
        body = body[:-1]
    return [ast.While(constant(True), body or [ast.Pass()], [])]


def _two_ways(body: list[ast.stmt]) -> tuple[ast.expr, list[ast.stmt], list[ast.stmt]] | None:
    """The condition for another round, the block that makes it, and the block that ends the loop."""
    if not body or not isinstance(body[0], ast.If):
        return None
    first, rest = body[0], body[1:]
    if first.orelse:
        if len(rest) != 1 or not isinstance(rest[0], ast.Break):
            return None
        then, otherwise = _closed(first.body), _closed(first.orelse)
    else:
        then, otherwise = first.body, rest
    if _is_again(then) and _is_done(otherwise):
        settle(first)
        return first.test, then, otherwise
    if _is_done(then) and _is_again(otherwise):
        settle(first)
        opposite = _opposite(first.test)
        return None if opposite is None else (opposite, otherwise, then)
    return None


def _closed(block: list[ast.stmt]) -> list[ast.stmt]:
    return block if is_terminated(block) else [*block, ast.Break()]


def _is_again(block: list[ast.stmt]) -> bool:
    """Whether a block starts the loop over, at its end if not before, or returns."""
    return bool(block) and isinstance(block[-1], ast.Continue) and not _has(block, ast.Break)


def _is_done(block: list[ast.stmt]) -> bool:
    """Whether a block always ends the loop, at its end."""
    if not block or not is_terminated(block) or isinstance(block[-1], ast.Continue):
        return False
    return not _has(_without_break(block), ast.Break | ast.Continue)


def _without_break(block: list[ast.stmt]) -> list[ast.stmt]:
    return block[:-1] if block and isinstance(block[-1], ast.Break) else block


def _has(block: list[ast.stmt], kind: type[ast.stmt] | UnionType) -> bool:
    """Whether a block has a `break` or `continue` of the loop around it."""
    for statement in block:
        match statement:
            case ast.Break() | ast.Continue() if isinstance(statement, kind):
                return True
            case ast.If() if _has(statement.body, kind) or _has(statement.orelse, kind):
                return True
            case ast.Try() if _has(statement.body, kind) or any(_has(h.body, kind) for h in statement.handlers):
                return True
            case ast.With() if _has(statement.body, kind):
                return True
            case ast.For() if _has(statement.orelse, kind):
                return True
    return False


def _opposite(test: ast.expr) -> ast.expr | None:
    """The opposite of a condition, where it is as easy to read. `not a < b` isn't: NaN is neither."""
    settle(test)
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return test.operand
        case ast.Compare(ops=[ast.Eq()]):
            operator: ast.cmpop = ast.NotEq()
        case ast.Compare(ops=[ast.Is()]):
            operator = ast.IsNot()
        case ast.Compare(ops=[ast.IsNot()]):
            operator = ast.Is()
        case _:
            return None
    return replaced(test, ast.Compare(test.left, [operator], test.comparators))
