"""Conditions with restarts: handler-bind, restart-bind, restart-case."""

from __future__ import annotations

from hy.models import Expression, Object, Symbol

from omegac import core
from omegac.core import Node
from omegac.expand.bodies import expand_body, expand_lambda
from omegac.expand.control import thunk
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, named
from omegac.expand.special import identifier, list_of, malformed, special
from omegac.forms import datum
from omegac.source import Span


@special("(handler-bind ((predicate handler) …) body …)", 2)
def expand_handler_bind(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body with handlers for what is raised or signalled in it."""
    operands: list[Node] = []
    for item in _clauses(form[1], "handler-bind", 2, 2):
        operands.extend(x.expand_all(item, environment))
    return _call("%handler-bind", operands, _body(x, form, environment), form)


@special("(restart-bind ((name procedure) …) body …)", 2)
def expand_restart_bind(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body with restarts that go on where they are invoked."""
    operands: list[Node] = []
    for name, procedure in _clauses(form[1], "restart-bind", 2, 2):
        operands += [_name(name), x.expand(procedure, environment, str(name))]
    return _call("%restart-bind", operands, _body(x, form, environment), form)


@special("(restart-case expression (name (parameter …) body …) …)", 1)
def expand_restart_case(x: Expander, form: Expression, environment: Environment) -> Node:
    """An expression with restarts that give its value in its place."""
    operands: list[Node] = []
    for clause in _clauses(Expression(form[2:]), "restart-case", 3, None):
        procedure = expand_lambda(x, clause[1], clause[2:], environment, Span.of(clause))
        operands += [_name(clause[0]), named(procedure, str(clause[0]))]
    body = thunk(x.expand(form[1], environment), Span.of(form[1]), "body")
    return _call("%restart-case", operands, body, form)


def _clauses(form: Object, name: str, least: int, most: int | None) -> list[Expression]:
    """The clauses of a form, each with a fitting number of parts."""
    clauses = [list_of(item, name) for item in list_of(form, name)]
    for clause in clauses:
        if len(clause) < least or (most is not None and len(clause) > most):
            raise malformed(name, clause)
    return clauses


def _name(form: Object) -> Node:
    name: Symbol = identifier(form, "the name of a restart")
    return core.Constant(datum(name), Span.of(name))


def _body(x: Expander, form: Expression, environment: Environment) -> core.Lambda:
    span = Span.of(form)
    return thunk(expand_body(x, form[2:], environment, span), span, "body")


def _call(name: str, operands: list[Node], body: core.Lambda, form: Expression) -> Node:
    span = Span.of(form)
    return core.Call(core.Builtin(name, span), (*operands, body), span)
