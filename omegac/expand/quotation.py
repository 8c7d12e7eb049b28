"""quote and quasiquote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hy.models import Expression, Object, Symbol
from omega_runtime.values.pairs import NIL, Pair, unlist
from omega_runtime.values.vectors import Vector

from omegac import core
from omegac.core import Node
from omegac.errors import Malformed
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, quoted
from omegac.expand.special import special
from omegac.forms import Dotted, VectorForm, copy_place
from omegac.source import Span


@special("(quote datum)", 1, 1)
def expand_quote(x: Expander, form: Expression, environment: Environment) -> Node:
    """A datum."""
    x.fuel.quote(form[1])
    return quoted(form[1], Span.of(form))


@special("(quasiquote template)", 1, 1)
def expand_quasiquote(x: Expander, form: Expression, environment: Environment) -> Node:
    """A datum with parts that are computed."""
    return _Template(x, environment).node(form[1], 1)


@special("(unquote expression)", 1, 1)
def expand_unquote(x: Expander, form: Expression, environment: Environment) -> Node:
    """Only inside of a quasiquote."""
    raise Malformed("unquote outside of a quasiquote", Span.of(form))


@special("(unquote-splicing expression)", 1, 1)
def expand_unquote_splicing(x: Expander, form: Expression, environment: Environment) -> Node:
    """Only inside of a quasiquote."""
    raise Malformed("unquote-splicing outside of a quasiquote", Span.of(form))


class _Template:
    """Builds the node of a quasiquote's template; parts without an unquote stay constants."""

    def __init__(self, expander: Expander, environment: Environment) -> None:
        self.expander = expander
        self.environment = environment

    def node(self, form: Object, depth: int) -> Node:
        span = Span.of(form)
        self.expander.fuel.expand(form)
        if isinstance(form, VectorForm):
            items = self._items(form, NIL, depth, span)
            elements = unlist(items.value) if isinstance(items, core.Constant) else None
            if elements is not None:
                return core.Constant(Vector(elements), span)
            return self._call("list->vector", (items,), span)
        if isinstance(form, Dotted):
            last = self.node(form[-1], depth)
            return self._items(form[:-1], last, depth, span)
        if not isinstance(form, Expression):
            return quoted(form, span)
        keyword = self._keyword(form)
        if keyword == "unquote" and depth == 1:
            return self.expander.expand(form[1], self.environment)
        if keyword == "unquote-splicing" and depth == 1:
            raise Malformed("unquote-splicing stands outside of a list", span)
        if keyword is not None:
            return self._items(form, NIL, depth + (1 if keyword == "quasiquote" else -1), span)
        if len(form) > 2 and self._keyword(Expression(form[-2:])) in ("unquote", "quasiquote"):
            tail = copy_place(Expression(form[-2:]), form[-2])
            return self._items(form[:-2], self.node(tail, depth), depth, span)
        return self._items(form, NIL, depth, span)

    def _keyword(self, form: Object) -> str | None:
        """unquote, unquote-splicing or quasiquote, when a form is one applied to one operand."""
        if isinstance(form, Expression) and len(form) == 2 and isinstance(form[0], Symbol):
            syntax = self.environment.lookup(form[0])
            name = getattr(syntax, "name", "")
            if name in ("unquote", "unquote-splicing", "quasiquote"):
                return str(name)
        return None

    def _items(self, forms: Sequence[Object], tail: Any, depth: int, span: Span) -> Node:
        """The node of a list with the given items and tail (a node or NIL)."""
        result: Node = core.Constant(NIL, span) if tail is NIL else tail
        pending: list[Node] = []
        for form in reversed(forms):
            if self._keyword(form) == "unquote-splicing" and depth == 1:
                result = self._with_items(pending, result, span)
                pending = []
                result = self._append(self.expander.expand(form[1], self.environment), result, span)
            else:
                pending.insert(0, self.node(form, depth))
        return self._with_items(pending, result, span)

    def _append(self, spliced: Node, rest: Node, span: Span) -> Node:
        if isinstance(rest, core.Constant) and rest.value is NIL:
            return spliced
        return self._call("append", (spliced, rest), span)

    def _with_items(self, items: list[Node], rest: Node, span: Span) -> Node:
        """The list of the items followed by `rest`; constants at its end become one constant."""
        while items and isinstance(last := items[-1], core.Constant) and isinstance(rest, core.Constant):
            rest = core.Constant(Pair(last.value, rest.value), span)
            items.pop()
        if not items:
            return rest
        if isinstance(rest, core.Constant) and rest.value is NIL:
            return self._call("list", tuple(items), span)
        if len(items) == 1:
            return self._call("cons", (items[0], rest), span)
        return self._call("cons*", (*items, rest), span)

    @staticmethod
    def _call(name: str, operands: tuple[Node, ...], span: Span) -> Node:
        return core.Call(core.Builtin(name, span), operands, span)
