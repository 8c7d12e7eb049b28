"""What each name in a source means, noted while the source is expanded.

The expander asks the scopes what identifiers mean; the scopes here note the answers. So macros, hygiene and imports are
the compiler's own, and what can't be expanded is missing and nothing else.
"""

from __future__ import annotations

from typing import Any

import attrs
from hy.models import Symbol

from omegac.expand.environment import Alias, Binding, Environment, Toplevel
from omegac.source import Span

Place = tuple[str, int, int]
"""The name of a source, a line and a column from 1."""


@attrs.frozen(eq=False)
class Note:
    """A name in the text: what it means, the scope that was asked, and whether it stands there to be defined."""

    name: str
    binding: Binding
    scope: Environment
    defines: bool


class _Noting(Environment):
    """A scope that notes what it is asked."""

    notes: dict[Place, Note]

    def lookup(self, identifier: Symbol) -> Binding:
        """What an identifier means here."""
        found = super().lookup(identifier)
        self._note(identifier, found, defines=False)
        return found

    def bind(self, identifier: Symbol, binding: Binding) -> None:
        """Bind an identifier in this scope."""
        super().bind(identifier, binding)
        self._note(identifier, binding, defines=True)

    def inner(self) -> Environment:
        """A scope inside of this one, which binds nothing yet."""
        scope = NotingScope(self)
        scope.notes = self.notes
        return scope

    def _note(self, identifier: Symbol, binding: Binding, *, defines: bool) -> None:
        # What a macro introduced stands in its template.
        while isinstance(identifier, Alias):
            identifier = identifier.original
        span = Span.of(identifier)
        if span.origin is None:
            return
        place = (span.origin.name, span.line, span.column)
        before = self.notes.get(place)
        if before is None or not (before.defines and before.binding is binding):
            self.notes[place] = Note(str(identifier), binding, self, defines)


class NotingScope(_Noting):
    """A scope inside of others."""


class NotingToplevel(_Noting, Toplevel):
    """An outermost scope."""

    def __init__(self, notes: dict[Place, Note], bindings: dict[Any, Binding]) -> None:
        Toplevel.__init__(self)
        self.notes = notes
        self.bindings.update(bindings)

    def another(self) -> Toplevel:
        """An outermost scope of the same kind, which binds nothing yet."""
        return NotingToplevel(self.notes, {})
