"""The names of a source: where each stands and what it means, and what its definitions say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property, partial

import attrs
from hy.models import Expression, Object, String, Symbol

from omegac.core import External, Variable
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.expand.environment import Binding, Macro, Toplevel
from omegac.expand.special import SPECIAL_FORMS
from omegac.expand.surroundings import Surroundings
from omegac.formatting.tokens import Kind, Token, tokens
from omegac.forms import Dotted
from omegac.lsp.noting import Note, NotingToplevel, Place
from omegac.lsp.places import Places
from omegac.lsp.reading import forms_of
from omegac.pipeline.sandbox import Sandbox
from omegac.source import Source, Span

_PROCEDURES = ("define", "define-tool", "define-macro")


@attrs.frozen(eq=False)
class Occurrence:
    """A name in the text, from an offset to before another one, and what is noted of it."""

    start: int
    end: int
    note: Note


@attrs.frozen
class Definition:
    """A form that defines a name: both with their offsets, the name as it is spelled, how it is called and documented.

    `inner` are the definitions within it.
    """

    name: str
    kind: str
    name_bounds: tuple[int, int]
    form_bounds: tuple[int, int]
    usage: str | None
    documentation: str | None
    inner: tuple[Definition, ...]


@attrs.frozen(eq=False, slots=False)
class Names:
    """The names of a source, expanded as far as that goes, for which deep programs need `omega_runtime.deep` around.

    `notes` has those of included files, too. `toplevel` is the outermost scope. `is_whole` is whether all of it could
    be read and expanded, so that no name is missing.
    """

    source: Source
    places: Places
    forms: tuple[Object, ...]
    notes: dict[Place, Note]
    toplevel: NotingToplevel
    is_whole: bool

    @classmethod
    def of(cls, source: Source, places: Places, surroundings: Surroundings) -> Names:
        """The names of a source."""
        diagnostics = Diagnostics(source)
        forms = forms_of(source, diagnostics)
        notes: dict[Place, Note] = {}
        toplevel = NotingToplevel(notes, dict(SPECIAL_FORMS))
        # What was noted before the compiler gives up still holds.
        with suppress(SyntaxError):
            expand(forms, diagnostics, surroundings, partial(Sandbox, source), toplevel)
        return cls(source, places, forms, notes, toplevel, all(each.severity != "error" for each in diagnostics.items))

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of the text."""
        return tuple(tokens(self.source.text))

    @cached_property
    def _token_starts(self) -> list[int]:
        return [each.start for each in self.tokens]

    def token_at(self, offset: int) -> Token | None:
        """The token that holds an offset; at the border of two, the one that begins there."""
        index = bisect_right(self._token_starts, offset) - 1
        return self.tokens[index] if index >= 0 and offset < self.tokens[index].end else None

    @cached_property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """The names in this text that mean something, in order."""
        found = []
        for (source, line, column), note in self.notes.items():
            if source != self.source.name:
                continue
            start, _ = self.places.bounds(Span(line, column, line, column))
            token = self.token_at(start)
            # Names that macros put together have the place of something else.
            if token and token.start == start and token.kind is Kind.ATOM and _spells(token.text, note.name):
                found.append(Occurrence(start, token.end, note))
        return tuple(sorted(found, key=lambda each: each.start))

    def at(self, offset: int) -> Occurrence | None:
        """The name that an offset is within, or behind."""
        index = bisect_right([each.start for each in self.occurrences], offset) - 1
        found = self.occurrences[index] if index >= 0 else None
        return found if found is not None and offset <= found.end else None

    def of_binding(self, binding: Binding) -> list[Occurrence]:
        """All names that mean the same."""
        return [each for each in self.occurrences if each.note.binding == binding]

    def elsewhere(self, binding: Binding) -> list[Place]:
        """Where in included files names mean the same, those that define it first."""
        found = [
            (place, note)
            for place, note in self.notes.items()
            if place[0] != self.source.name and note.binding == binding
        ]
        return [place for place, note in sorted(found, key=lambda each: not each[1].defines)]

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The forms of the top level that define something, in order."""
        return tuple(_definitions(self.forms, self.places))

    @cached_property
    def _by_start(self) -> dict[int, Definition]:
        found = {}
        pending = list(self.definitions)
        while pending:
            each = pending.pop()
            found[each.name_bounds[0]] = each
            pending += each.inner
        return found

    def definition_of(self, binding: Binding) -> Occurrence | None:
        """Where in this text a binding is made."""
        return next((each for each in self.of_binding(binding) if each.note.defines), None)

    def defined_at(self, offset: int) -> Definition | None:
        """What the form says that defines the name which begins at an offset."""
        return self._by_start.get(offset)

    def is_toplevel(self, binding: Binding) -> bool:
        """Whether a binding is made at the top level of the text or of a library in it, for other files to see."""
        place = self.definition_of(binding)
        return place is not None and isinstance(place.note.scope, Toplevel)


def is_own(binding: Binding) -> bool:
    """Whether a program makes a binding itself."""
    return isinstance(binding, Variable | Macro)


def is_foreign(binding: Binding) -> bool:
    """Whether a binding comes from another file."""
    return isinstance(binding, External)


def _spells(text: str, name: str) -> bool:
    return text == name or text.startswith("|") or text.casefold() == name


def _definitions(forms: Iterable[Object], places: Places) -> Iterator[Definition]:
    """What forms define, one after another, with what is defined in their bodies."""
    for form in forms:
        if not isinstance(form, Expression) or len(form) < 2 or not isinstance(form[0], Symbol):
            continue
        head, target = str(form[0]), form[1]
        if head in ("begin", "define-library"):
            yield from _definitions(form[1:], places)
        elif head.startswith("define"):
            while isinstance(target, Expression | Dotted) and target:
                target = target[0]
            if isinstance(target, Symbol):
                yield _definition(form, head, target, places)


def _definition(form: Expression, head: str, name: Symbol, places: Places) -> Definition:
    body = form[2:]
    usage = None
    if isinstance(form[1], Expression | Dotted) and head in _PROCEDURES:
        usage = _text(form[1], places)
    elif len(form) == 3 and isinstance(form[2], Expression) and str(next(iter(form[2]), "")) in ("lambda", "λ"):
        procedure, body = form[2], form[2][2:]
        inner = _text(procedure[1], places) if len(procedure) > 1 else ""
        usage = f"({name}{' ' if inner[1:-1] else ''}{inner[1:-1]})" if inner.startswith("(") else f"({name} . {inner})"
    documentation = str(body[0]) if usage and body and isinstance(body[0], String) else None
    if documentation is not None and len(body) == 1:
        documentation = None
    return Definition(
        str(name),
        "procedure" if usage and head != "define-macro" else _KINDS.get(head, "variable"),
        places.bounds(Span.of(name)),
        places.bounds(Span.of(form)),
        usage,
        documentation,
        tuple(_definitions(body, places)) if usage else (),
    )


_KINDS = {"define-syntax": "macro", "define-macro": "macro", "define-record-type": "record type"}


def _text(form: Object, places: Places) -> str:
    start, end = places.bounds(Span.of(form))
    return " ".join(places.text[start:end].split())
