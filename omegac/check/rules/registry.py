"""Which function checks which rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from omegac.check.subject import Subject
from omegac.source import Span

Found = Iterator[tuple[Span, str]]
"""Places and what is wrong there."""
Check = Callable[[Subject], Found]

CHECKS: dict[str, Check] = {}
"""By the code of the rule."""


def checks(code: str) -> Callable[[Check], Check]:
    """Registers the function that checks a rule."""

    def register(check: Check) -> Check:
        CHECKS[code] = check
        return check

    return register
