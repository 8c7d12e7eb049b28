"""Operands that should be procedures of no arguments and surely aren't.

`(with-budget 100 (effect …))` asks the model before the budget begins, and fails after that was paid.
"""

from __future__ import annotations

from omega_runtime.values.printing import write_text

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Node
from omegac.errors import Diagnostics
from omegac.library import gives_data
from omegac.operations import is_model_call, kind_of
from omegac.traverse import children

# The position of the thunk, and what it is called within.
_THUNKS = {"with-budget": (1, "the budget"), "with-tracking": (1, "the tracking")}


def check_thunk(call: core.Call, facts: Facts, diagnostics: Diagnostics) -> None:
    """Report a thunk that asks a model when it's evaluated, or whose value is no procedure."""
    operator = call.operator
    if not isinstance(operator, core.Builtin) or operator.name not in _THUNKS:
        return
    position, extent = _THUNKS[operator.name]
    if len(call.operands) != position + 1:
        return
    thunk = call.operands[position]
    if _asks(thunk) or _is_data(thunk, facts, frozenset()):
        diagnostics.error(
            f"{operator.name} takes a procedure of no arguments; this is evaluated before {extent} begins",
            thunk.span,
            thunk_help(call),
        )


def thunk_help(call: core.Call) -> str | None:
    """How a call that takes a thunk is written."""
    if not isinstance(call.operator, core.Builtin) or call.operator.name not in _THUNKS or not call.operands:
        return None
    first = call.operands[0]
    text = write_text(first.value) if isinstance(first, core.Constant) else "…"
    return f"write ({call.operator.name} {text} (lambda () …))"


def _asks(node: Node) -> bool:
    """Whether evaluating a node asks a model then and there."""
    return any(is_model_call(operation) for operation in _performed(node))


def _performed(node: Node) -> set[str]:
    """The operations that evaluating a node performs then and there, as far as written, and not handled in it."""
    found: set[str] = set()
    pending = [node]
    while pending:
        match pending.pop():
            case core.Lambda():
                pass
            case core.Handle(body=body, clauses=clauses):
                inside = _performed(body.body)
                found |= inside - {clause.operation for clause in clauses}
                pending += [clause.procedure.body for clause in clauses if clause.operation in inside]
            case core.Call(operator=core.Lambda(body=body), operands=operands):
                pending += [body, *operands]
            case other:
                if isinstance(other, core.Effect):
                    found.add(other.operation)
                pending += children(other)
    return found


def _is_data(node: Node, facts: Facts, seen: frozenset[Node]) -> bool:
    """Whether a node's value is surely no procedure; of a recursion, its other branches decide."""
    if node in seen:
        return True
    match node:
        case core.Constant() | core.Assignment() | core.Reraise():
            return True
        case core.Effect(operation=operation):
            return kind_of(operation) != "control"
        case core.If():
            return _is_data(node.then, facts, seen) and _is_data(node.otherwise, facts, seen)
        case core.Sequence():
            return _is_data(node.items[-1], facts, seen)
        case core.Let() | core.Letrec():
            return _is_data(node.body, facts, seen)
        case core.Guard():
            return _is_data(node.body, facts, seen) and _is_data(node.handler, facts, seen)
        case core.Reference(variable=variable):
            value = facts.values.get(variable)
            return value is not None and _is_data(value, facts, seen | {node})
        case core.Call(operator=core.Builtin(name=name)):
            return gives_data(name)
        case core.Call():
            procedure = facts.procedure(node.operator)
            return procedure is not None and _is_data(procedure.body, facts, seen | {node})
    return False
