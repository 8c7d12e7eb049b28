"""Operands that should be procedures of no arguments and surely aren't.

`(with-budget 100 (effect …))` asks the model before the budget begins, and fails after that was paid.
"""

from __future__ import annotations

from omega_runtime.values.printing import write_text

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Node
from omegac.errors import Diagnostics
from omegac.library import gives_data, library
from omegac.operations import is_model_call, kind_of, performed_by
from omegac.traverse import children

# The position of the thunk, and what it is called within.
_THUNKS = {
    "with-budget": (1, "the budget"),
    "with-tracking": (1, "the tracking"),
    "with-task": (1, "the task"),
    "execute": (0, "the task"),
    "monitor-budget-usage": (0, "the monitoring"),
}


def check_thunk(call: core.Call, facts: Facts, diagnostics: Diagnostics) -> None:
    """Report a thunk that asks a model when it's evaluated, or whose value is no procedure."""
    operator = call.operator
    if not isinstance(operator, core.Builtin) or operator.name not in _THUNKS:
        return
    position, extent = _THUNKS[operator.name]
    if len(call.operands) != position + 1:
        return
    thunk = call.operands[position]
    if _asks(thunk) or _is_data(thunk, facts):
        diagnostics.error(
            f"{operator.name} takes a procedure of no arguments; this is evaluated before {extent} begins",
            thunk.span,
            thunk_help(call),
        )


def thunk_help(call: core.Call) -> str | None:
    """How a call that takes a thunk is written."""
    if not isinstance(call.operator, core.Builtin) or call.operator.name not in _THUNKS or not call.operands:
        return None
    name = call.operator.name
    before = call.operands[: _THUNKS[name][0]]
    texts = [_text(each) for each in before]
    return f"write ({' '.join([name, *texts])} (lambda () …))"


def _text(operand: Node) -> str:
    """An operand as it's written, where that is short."""
    if isinstance(operand, core.Constant) and isinstance(operand.value, int | float | str):
        return write_text(operand.value)
    return "…"


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
            case core.Call(operator=core.Builtin(name=name), operands=operands):
                if "infer" in library()[name].row:
                    found.add(performed_by(name))
                called = library()[name].calls
                pending += [_called(each) if i in called else each for i, each in enumerate(operands)]
            case core.Call(operator=core.Lambda(body=body), operands=operands):
                pending += [body, *operands]
            case other:
                if isinstance(other, core.Effect):
                    found.add(other.operation)
                pending += children(other)
    return found


def _called(operand: Node) -> Node:
    """What is evaluated when a library procedure calls an operand."""
    return operand.body if isinstance(operand, core.Lambda) else operand


def _is_data(node: Node, facts: Facts) -> bool:
    """Whether a node's value is surely no procedure; of a recursion, its other branches decide."""
    pending: list[Node] = [node]
    seen: set[Node] = set()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        parts = _valued_as(current, facts)
        if parts is None:
            return False
        pending += parts
    return True


def _valued_as(node: Node, facts: Facts) -> list[Node] | None:
    """The nodes one of which has the value of a node, none where that is data; None where it's not known."""
    match node:
        case core.Constant() | core.Assignment() | core.Reraise():
            return []
        case core.Effect(operation=operation):
            return [] if kind_of(operation) != "control" else None
        case core.If():
            return [node.then, node.otherwise]
        case core.Sequence():
            return [node.items[-1]]
        case core.Let() | core.Letrec():
            return [node.body]
        case core.Guard():
            return [node.body, node.handler]
        case core.Reference(variable=variable):
            value = facts.values.get(variable)
            return None if value is None else [value]
        case core.Call(operator=core.Builtin(name=name)):
            return [] if gives_data(name) else None
        case core.Call():
            procedure = facts.procedure(node.operator)
            return None if procedure is None else [procedure.body]
    return None
