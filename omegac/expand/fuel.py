"""Bounds on what macros make, so that one that never ends is an error within seconds and little memory."""

from __future__ import annotations

from hy.models import Object, Sequence

from omegac.errors import Diagnostics
from omegac.forms import VectorForm, expansion_depth, size_of
from omegac.source import Span

FORMS_MAX = 100_000
EXPANSION_DEPTH_MAX = 2_000
_MEND = "a macro that uses itself must come to an end; a large table is better read from data"
# A form that a macro only looks at or passes on costs this share of one that it makes.
_PASSED_ON_SHARE = 16


class Fuel:
    """What the macros of a source may still make. Whoever would pass a bound ends the compilation: OmegaSyntaxError."""

    def __init__(self, diagnostics: Diagnostics, forms: int = FORMS_MAX) -> None:
        self._diagnostics = diagnostics
        self._left = forms * _PASSED_ON_SHARE
        self._macro = ""

    def use(self, macro: str, form: Object) -> None:
        """Account for a use of a macro, which what another macro made may hold, but not too deep."""
        self._macro = macro
        if expansion_depth(form) >= EXPANSION_DEPTH_MAX:
            problem = f"a use of {macro} stands more than {EXPANSION_DEPTH_MAX:,} levels deep in what macros make"
            self._diagnostics.give_up(problem, Span.of(form), _MEND)

    def burn(self, place: Object, *, made: int = 0, passed_on: int = 0) -> None:
        """Account for forms that macros make or pass on."""
        self._left -= _PASSED_ON_SHARE * made + passed_on
        if self._left < 0:
            problem = f"the macros of this source make more than {FORMS_MAX:,} forms, here by {self._macro}"
            self._diagnostics.give_up(problem, Span.of(place), _MEND)

    def expand(self, form: Object) -> None:
        """Account for the expansion of a form: once more, in another place where a macro put it, it counts as made."""
        if not isinstance(form, Sequence):
            return
        if isinstance(form, VectorForm):
            self.quote(form)
        elif _is_used(form):
            self.burn(form, made=1, passed_on=len(form))
        form.is_used = True

    def quote(self, form: Object) -> None:
        """Account for a form that becomes a value: it is passed on, unless it stands only where it was read."""
        if _is_used(form) or expansion_depth(form):
            self.burn(form, passed_on=size_of(form))
        form.is_used = True


def _is_used(form: Object) -> bool:
    return bool(getattr(form, "is_used", False))
