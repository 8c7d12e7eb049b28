"""quote and quasiquote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hy.models import Expression, Object, Symbol
from omega_runtime.values.pairs import NIL

from omegac import core
from omegac.core import Node
from omegac.errors import Malformed
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander
from omegac.expand.special import special
from omegac.forms import Dotted, VectorForm, datum
from omegac.source import Span


@special("(quote datum)", 1, 1)
def expand_quote(x: Expander, form: Expression, environment: Environment) -> Node:
    return core.Constant(datum(form[1]), Span.of(form))


@special("(quasiquote template)", 1, 1)
def expand_quasiquote(x: Expander, form: Expression, environment: Environment) -> Node:
    return _Template(x, environment).node(form[1], 1)


@special("(unquote expression)", 1, 1)
def expand_unquote(x: Expander, form: Expression, environment: Environment) -> Node:
    raise Malformed("unquote outside of a quasiquote", Span.of(form))


@special("(unquote-splicing expression)", 1, 1)
def expand_unquote_splicing(x: Expander, form: Expression, environment: Environment) -> Node:
    raise Malformed("unquote-splicing outside of a quasiquote", Span.of(form))


class _Template:
    """Builds the node of a quasiquote's template; parts without an unquote stay constants."""

    def __init__(self, expander: Expander, environment: Environment) -> None:
        self.expander = expander
        self.environment = environment

    def node(self, form: Object, depth: int) -> Node:
        span = Span.of(form)
        if isinstance(form, VectorForm):
            items = self._items(form, NIL, depth, span)
            return _constant_or(form, items, lambda: self._call("list->vector", (items,), span))
        if isinstance(form, Dotted):
            last = self.node(form[-1], depth)
            return self._items(form[:-1], last, depth, span)
        if not isinstance(form, Expression):
            return core.Constant(datum(form), span)
        keyword = self._keyword(form)
        if keyword == "unquote":
            if depth == 1:
                return self.expander.expand(form[1], self.environment)
            return self._nested(form, depth - 1)
        if keyword == "quasiquote":
            return self._nested(form, depth + 1)
        if len(form) > 2 and self._keyword(Expression(form[-2:])) == "unquote":
            return self._items(form[:-2], self.node(Expression(form[-2:]), depth), depth, span)
        return self._items(form, NIL, depth, span)

    def _keyword(self, form: Object) -> str | None:
        """unquote, unquote-splicing or quasiquote, when a form is one applied to one operand."""
        if isinstance(form, Expression) and len(form) == 2 and isinstance(form[0], Symbol):
            syntax = self.environment.lookup(form[0])
            name = getattr(syntax, "name", "")
            if name in ("unquote", "unquote-splicing", "quasiquote"):
                return str(name)
        return None

    def _nested(self, form: Expression, depth: int) -> Node:
        return self._items(form, NIL, depth, Span.of(form), splice=False)

    def _items(self, forms: Sequence[Object], tail: Any, depth: int, span: Span, splice: bool = True) -> Node:
        """The node of a list with the given items and tail (a node or NIL)."""
        result: Node = core.Constant(NIL, span) if tail is NIL else tail
        for form in reversed(forms):
            if splice and self._keyword(form) == "unquote-splicing":
                if depth == 1:
                    spliced = self.expander.expand(form[1], self.environment)
                    result = self._append(spliced, result, span)
                    continue
                item = self._nested(form, depth - 1)
            else:
                item = self.node(form, depth)
            result = self._cons(item, result, span)
        return result

    def _append(self, spliced: Node, rest: Node, span: Span) -> Node:
        if isinstance(rest, core.Constant) and rest.value is NIL:
            return spliced
        return self._call("append", (spliced, rest), span)

    def _cons(self, first: Node, rest: Node, span: Span) -> Node:
        if isinstance(first, core.Constant) and isinstance(rest, core.Constant):
            from omega_runtime.values.pairs import Pair

            return core.Constant(Pair(first.value, rest.value), span)
        return self._call("cons", (first, rest), span)

    @staticmethod
    def _call(name: str, operands: tuple[Node, ...], span: Span) -> Node:
        return core.Call(core.Builtin(name, span), operands, span)


def _constant_or(form: Object, items: Node, otherwise: Any) -> Node:
    if isinstance(items, core.Constant):
        return core.Constant(datum(form), items.span)
    node: Node = otherwise()
    return node
