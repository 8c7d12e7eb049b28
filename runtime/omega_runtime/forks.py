"""Forks: a child finds no lock that a thread of its parent holds, nothing half made, and nothing of its parent's."""

from __future__ import annotations

import _imp
import os
import sys
from _thread import RLock, allocate_lock, get_ident
from _weakrefset import WeakSet
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable
    from types import FrameType

# The imports of the runtime take seconds; a fork waits for no longer than so many for those of other threads.
_PATIENCE = 10.0
_IMPORTING = "<frozen importlib._bootstrap>"

_locks: list[RLock] = []
_held: list[RLock] = []
_fresh: WeakSet[LockType] = WeakSet()


def lock() -> RLock:
    """A lock for a whole module: a fork waits until it is free, and the child has it to itself.

    A thread that holds it may fork, from a signal handler for one, and takes no other of these locks.
    """
    made = RLock()
    _locks.append(made)
    return made


def fresh_lock() -> LockType:
    """A lock for one object of many: it is free in each child, whatever its parent's threads were doing."""
    made = allocate_lock()
    _fresh.add(made)
    return made


loading = lock()
"""Held while something is made that a process needs once and that takes long."""


def in_child(forget: Callable[[], object]) -> None:
    """From now on call this in each forked child, to let go of what is its parent's."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


def _before() -> None:
    for each in tuple(_locks):
        each.acquire()
        _held.append(each)
    _await_imports()


def _after() -> None:
    _imp.release_lock()
    while _held:
        _held.pop().release()


def _free() -> None:
    for each in _fresh:
        each._at_fork_reinit()  # type: ignore[attr-defined]


def _await_imports() -> None:
    """Take Python's import lock while no other thread imports for the runtime.

    A child can never finish such an import, and would wait for it for ever at its own first call.
    """
    patience = monotonic() + _PATIENCE
    while True:
        _imp.acquire_lock()
        threads = [frame for thread, frame in sys._current_frames().items() if thread != get_ident()]
        if not any(map(_is_importing, threads)) or monotonic() > patience:
            return
        _imp.release_lock()
        sleep(0.002)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a thread imports something on behalf of the runtime; whole programs may run while they are imported."""
    is_import = False
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTING:
            is_import = True
        elif is_import and str(frame.f_globals.get("__name__")).startswith("omega_runtime"):
            return True
        frame = frame.f_back
    return False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
    os.register_at_fork(after_in_child=_free)
