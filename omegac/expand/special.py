"""The table of special forms, and checks that their expanders share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hy.models import Expression, Object, Symbol

from omegac import core
from omegac.core import Node
from omegac.errors import Malformed
from omegac.expand.environment import Environment, SpecialForm
from omegac.forms import Dotted
from omegac.source import Span

SPECIAL_FORMS: dict[str, SpecialForm] = {}
DEFINITIONS: dict[str, SpecialForm] = {}
Expand = Callable[[Any, Expression, Environment], Node]
Splice = Callable[[Any, Expression, Environment], Sequence[Object]]
SPLICES: dict[str, Splice] = {}
"""Forms that stand for other forms, in bodies for definitions, too; by name, what gives those."""


def special(shape: str, minimum: int, maximum: int | None = None) -> Callable[[Expand], Expand]:
    """Register the expander of the form that `shape` shows, with its number of operands (None: no limit)."""
    name = shape.strip("()").split()[0]

    def register(expander: Expand) -> Expand:
        SPECIAL_FORMS[name] = SpecialForm(name, shape, minimum, maximum, expander)
        return expander

    return register


def splicing(shape: str, minimum: int, maximum: int | None = None) -> Callable[[Splice], Splice]:
    """Register a form that stands for those that a function gives; none of them has an unspecified value."""
    name = shape.strip("()").split()[0]

    def register(splice: Splice) -> Splice:
        def expand(x: Any, form: Expression, environment: Environment) -> Node:
            nodes: tuple[Node, ...] = x.expand_all(splice(x, form, environment), environment)
            span = Span.of(form)
            return core.Sequence(nodes, span) if len(nodes) > 1 else (*nodes, core.Constant(None, span))[0]

        special(shape, minimum, maximum)(expand)
        SPLICES[name] = splice
        return splice

    return register


def definition(shape: str, minimum: int, maximum: int | None = None) -> None:
    """Register a form that only a body may hold; `bodies` scans it."""
    name = shape.strip("()").split()[0]

    def misplaced(_: Any, form: Expression, __: Environment) -> Node:
        raise Malformed(
            f"{name} stands where an expression is needed",
            Span.of(form),
            "put definitions at the top level or at the start of a body",
        )

    form = SpecialForm(name, shape, minimum, maximum, misplaced)
    SPECIAL_FORMS[name] = DEFINITIONS[name] = form


def check_shape(syntax: SpecialForm, form: Expression) -> None:
    """Raises Malformed unless the form has a fitting number of operands."""
    count = len(form) - 1
    if count < syntax.operands_min or (syntax.operands_max is not None and count > syntax.operands_max):
        raise Malformed(f"malformed {syntax.name}: expected {syntax.shape}", Span.of(form))


def malformed(name: str, place: Object, help: str | None = None) -> Malformed:
    """The error for a part of a special form that isn't as its shape says."""
    return Malformed(f"malformed {name}: expected {SPECIAL_FORMS[name].shape}", Span.of(place), help)


def keyword_of(form: Expression, environment: Environment) -> str:
    """The name of the special form that a form uses, whatever a program calls it."""
    return str(getattr(environment.lookup(form[0]), "name", form[0]))


def list_of(form: Object, name: str) -> Expression:
    """The form, which must be a proper list, as part of the special form `name`."""
    if not isinstance(form, Expression):
        raise malformed(name, form)
    return form


def identifier(form: Object, what: str) -> Symbol:
    """The form, which must be a symbol."""
    if not isinstance(form, Symbol):
        raise Malformed(f"{what} must be a symbol", Span.of(form))
    return form


def formals(form: Object) -> tuple[list[Symbol], Symbol | None]:
    """A parameter list `(a b . rest)`: the required names and the rest name. Raises Malformed on repeats."""
    if isinstance(form, Symbol):
        names, rest = [], form
    elif isinstance(form, Dotted):
        names, rest = [identifier(item, "a parameter") for item in form[:-1]], form[-1]
        identifier(rest, "a parameter")
    elif isinstance(form, Expression):
        names, rest = [identifier(item, "a parameter") for item in form], None
    else:
        raise Malformed("a parameter list is a list of symbols", Span.of(form))
    check_distinct([*names, *([rest] if rest is not None else [])], "parameter")
    return names, rest


def check_distinct(names: Iterable[Symbol], what: str) -> None:
    """Raises Malformed when a name is bound twice by one form."""
    seen: set[Symbol] = set()
    for name in names:
        if name in seen:
            raise Malformed(f"duplicate {what} {name}", Span.of(name))
        seen.add(name)
