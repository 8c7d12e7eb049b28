"""What one task has cost."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal


class TaskRecord:
    """A task that has ended: its description in words, and what it cost.

    `picodollars` are its price, None when a price is not known; `calls` were answered, or may have been
    billed; `seconds` is how long it took, `ended` when that was, in seconds since 1970. A task that an error
    ended is not complete.
    """

    __slots__ = ("calls", "description", "ended", "is_complete", "picodollars", "seconds", "tokens")

    def __init__(
        self,
        description: str,
        tokens: int,
        picodollars: int | None,
        calls: int,
        seconds: float,
        is_complete: bool,
        ended: float,
    ) -> None:
        self.description = description
        self.tokens = tokens
        self.picodollars = picodollars
        self.calls = calls
        self.seconds = seconds
        self.is_complete = is_complete
        self.ended = ended

    @property
    def dollars(self) -> Decimal | None:
        """The cost in US dollars."""
        if self.picodollars is None:
            return None
        from omega_runtime.money import dollars

        return dollars(self.picodollars)

    def __repr__(self) -> str:
        return f"#<task {self.description}: {self.tokens} tokens{'' if self.is_complete else ', incomplete'}>"
