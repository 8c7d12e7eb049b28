"""What surrounds code in continuation-passing style: a list of frames, and the ways through it.

A frame stands for a dynamic extent: a guard, a `dynamic-wind`, a `handle`, a budget. The code inside has `back` for
its last continuation, which ends the extent and goes on behind it, at the frame's `k`. Frames never change once they
are entered, so a captured continuation is its next step together with the frames around it, and the lists of several
share their ends.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.machine import Machine
    from omega_runtime.values import Procedure, Value

    State = tuple[Any, ...]


class Frame:
    """One dynamic extent; `k` is the continuation behind it, `outer` the frame around it.

    `before` and `after` are procedures of no arguments, or None, to be called whenever control enters and leaves.
    """

    __slots__ = ("depth", "k", "outer")

    k: Any
    outer: Frame | None
    depth: int

    before: Procedure | None = None
    after: Procedure | None = None

    def __init__(self, k: Any) -> None:
        self.k = k

    def around(self, outer: Frame | None) -> Frame:
        """This frame, not entered yet, inside of another one."""
        self.outer = outer
        self.depth = 0 if outer is None else outer.depth + 1
        return self

    def again(self, outer: Frame | None) -> Frame:
        """A frame like this one inside of another one, for a continuation that is put on top of other code."""
        from copy import copy

        return copy(self).around(outer)

    def enter(self) -> None:
        """Control comes in, for the first time or once more."""

    def leave(self) -> None:
        """Control goes out, to come back perhaps.

        Because of an interrupt it may never have come in, or only half of the way, or may be out already.
        """

    def returned(self, value: Value) -> State:
        """The code inside gave a value; the frame has been left."""
        return self.k, value

    def caught(self, error: Exception) -> State | None:  # noqa: ARG002
        """An error came out of the code inside, and the frame has been left: where to go on, None for further out."""
        return None

    def keep(self, machine: Machine) -> None:
        """A continuation was captured inside: control may come back after it went out."""

    def end(self, error: BaseException | None) -> None:
        """Control went out by an error that passed."""

    def close(self) -> None:
        """The run is over, in which this frame was to be kept."""


def common(one: Frame | None, other: Frame | None) -> Frame | None:
    """The innermost frame that two lists share."""
    while one is not other:
        if other is None or (one is not None and one.depth > other.depth):
            assert one is not None
            one = one.outer
        elif one is None or other.depth > one.depth:
            other = other.outer
        else:
            one, other = one.outer, other.outer
    return one


def between(inner: Frame | None, outer: Frame | None) -> list[Frame]:
    """The frames from `inner` on that lie inside of `outer`, innermost first."""
    found = []
    while inner is not outer:
        assert inner is not None
        found.append(inner)
        inner = inner.outer
    return found
