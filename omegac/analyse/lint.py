"""What is certainly wrong: wrong numbers of arguments, thunks that aren't, resumptions used in ways not supported."""

from __future__ import annotations

from omegac import core
from omegac.analyse.facts import Facts
from omegac.analyse.thunks import check_thunk, thunk_help
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.errors import Diagnostics
from omegac.library import Arity, arity
from omegac.traverse import children, tail_nodes, walk


def lint(program: Program, facts: Facts, diagnostics: Diagnostics) -> None:
    """Report every error found; the program itself doesn't change."""
    for item in program.items:
        for node in walk(item):
            if isinstance(node, core.Call):
                _check_arity(node, facts, diagnostics)
                check_thunk(node, facts, diagnostics)
            elif isinstance(node, core.Handle):
                for clause in node.clauses:
                    _Resumption(clause.procedure.parameters[-1], diagnostics).check(clause.procedure.body, True)


def arity_of_lambda(procedure: Lambda) -> Arity:
    """How many arguments a procedure of the program takes."""
    count = len(procedure.parameters)
    return Arity(count, None if procedure.rest else count)


def _check_arity(call: core.Call, facts: Facts, diagnostics: Diagnostics) -> None:
    operator, count = call.operator, len(call.operands)
    if isinstance(operator, core.Builtin) and not operator.name.startswith("%"):
        if not arity(operator.name).accepts(count):
            message = f"{operator.name} takes {arity(operator.name)}, but gets {count}"
            diagnostics.error(message, call.span, thunk_help(call))
        return
    procedure = facts.procedure(operator)
    if procedure is None or arity_of_lambda(procedure).accepts(count):
        return
    name = procedure.name or "this procedure"
    diagnostics.error(
        f"{name} takes {arity_of_lambda(procedure)}, but gets {count}",
        call.span,
        f"{name} is defined on line {procedure.span.line} as {signature(procedure)}",
    )


def signature(procedure: Lambda) -> str:
    """How a call of the procedure looks: `(name parameter …)`."""
    names = [variable.name for variable in procedure.parameters]
    if procedure.rest:
        names += [".", procedure.rest.name]
    if procedure.name is None:
        return f"(lambda ({' '.join(names)}) …)"
    return f"({' '.join([procedure.name, *names])})"


def _is_only_tail_called(variable: Variable, node: core.Let | core.Letrec) -> bool:
    """Whether a local procedure is called in tail position and used in no other way, as the name of a loop is."""
    bodies = [node.body, *(value.body for _, value in node.bindings if isinstance(value, core.Lambda))]
    tail_called = sum(
        isinstance(tail, core.Call) and isinstance(tail.operator, core.Reference) and tail.operator.variable is variable
        for body in bodies
        for tail, _ in tail_nodes(body)
    )
    return tail_called == sum(isinstance(n, core.Reference) and n.variable is variable for n in walk(node))


class _Resumption:
    """Checks that a clause calls its resumption in tail position only."""

    def __init__(self, variable: Variable, diagnostics: Diagnostics) -> None:
        self.variable = variable
        self.diagnostics = diagnostics

    def check(self, node: Item, tail: bool) -> None:
        match node:
            case core.Reference(variable=variable) if variable is self.variable:
                self.diagnostics.error(
                    f"the resumption {self.variable.name} is used other than by a call in tail position",
                    node.span,
                    f"end a branch of the clause with ({self.variable.name} value), or with a value of its own",
                )
            case core.Call(operator=core.Reference(variable=variable)) if tail and variable is self.variable:
                self._check_call(node)
            case core.If():
                self.check(node.test, False)
                self.check(node.then, tail)
                self.check(node.otherwise, tail)
            case core.Sequence():
                self._check_all(node.items[:-1])
                self.check(node.items[-1], tail)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    if tail and isinstance(value, core.Lambda) and _is_only_tail_called(variable, node):
                        self.check(value.body, True)
                    else:
                        self.check(value, False)
                self.check(node.body, tail)
            case core.Guard():
                self.check(node.body, False)
                self.check(node.handler, tail)
            case _:
                self._check_all(children(node))

    def _check_call(self, call: core.Call) -> None:
        if len(call.operands) != 1:
            self.diagnostics.error(f"{self.variable.name} takes 1 argument, but gets {len(call.operands)}", call.span)
        self._check_all(call.operands)

    def _check_all(self, nodes: tuple[Node, ...] | list[Node]) -> None:
        for node in nodes:
            self.check(node, False)
