"""Forks: a child finds no lock that a thread of its parent holds, nothing half made, and nothing of its parent's."""

from __future__ import annotations

import os
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_locks: list[RLock] = []


def lock() -> RLock:
    """A lock for a whole module: a fork waits until it is free, and the child has it to itself.

    A thread that holds it may fork, from a signal handler for one, and takes no other of these locks.
    """
    made = RLock()
    _locks.append(made)
    return made


loading = lock()
"""Held while something large is imported or made for the first time: a child could never finish another's import."""


def in_child(forget: Callable[[], object]) -> None:
    """From now on call this in each forked child, to let go of what is its parent's."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


def _acquire() -> None:
    for each in _locks:
        each.acquire()


def _release() -> None:
    for each in _locks:
        each.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)
