"""Multiple values: let-values, let*-values, receive, define-values."""

from __future__ import annotations

from collections.abc import Callable

from hy.models import Expression, Object, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, fresh, variable_for
from omegac.expand.special import check_distinct, formals, keyword_of, list_of, malformed, special
from omegac.forms import copy_place
from omegac.source import Span

Parts = list[tuple[Variable, Callable[[], Node]]]


def _received(value: Node, required: int, rest: bool, span: Span) -> Node:
    """The values of an expression as a tuple: the required ones, then the list of the rest."""
    counts = (core.Constant(required, span), core.Constant(rest, span))
    return core.Call(core.Builtin("%receive", span), (value, *counts), span)


def _items(tuple_variable: Variable, names: list[Symbol], span: Span) -> list[Node]:
    value = core.Reference(tuple_variable, span)
    return [core.Inline("item", (value, core.Constant(i, span)), span) for i in range(len(names))]


def scan_values(x: Expander, form: Expression, environment: Environment, bind: Callable[[Symbol], Variable]) -> Parts:
    """The definitions that a `define-values` makes: a tuple, then each name as an item of it."""
    required, rest = formals(form[1])
    span = Span.of(form)
    names = [*required, *([rest] if rest is not None else [])]
    received = fresh("values", span)
    parts: Parts = [
        (
            received,
            lambda: _received(x.expand(form[2], environment), len(required), rest is not None, span),
        )
    ]
    for name, item in zip(names, _items(received, names, span), strict=True):
        parts.append((bind(name), _constantly(item)))
    return parts


def _constantly(node: Node) -> Callable[[], Node]:
    return lambda: node


@special("(let-values ((formals expression) …) body …)", 2)
def expand_let_values(x: Expander, form: Expression, environment: Environment) -> Node:
    """Multiple values; all before any name."""
    return _let_values(x, form, environment, sequential=False)


@special("(let*-values ((formals expression) …) body …)", 2)
def expand_let_star_values(x: Expander, form: Expression, environment: Environment) -> Node:
    """Multiple values; each expression sees the names before it."""
    return _let_values(x, form, environment, sequential=True)


@special("(receive formals expression body …)", 3)
def expand_receive(x: Expander, form: Expression, environment: Environment) -> Node:
    """The values of one expression."""
    clause = Expression([form[1], form[2]])
    whole = copy_place(Expression([form[0], Expression([clause]), *form[3:]]), form)
    return _let_values(x, whole, environment, sequential=True)


def _let_values(x: Expander, form: Expression, environment: Environment, sequential: bool) -> Node:
    from omegac.expand.bodies import expand_body

    name, span = keyword_of(form, environment), Span.of(form)
    clauses = [_clause(item, name) for item in list_of(form[1], name)]
    if not sequential:
        check_distinct((n for names, _, _ in clauses for n in names), "variable")
    received: list[tuple[Variable, Node]] = []
    items: list[tuple[tuple[Variable, Node], ...]] = []
    outer, scope = environment, environment.inner()
    for names, rest, expression in clauses:
        value = x.expand(expression, scope if sequential else outer)
        scope = scope.inner()
        holder = fresh("values", Span.of(expression))
        received.append((holder, _received(value, len(names) - rest, rest, Span.of(expression))))
        variables = [variable_for(n, scope) for n in names]
        items.append(tuple(zip(variables, _items(holder, names, span), strict=True)))
    body = expand_body(x, form[2:], scope, span)
    if sequential:
        for binding, parts in zip(reversed(received), reversed(items), strict=True):
            body = core.Let((binding,), core.Let(parts, body, span), span)
        return body
    bindings = tuple(binding for parts in items for binding in parts)
    return core.Let(tuple(received), core.Let(bindings, body, span), span)


def _clause(item: Object, name: str) -> tuple[list[Symbol], bool, Object]:
    """The names of `(formals expression)`, whether the last one takes the rest, and the expression."""
    if len(list_of(item, name)) != 2:
        raise malformed(name, item)
    required, rest = formals(item[0])
    return [*required, *([rest] if rest is not None else [])], rest is not None, item[1]
