"""Room that code keeps for a call to come: what else it asks for meanwhile fits beside that, and never waits for ever.

Who keeps room waits for others that may wait for that very room.
"""

from __future__ import annotations

from _weakref import ref
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _weakref import ReferenceType

    from omega_runtime.ledger.hold import Hold

# Who keeps room waits no longer for more, in seconds.
MOST_WAIT = 10.0

# Innermost first. They are weak, so that a hold which is lost with its room is handed back.
_here: ContextVar[tuple[ReferenceType[Room], ...]] = ContextVar("omega_keeping", default=())


class Room:
    """The room that is kept for one call."""

    __slots__ = ("__weakref__", "kept")

    def __init__(self) -> None:
        self.kept: Hold | None = None

    @property
    def is_kept(self) -> bool:
        """Whether there is a hold, which no call has used."""
        return self.kept is not None and bool(self.kept.open)

    def keep(self, hold: Hold) -> None:
        """Keep a hold, for the code from here on, in this context and copies of it, until it is taken or ended."""
        others = [room for room in _rooms() if room is not self]
        self.kept = hold
        _here.set(tuple(map(ref, (self, *others))))

    def take(self) -> Hold | None:
        """The hold, which is kept no longer."""
        kept, self.kept = self.kept, None
        return kept

    def end(self) -> None:
        """Release what is kept."""
        kept = self.take()
        if kept is not None and kept.open:
            kept.account.ledger.void(kept)


def kept_here() -> tuple[Hold, ...]:
    """What the code that runs here keeps, innermost first."""
    return tuple(room.kept for room in _rooms() if room.kept is not None)


def innermost_room() -> Room | None:
    """The last room that the code which runs here keeps."""
    rooms = _rooms()
    return rooms[0] if rooms else None


def _rooms() -> list[Room]:
    found = (reference() for reference in _here.get())
    return [room for room in found if room is not None and room.is_kept]
