"""What a name means, in Markdown: how it is called, what it says of itself, what calling it may do and cost."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from omegac.analyse.cost import algebra
from omegac.analyse.cost.bounds import Bound
from omegac.analyse.effects import KINDS
from omegac.core import External, Variable
from omegac.expand.environment import Binding, Free, Macro, SpecialForm
from omegac.library import library
from omegac.lsp.analysis import Analysis
from omegac.lsp.names import Definition, Occurrence
from omegac.repl.describe import usage

Found = tuple[Analysis, Definition]
Find = Callable[[Analysis, Binding], Found | None]
"""Finds what a name of another file stands for: that file's analysis, and the definition there."""


def described(analysis: Analysis, occurrence: Occurrence, find: Find) -> str | None:
    """What a name in a text means; None where it means nothing."""
    name, binding = occurrence.note.name, occurrence.note.binding
    match binding:
        case SpecialForm():
            return _page(binding.shape.replace(" or (", "\n("), inspect.getdoc(binding.expand))
        case Free():
            return described_library(binding.name)
        case Variable() | Macro():
            place = analysis.names.definition_of(binding)
            definition = None if place is None else analysis.names.defined_at(place.start)
            found = (analysis, definition) if definition else find(analysis, binding) if place is None else None
            if found is not None:
                return _described_definition(*found)
            return _page(name, _whence(analysis, binding, place))
        case External():
            found = find(analysis, binding)
            if found is not None:
                return _described_definition(*found, f"from `{binding.module}`")
            signature = binding.signature
            row = None if signature is None else f"Effects: {_row(signature.row)}"
            return _page(name, f"from `{binding.module}`", row)
    return None


def described_library(name: str) -> str | None:
    """A procedure of the library."""
    primitive = library().get(name)
    if primitive is None or name.startswith("%"):
        return None
    row = _row(primitive.row, [f"argument {position + 1}" for position in primitive.calls])
    return _page(usage(name, primitive.function), inspect.getdoc(primitive.function), f"Effects: {row}")


def _whence(analysis: Analysis, binding: Binding, place: Occurrence | None) -> str:
    """What a name is that no definition describes, and the line that it is bound on."""
    kind = "macro" if isinstance(binding, Macro) else "variable"
    if kind == "variable" and not analysis.names.is_toplevel(binding):
        kind = "local variable"
    return kind if place is None else f"{kind}, line {analysis.places.position(place.start).line + 1}"


def _described_definition(analysis: Analysis, definition: Definition, whence: str | None = None) -> str:
    if definition.usage is None or definition.kind == "macro":
        return _page(definition.usage or definition.name, definition.documentation, whence or definition.kind)
    position = definition.name_bounds[0]
    line = analysis.text.count("\n", 0, position) + 1
    column = position - analysis.text.rfind("\n", 0, position)
    row = analysis.rows.get((line, column))
    effects = None if row is None else f"Effects: {row}"
    bound = analysis.bounds.get(definition.name) if definition in analysis.names.definitions else None
    cost = None if bound is None else "\n".join(_cost(bound))
    return _page(definition.usage, definition.documentation, whence, effects, cost)


def _row(kinds: frozenset[str] | tuple[str, ...], calls: list[str] | None = None) -> str:
    parts = [each for each in KINDS if each in kinds]
    return ", ".join([*parts, *(f"calls {each}" for each in calls or ())]) or "pure"


def _cost(bound: Bound) -> Iterator[str]:
    """What calling a procedure may spend, as lines of a list."""
    if bound.is_free:
        yield "Cost: calls no model"
        return
    low, high = algebra.text(bound.low.calls), algebra.text(bound.high.calls)
    tokens = algebra.text(bound.high.tokens)
    yield "Cost:"
    yield f"- calls: {high if low == high else f'{low} to {high}'}"
    yield f"- tokens: {tokens if tokens == 'unknown' else f'at most {tokens}'}"
    yield from (f"- unknown: {cause.reason}, line {cause.span.line}" for cause in bound.causes)


def _page(code: str, *parts: str | None) -> str:
    return "\n\n".join([f"```lisp\n{code}\n```", *filter(None, parts)])
