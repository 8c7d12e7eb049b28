"""What is certainly wrong: wrong numbers of arguments, thunks that aren't."""

from __future__ import annotations

from omegac import core
from omegac.analyse.facts import Facts
from omegac.analyse.thunks import check_thunk, thunk_help
from omegac.core import Lambda, Program
from omegac.errors import Diagnostics
from omegac.library import Arity, arity
from omegac.traverse import nodes_of, walk


def lint(program: Program, facts: Facts, diagnostics: Diagnostics) -> None:
    """Report every error found; the program itself doesn't change."""
    for item in program.items:
        for node in nodes_of(item):
            if isinstance(node, core.Call):
                _check_arity(node, facts, diagnostics)
                check_thunk(node, facts, diagnostics)
            elif isinstance(node, core.Handle):
                for clause in node.clauses:
                    _check_resumption(clause, diagnostics)


def _check_resumption(clause: core.Clause, diagnostics: Diagnostics) -> None:
    """A resumption takes one value, wherever it is called by its name."""
    variable = clause.procedure.parameters[-1]
    for node in walk(clause.procedure):
        if isinstance(node, core.Call) and isinstance(node.operator, core.Reference):
            count = len(node.operands)
            if node.operator.variable is variable and count != 1:
                diagnostics.error(f"{variable.name} takes 1 argument, but gets {count}", node.span)


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
    if isinstance(operator, core.Imported) and operator.external.signature is not None:
        takes = Arity(operator.external.signature.least, operator.external.signature.most)
        if not takes.accepts(count):
            message = f"{operator.external.name} takes {takes}, but gets {count}"
            diagnostics.error(message, call.span, f"it is defined in {operator.external.module}")
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
