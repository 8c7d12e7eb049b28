"""Delimited continuations: what is left to do between some place and a frame around it."""

from __future__ import annotations

from omega_runtime.control.machine import call, current_machine, gone, run
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import make_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from omega_runtime.control.frames import Frame, State
    from omega_runtime.values import Procedure, Value


class Lost:
    """Stands for a resumption of code in a plain call, which has ended by the time that this can be called."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "#<continuation>"

    def __call__(self, *_: Value) -> NoReturn:
        raise gone()


class Resumption:
    """What is left to do from a step `k` on, within some frames, innermost first; to be called any number of times.

    It goes on inside of copies of the frames, and gives what the outermost of them gives.
    """

    __slots__ = ("_frames", "_k")

    def __init__(self, k: Any, frames: list[Frame]) -> None:
        self._k = k
        self._frames = frames

    def __repr__(self) -> str:
        return "#<continuation>"

    def __call__(self, *values: Value) -> Value:
        return run(self.cps, *values)

    def cps(self, k: Any, *values: Value) -> State:
        """The step that goes on with values."""
        if not values:
            raise OmegaError("a resumption takes the value to go on with")
        machine = current_machine()
        pending = list(self._frames)

        def resume(_: Value = None) -> State:
            while pending:
                is_outermost = len(pending) == len(self._frames)
                frame = pending.pop().again(machine.frames)
                if is_outermost:
                    frame.k = k
                if frame.before is not None:
                    return call, entering(frame), frame.before
                machine.frames = frame
                frame.enter()
            return self._k, make_values(*values)

        def entering(frame: Frame) -> Procedure:
            def entered(_: Value) -> State:
                machine.frames = frame
                frame.enter()
                return resume()

            return entered

        return resume()
