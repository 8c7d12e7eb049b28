"""Keys: how a procedure that says what comes first looks at each element, when it looks at both in the same way."""

from __future__ import annotations

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Node, Variable
from omegac.library import library
from omegac.primitives import PRIMITIVES

_ORDERS = {"less": False, "greater": True}
_IMPURE = frozenset({"attribute", "call-python"})


def sort_key(procedure: Node, facts: Facts) -> tuple[Node, Variable, bool] | None:
    """For a procedure (lambda (a b) (< e e′)) the node e, its variable a, and whether it's > in place of <.

    None unless e and e′ are the same of a and of b, and have no effects.
    """
    known = facts.procedure(procedure)
    if known is None or known.rest is not None or len(known.parameters) != 2:
        return None
    first, second = known.parameters
    match known.body:
        case core.Inline(operation=operation, operands=(one, other)) if operation in _ORDERS:
            if _is_same(one, other, first, second) and not facts.assigned & {first, second}:
                return one, first, _ORDERS[operation]
    return None


def _is_same(one: Node, other: Node, first: Variable, second: Variable) -> bool:
    """Whether two nodes without effects are the same, one of the first variable and the other of the second."""
    match one, other:
        case core.Reference(variable=variable), core.Reference(variable=others):
            return others is (second if variable is first else variable) and variable is not second
        case core.Constant(value=value), core.Constant(value=others):
            return type(value) is type(others) and (value is others or value == others)
        case core.Inline(operation=operation), core.Inline(operation=others):
            is_pure = not PRIMITIVES[operation].is_statement and operation not in _IMPURE
            return operation == others and is_pure and _are_same(one.operands, other.operands, first, second)
        case core.Call(operator=core.Builtin(name=name)), core.Call(operator=core.Builtin(name=others)):
            is_pure = not library()[name].row and not library()[name].calls
            return name == others and is_pure and _are_same(one.operands, other.operands, first, second)
    return False


def _are_same(ones: tuple[Node, ...], others: tuple[Node, ...], first: Variable, second: Variable) -> bool:
    if len(ones) != len(others):
        return False
    return False not in [_is_same(one, other, first, second) for one, other in zip(ones, others, strict=True)]
