"""Tail calls in constant space.

A procedure with tail calls that could grow the stack has two entries. Its `.tail` entry gives, in place of a
result, a tuple `(TAIL, callee, argument, …)` for the call still to be made. The procedure itself bounces
on its `.tail` entry until there is a result, so that ordinary callers never see such a tuple.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Tail:
    """The mark of a tail call still to be made; there is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "TAIL"


TAIL = _Tail()


def bounce(result: Any) -> Any:
    """Make tail calls until one gives a result."""
    before: Any = None
    asked: Any = None
    callee: Any = None
    while result.__class__ is tuple and result and result[0] is TAIL:
        before = asked  # noqa: F841 - `tail_sites` reads these when the call fails
        asked = callee
        callee = result[1]
        tail = getattr(callee, "tail", callee)
        # Plain calls take no C stack in CPython 3.11 and later, calls with *arguments do.
        count = len(result)
        if count == 3:
            result = tail(result[2])
        elif count == 4:
            result = tail(result[2], result[3])
        elif count == 2:
            result = tail()
        elif count == 5:
            result = tail(result[2], result[3], result[4])
        elif count == 6:
            result = tail(result[2], result[3], result[4], result[5])
        else:
            result = tail(*result[2:])
    return result


def entry(tail: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates the procedure that bounces on the given `.tail` entry."""

    def attach(procedure: Callable[..., Any]) -> Callable[..., Any]:
        procedure.tail = tail  # type: ignore[attr-defined]
        return procedure

    return attach


def named(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a procedure whose Omega name differs from its Python name."""

    def attach(procedure: Callable[..., Any]) -> Callable[..., Any]:
        procedure.__omega_name__ = name  # type: ignore[attr-defined]
        return procedure

    return attach
