"""Conditionals: if, cond, case, when, unless, and, or."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hy.models import Expression, Object

from omegac import core
from omegac.core import Node
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, fresh, sequence
from omegac.expand.special import list_of, malformed, special
from omegac.source import Span


@special("(if test then [otherwise])", 2, 3)
def expand_if(x: Expander, form: Expression, environment: Environment) -> Node:
    """Two branches; without the second one the value is unspecified."""
    test, then, *otherwise = x.expand_all(form[1:], environment)
    span = Span.of(form)
    return core.If(test, then, otherwise[0] if otherwise else core.Constant(None, span), span)


@special("(when test body …)", 2)
def expand_when(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body, if the test holds."""
    span = Span.of(form)
    test, *body = x.expand_all(form[1:], environment)
    return core.If(test, sequence(tuple(body), span), core.Constant(None, span), span)


@special("(unless test body …)", 2)
def expand_unless(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body, unless the test holds."""
    span = Span.of(form)
    test, *body = x.expand_all(form[1:], environment)
    return core.If(test, core.Constant(None, span), sequence(tuple(body), span), span)


@special("(and test …)", 0)
def expand_and(x: Expander, form: Expression, environment: Environment) -> Node:
    """The last value, or #f at the first test that fails."""
    if len(form) == 1:
        return core.Constant(True, Span.of(form))
    *tests, node = x.expand_all(form[1:], environment)
    for test in reversed(tests):
        node = core.If(test, node, core.Constant(False, test.span), Span.of(form))
    return node


@special("(or test …)", 0)
def expand_or(x: Expander, form: Expression, environment: Environment) -> Node:
    """The first value that isn't #f."""
    if len(form) == 1:
        return core.Constant(False, Span.of(form))
    *tests, node = x.expand_all(form[1:], environment)
    for test in reversed(tests):
        node = either(test, node, Span.of(form))
    return node


def either(test: Node, otherwise: Node, span: Span) -> Node:
    """`(or test otherwise)`: the test's value when it's true."""
    variable = fresh("value", test.span)
    value = core.Reference(variable, test.span)
    return core.Let(((variable, test),), core.If(value, value, otherwise, span), span)


@special("(cond (test body …) … [(else body …)])", 1)
def expand_cond(x: Expander, form: Expression, environment: Environment) -> Node:
    """The first clause whose test holds."""
    return expand_clauses(x, form[1:], environment, "cond", lambda: core.Constant(None, Span.of(form)))


def expand_clauses(
    x: Expander,
    clauses: Sequence[Object],
    environment: Environment,
    name: str,
    fallback: Callable[[], Node],
) -> Node:
    """The clauses of a cond or guard; `fallback` makes the node for when none applies."""
    if not clauses:
        return fallback()
    clause, rest = list_of(clauses[0], name), clauses[1:]
    if not clause:
        raise malformed(name, clause)
    span = Span.of(clause)
    if environment.means(clause[0], "else"):
        if rest or len(clause) == 1:
            raise malformed(name, clause, "else comes last and has a body")
        return sequence(x.expand_all(clause[1:], environment), span)
    test = x.expand(clause[0], environment)
    if len(clause) == 1:
        return either(test, expand_clauses(x, rest, environment, name, fallback), span)
    if environment.means(clause[1], "=>"):
        if len(clause) != 3:
            raise malformed(name, clause)
        variable = fresh("value", span)
        value = core.Reference(variable, span)
        call = core.Call(x.expand(clause[2], environment), (value,), span)
        otherwise = expand_clauses(x, rest, environment, name, fallback)
        return core.Let(((variable, test),), core.If(value, call, otherwise, span), span)
    body = sequence(x.expand_all(clause[1:], environment), span)
    return core.If(test, body, expand_clauses(x, rest, environment, name, fallback), span)


@special("(case key ((datum …) body …) … [(else body …)])", 2)
def expand_case(x: Expander, form: Expression, environment: Environment) -> Node:
    """The first clause that lists the key, compared by `eqv?`."""
    span = Span.of(form)
    variable = fresh("key", Span.of(form[1]))
    key = core.Reference(variable, Span.of(form[1]))
    body = _case_clauses(x, form[2:], environment, key)
    return core.Let(((variable, x.expand(form[1], environment)),), body, span)


def _case_clauses(x: Expander, clauses: Sequence[Object], environment: Environment, key: core.Reference) -> Node:
    if not clauses:
        return core.Constant(None, key.span)
    clause = list_of(clauses[0], "case")
    if len(clause) < 2:
        raise malformed("case", clause)
    span = Span.of(clause)
    if environment.means(clause[1], "=>"):
        if len(clause) != 3:
            raise malformed("case", clause)
        body: Node = core.Call(x.expand(clause[2], environment), (key,), span)
    else:
        body = sequence(x.expand_all(clause[1:], environment), span)
    if environment.means(clause[0], "else"):
        if len(clauses) > 1:
            raise malformed("case", clause, "else comes last")
        return body
    test: Node = core.Constant(False, span)
    for item in reversed(list_of(clause[0], "case")):
        same = core.Call(core.Builtin("eqv?", span), (key, core.Constant(x.datum(item), Span.of(item))), span)
        test = same if isinstance(test, core.Constant) else core.If(same, core.Constant(True, span), test, span)
    return core.If(test, body, _case_clauses(x, clauses[1:], environment, key), span)
