"""Which element of which maps code works on, and where the work of a helping thread comes from."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


class Position:
    """An element of a map: its number, after those of the maps around; `outer` is the position of the map itself.

    `frame` is where the map was called, in a thread that helps with it, whose own frames end there; else None.
    """

    __slots__ = ("frame", "indices", "outer")

    def __init__(self, index: int, outer: Position | None, frame: FrameType | None = None) -> None:
        self.indices: tuple[int, ...] = (index,) if outer is None else (*outer.indices, index)
        self.outer = outer
        self.frame = frame


position: ContextVar[Position | None] = ContextVar("omega_position", default=None)
"""The innermost element that code works on here; None outside of all maps."""
