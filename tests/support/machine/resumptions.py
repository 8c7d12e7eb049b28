"""Which clauses of a handle resume last or never, and so run where the effect is performed."""

from __future__ import annotations

from omegac import core
from omegac.core import Node, Variable
from omegac.traverse import walk


def resumes_last(clause: core.Lambda) -> bool:
    """Whether each use of the resumption is a call with one value, after which the clause has nothing left to do."""
    resumption = clause.parameters[-1]
    last = set(_last_calls(resumption, clause.body))
    operators = {call.operator for call in last}
    uses = [node for node in walk(clause.body) if isinstance(node, core.Reference) and node.variable is resumption]
    return all(use in operators for use in uses)


def _last_calls(variable: Variable, node: Node) -> list[core.Call]:
    """The calls of a variable with one operand, in tail position."""
    match node:
        case core.Call(operator=core.Reference(variable=called), operands=(_,)) if called is variable:
            return [node]
        case core.If():
            return _last_calls(variable, node.then) + _last_calls(variable, node.otherwise)
        case core.Sequence():
            return _last_calls(variable, node.items[-1])
        case core.Guard():
            return _last_calls(variable, node.handler)
        case core.Let() | core.Letrec():
            found = _last_calls(variable, node.body)
            for name, value in node.bindings:
                if isinstance(value, core.Lambda) and _is_loop(name, node):
                    found += _last_calls(variable, value.body)
            return found
    return []


def _is_loop(name: Variable, node: core.Let | core.Letrec) -> bool:
    """Whether all that is done with a local procedure is to call it last."""
    bodies = [node.body, *(value.body for _, value in node.bindings if isinstance(value, core.Lambda))]
    last = sum(len(_tail_calls(name, body)) for body in bodies)
    return last == sum(isinstance(each, core.Reference) and each.variable is name for each in walk(node))


def _tail_calls(variable: Variable, node: Node) -> list[Node]:
    match node:
        case core.Call(operator=core.Reference(variable=called)) if called is variable:
            return [node]
        case core.If():
            return _tail_calls(variable, node.then) + _tail_calls(variable, node.otherwise)
        case core.Sequence():
            return _tail_calls(variable, node.items[-1])
        case core.Guard():
            return _tail_calls(variable, node.handler)
        case core.Let() | core.Letrec():
            return _tail_calls(variable, node.body)
    return []
