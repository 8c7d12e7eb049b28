"""Sequencing and control: begin, promises, streams, parameterize, guard."""

from __future__ import annotations

from collections.abc import Sequence

from hy.models import Expression, Object

from omegac import core
from omegac.core import Node
from omegac.expand.bodies import expand_body
from omegac.expand.conditionals import expand_clauses
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, sequence, variable_for
from omegac.expand.special import identifier, list_of, malformed, special, splicing
from omegac.source import Span


@splicing("(begin expression …)", 0)
def splice_begin(x: Expander, form: Expression, environment: Environment) -> Sequence[Object]:
    """Expressions in order."""
    items: Sequence[Object] = form[1:]
    return items


def thunk(body: Node, span: Span, name: str | None = None) -> core.Lambda:
    """A procedure of no arguments."""
    return core.Lambda((), None, body, span, name)


@special("(sequential expression …)", 1)
def expand_sequential(x: Expander, form: Expression, environment: Environment) -> Node:
    """Expressions within which nothing goes on at once."""
    span = Span.of(form)
    body = thunk(sequence(x.expand_all(form[1:], environment), span), span, "sequential")
    return core.Call(core.Builtin("%sequential", span), (body,), span)


@special("(deferred expression …)", 1)
def expand_deferred(x: Expander, form: Expression, environment: Environment) -> Node:
    """Expressions whose calls to models go into the batch of the run."""
    span = Span.of(form)
    body = thunk(sequence(x.expand_all(form[1:], environment), span), span, "deferred")
    return core.Call(core.Builtin("%deferred", span), (body,), span)


@special("(delay expression)", 1, 1)
def expand_delay(x: Expander, form: Expression, environment: Environment) -> Node:
    """A promise."""
    return _promise("%delay", x, form, environment)


@special("(delay-force expression)", 1, 1)
def expand_delay_force(x: Expander, form: Expression, environment: Environment) -> Node:
    """A promise that goes on as another one."""
    return _promise("%delay-force", x, form, environment)


def _promise(maker: str, x: Expander, form: Expression, environment: Environment) -> Node:
    return _promise_of(maker, x.expand(form[1], environment), Span.of(form))


def _promise_of(maker: str, node: Node, span: Span) -> Node:
    return core.Call(core.Builtin(maker, span), (thunk(node, span, "promised"),), span)


@special("(stream-cons first rest)", 2, 2)
def expand_stream_cons(x: Expander, form: Expression, environment: Environment) -> Node:
    """A pair whose second part is a promise."""
    first, rest = x.expand_all(form[1:], environment)
    span = Span.of(form)
    return core.Call(core.Builtin("cons", span), (first, _promise_of("%delay", rest, span)), span)


special("(cons-stream first rest)", 2, 2)(expand_stream_cons)


@special("(parameterize ((parameter value) …) body …)", 2)
def expand_parameterize(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body with parameters bound."""
    span = Span.of(form)
    operands: list[Node] = []
    for item in list_of(form[1], "parameterize"):
        if len(list_of(item, "parameterize")) != 2:
            raise malformed("parameterize", item)
        operands.extend(x.expand_all(item, environment))
    body = thunk(expand_body(x, form[2:], environment, span), span, "body")
    return core.Call(core.Builtin("%parameterize", span), (*operands, body), span)


@special("(guard (name clause …) body …)", 2)
def expand_guard(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body; its clauses see what it raises."""
    span = Span.of(form)
    head = list_of(form[1], "guard")
    if not head:
        raise malformed("guard", head)
    body = expand_body(x, form[2:], environment, span)
    scope = environment.inner()
    variable = variable_for(identifier(head[0], "the name in a guard"), scope)
    handler = expand_clauses(x, head[1:], scope, "guard", lambda: core.Reraise(span))
    return core.Guard(body, variable, handler, span)
