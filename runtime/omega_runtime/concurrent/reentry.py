"""`sequential` as a step: its extent may be left and come back to."""

from __future__ import annotations

from omega_runtime.concurrent import library
from omega_runtime.concurrent.maps import is_sequential
from omega_runtime.control.frames import Frame
from omega_runtime.control.machine import reentrant, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.values import Procedure


class _Sequential(Frame):
    """The expression of `sequential`."""

    __slots__ = ("_outside",)

    def enter(self) -> None:
        self._outside = is_sequential.get()
        is_sequential.set(True)

    def leave(self) -> None:
        is_sequential.set(self._outside)


def _sequential(k: Any, thunk: Procedure) -> State:
    return within(_Sequential(k), thunk)


reentrant(_sequential)(library.sequential)
