"""Counts of tokens in what providers answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class UnreadableAnswer(Exception):
    """The provider answered with success, but not with an answer that has text and token counts."""


def count(holder: Value, name: str, optional: bool = False) -> int:
    """A number of tokens; raises UnreadableAnswer when there is none."""
    number = holder.get(name) if isinstance(holder, dict) else None
    if number is None and optional:
        return 0
    if type(number) is not int or number < 0:
        raise UnreadableAnswer(f"{name} is no count")
    return number
