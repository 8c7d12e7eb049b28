"""What a compiled `guard` uses."""

from __future__ import annotations

from omega_runtime.lib.conditions import enter_guard, leave_guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import Token
    from typing import Any


class guarded:  # noqa: N801 - reads like a keyword where it is used
    """The extent of a guard's body: errors raised in it go to the guard before any handler outside."""

    __slots__ = ("token",)
    token: Token[Any]

    def __enter__(self) -> None:
        self.token = enter_guard()

    def __exit__(self, *_: object) -> None:
        leave_guard(self.token)
