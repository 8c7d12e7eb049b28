"""The C accelerator, where it was built: it does the usual cases of some functions, and makes pairs.

The runtime behaves the same without it. `OMEGAC_PURE=1` in the environment leaves it out.
"""

from __future__ import annotations

import os
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")

# Of the accelerator: one that was built from older sources, as after an update in place, is left out.
INTERFACE = 5

_speed: Any
try:
    _speed = None if os.environ.get("OMEGAC_PURE") else import_module("omega_runtime._speed")
except ImportError:
    _speed = None
if getattr(_speed, "INTERFACE", None) != INTERFACE:
    _speed = None

IS_ACCELERATED = _speed is not None


def accelerated(function: T) -> T:
    """Decorates a function that may have its usual cases in C; gives what does its work."""
    return function if _speed is None else _speed.accelerated(function)


def pair_class(python: type[T]) -> type[T]:
    """Decorates the class of pairs; gives that of the accelerator, with the methods of this one."""
    if _speed is None:
        return python
    for name, value in vars(python).items():
        if name not in ("car", "cdr"):
            setattr(_speed.Pair, name, value)
    return _speed.Pair  # type: ignore[no-any-return]


def introduce(name: str, value: object) -> None:
    """Tells the accelerator of a class or value that it must know."""
    if _speed is not None:
        _speed.introduce(name, value)
