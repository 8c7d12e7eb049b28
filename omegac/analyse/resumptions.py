"""What handler clauses and receivers of call/cc do with their continuations: nothing but escape and resume, or more.

What does no more stays direct code: a clause that calls its resumption in tail position or never, and a receiver that
calls its continuation only while its `call/cc` goes on. Anything else captures: see `transform/reenter.py`.
"""

from __future__ import annotations

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Item, Lambda, Node, Variable
from omegac.traverse import children, tail_nodes, walk

CALL_CC = frozenset({"call/cc", "call-with-current-continuation"})
"""The library's names of the procedure whose continuation may be entered again; that of call/ec never is."""


def is_general(clause: core.Clause) -> bool:
    """Whether a clause uses its resumption other than by calls in tail position with one value."""
    return not _resumes_last(clause.procedure.parameters[-1], clause.procedure.body, tail=True)


def _resumes_last(variable: Variable, node: Item, tail: bool) -> bool:
    """Whether each use of a resumption below a node is a call with one value in tail position of its clause."""

    def all_last(nodes: tuple[Node, ...]) -> bool:
        return False not in [_resumes_last(variable, each, tail=False) for each in nodes]

    match node:
        case core.Reference() if node.variable is variable:
            return False
        case core.Call(operator=core.Reference() as operator) if operator.variable is variable:
            return tail and len(node.operands) == 1 and all_last(node.operands)
        case core.If():
            branches = [_resumes_last(variable, each, tail) for each in (node.then, node.otherwise)]
            return all_last((node.test,)) and False not in branches
        case core.Sequence():
            return all_last(node.items[:-1]) and _resumes_last(variable, node.items[-1], tail)
        case core.Let() | core.Letrec():
            for bound, value in node.bindings:
                is_loop = tail and isinstance(value, Lambda) and _is_only_tail_called(bound, node)
                inner = value.body if is_loop and isinstance(value, Lambda) else value
                if not _resumes_last(variable, inner, is_loop):
                    return False
            return _resumes_last(variable, node.body, tail)
        case core.Guard():
            return all_last((node.body,)) and _resumes_last(variable, node.handler, tail)
    return all_last(children(node))


def _is_only_tail_called(variable: Variable, node: core.Let | core.Letrec) -> bool:
    """Whether a local procedure is called in tail position and used in no other way, as the name of a loop is."""
    bodies = [node.body, *(value.body for _, value in node.bindings if isinstance(value, core.Lambda))]
    tail_called = sum(
        isinstance(tail, core.Call) and isinstance(tail.operator, core.Reference) and tail.operator.variable is variable
        for body in bodies
        for tail, _ in tail_nodes(body)
    )
    return tail_called == sum(isinstance(n, core.Reference) and n.variable is variable for n in walk(node))


def only_escapes(call: core.Call, facts: Facts) -> bool:
    """Whether the continuation of a `call/cc` is called before that returns at the most.

    So it is when its receiver is known, and mentions the continuation only to call it, in itself and in procedures that
    don't outlive it.
    """
    receiver = facts.procedure(call.operands[0]) if len(call.operands) == 1 else None
    if receiver is None or len(receiver.parameters) != 1 or receiver.rest is not None:
        return False
    return _only_called(receiver.parameters[0], receiver.body, facts)


def _only_called(variable: Variable, node: Node, facts: Facts) -> bool:
    match node:
        case core.Reference() | core.Assignment() if node.variable is variable:
            return False
        case core.Lambda() if node in facts.escaping:
            return not any(
                isinstance(each, core.Reference | core.Assignment) and each.variable is variable for each in walk(node)
            )
        case core.Call(operator=core.Reference() as operator) if operator.variable is variable:
            return False not in [_only_called(variable, each, facts) for each in node.operands]
    return False not in [_only_called(variable, each, facts) for each in children(node)]
