"""A bound on what macros make, so that one that never ends is an error within seconds and little memory."""

from __future__ import annotations

from omegac.errors import Malformed
from omegac.source import Span

FORMS_MAX = 100_000
# A form that a macro only passes on costs this share of one that it makes.
_PASSED_ON_SHARE = 16


class Fuel:
    """How many forms the macros of a source may still make."""

    def __init__(self, forms: int = FORMS_MAX) -> None:
        self._left = forms * _PASSED_ON_SHARE

    def burn(self, macro: str, span: Span, *, made: int = 0, passed_on: int = 0) -> None:
        """Account for forms that a macro is about to make or pass on. Raises Malformed when there are too many."""
        self._left -= _PASSED_ON_SHARE * made + passed_on
        if self._left < 0:
            raise Malformed(
                f"the macros of this source make more than {FORMS_MAX:,} forms, here by {macro}",
                span,
                "a macro that uses itself must come to an end; a large table is better read from data",
            )
