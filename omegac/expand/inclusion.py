"""include, include-ci, cond-expand: forms that stand for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hy.models import Expression, Object, String, Symbol
from omega_runtime.lib.system import FEATURES

from omegac.errors import Malformed
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander
from omegac.expand.imports import has_library
from omegac.expand.special import list_of, malformed, splicing
from omegac.expand.surroundings import Missing
from omegac.forms import Dotted, VectorForm, copy_place
from omegac.source import Source, Span


@splicing('(include "file" …)', 1)
def splice_include(x: Expander, form: Expression, environment: Environment) -> Sequence[Object]:
    """The forms of files."""
    return included(x, form)


@splicing('(include-ci "file" …)', 1)
def splice_include_ci(x: Expander, form: Expression, environment: Environment) -> Sequence[Object]:
    """The forms of files, with symbols in lower case."""
    return [_folded(item) for item in included(x, form)]


def included(x: Expander, form: Expression) -> list[Object]:
    """The forms of the files that an `(include "file" …)` names."""
    return [item for name in form[1:] for item in x.read(_included_source(x, name, form))]


def _included_source(x: Expander, name: Object, form: Expression) -> Source:
    if not isinstance(name, String):
        raise Malformed("a file to include is named by a string", Span.of(name))
    source = Span.of(form).origin or x.source
    try:
        found = x.surroundings.included(str(name), source)
    except Missing as error:
        raise Malformed(str(error), Span.of(name), error.help) from None
    chain = [source.shown]
    while chain[-1] in x.includers:
        chain.append(x.includers[chain[-1]])
    if found.shown in chain:
        circle = " includes ".join([found.shown, *reversed(chain[: chain.index(found.shown) + 1])])
        raise Malformed(f"this inclusion would never end: {circle}", Span.of(name))
    x.includers[found.shown] = source.shown
    return found


def _folded(form: Object) -> Object:
    """A form with its symbols in lower case."""
    if isinstance(form, Symbol):
        return copy_place(Symbol(str(form).casefold(), from_parser=True), form)
    if isinstance(form, Expression | Dotted | VectorForm):
        return copy_place(type(form)([_folded(item) for item in form]), form)
    return form


@splicing("(cond-expand (requirement form …) … [(else form …)])", 1)
def splice_cond_expand(x: Expander, form: Expression, environment: Environment) -> Sequence[Object]:
    """The forms of the first clause whose requirement is met."""
    return chosen(x, form)


def chosen(x: Expander, form: Expression) -> Sequence[Object]:
    """What stands in the first clause of a `cond-expand` whose requirement is met."""
    for item in form[1:]:
        clause: Any = list_of(item, "cond-expand")
        if not clause:
            raise malformed("cond-expand", item)
        if is_met(x, clause[0]):
            forms: Sequence[Object] = clause[1:]
            return forms
    raise Malformed("no clause of this cond-expand applies", Span.of(form), "end it with (else …)")


def is_met(x: Expander, requirement: Object) -> bool:
    """Whether a requirement of `cond-expand` is met: a feature, or and, or, not, library."""
    if isinstance(requirement, Symbol):
        return str(requirement) == "else" or str(requirement) in FEATURES
    parts = list_of(requirement, "cond-expand")
    keyword = str(parts[0]) if parts and isinstance(parts[0], Symbol) else ""
    match keyword, parts[1:]:
        case "and", rest:
            return all(is_met(x, part) for part in rest)
        case "or", rest:
            return any(is_met(x, part) for part in rest)
        case "not", [part]:
            return not is_met(x, part)
        case "library", [name]:
            return has_library(x, name)
    raise malformed(
        "cond-expand", requirement, "a requirement is a feature, (and …), (or …), (not …) or (library name)"
    )
