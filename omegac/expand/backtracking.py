"""amb, amb-collect: backtracking as effects, and the collection of all solutions."""

from __future__ import annotations

from hy.models import Expression

from omegac import core
from omegac.core import Node
from omegac.expand.control import thunk
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander
from omegac.expand.special import special
from omegac.source import Span


@special("(amb expression …)", 0)
def expand_amb(x: Expander, form: Expression, environment: Environment) -> Node:
    """The value of one of the expressions: `(effect amb.choose (list thunk …))`."""
    span = Span.of(form)
    if len(form) == 1:
        return core.Effect("amb.fail", (), (), span)
    thunks = tuple([thunk(x.expand(item, environment), Span.of(item), "choice") for item in form[1:]])
    return core.Effect("amb.choose", (core.Call(core.Builtin("list", span), thunks, span),), (), span)


@special("(amb-collect expression)", 1, 1)
def expand_amb_collect(x: Expander, form: Expression, environment: Environment) -> Node:
    """All values of the expression."""
    body = thunk(x.expand(form[1], environment), Span.of(form[1]), "solution")
    return core.Call(core.Builtin("%amb-collect", Span.of(form)), (body,), Span.of(form))


@special("(amb-collect-n count expression)", 2, 2)
def expand_amb_collect_n(x: Expander, form: Expression, environment: Environment) -> Node:
    """The first values of the expression."""
    body = thunk(x.expand(form[2], environment), Span.of(form[2]), "solution")
    count = x.expand(form[1], environment)
    return core.Call(core.Builtin("%amb-collect-n", Span.of(form)), (count, body), Span.of(form))
