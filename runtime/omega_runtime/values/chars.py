"""Characters."""

from __future__ import annotations

from omega_runtime.acceleration import introduce

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

_NAMES = {
    "\a": "alarm",
    "\b": "backspace",
    "\x7f": "delete",
    "\x1b": "escape",
    "\n": "newline",
    "\0": "null",
    "\r": "return",
    " ": "space",
    "\t": "tab",
}


class Char:
    """A character; `.value` is its one-character str. Immutable, equal to chars of the same value only.

    Raises ValueError for a string of any other length.
    """

    __slots__ = ("value",)
    value: str
    _latin: ClassVar[dict[str, Char]] = {}

    def __new__(cls, value: str) -> Char:
        found = cls._latin.get(value)
        if found is not None:
            return found
        if len(value) != 1:
            raise ValueError(f"a char is made of one character, not of {value!r}")
        char = object.__new__(cls)
        object.__setattr__(char, "value", value)
        return cls._latin.setdefault(value, char) if value < "\u0100" else char

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError("a char cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(other) is Char and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        if self.value in _NAMES:
            return "#\\" + _NAMES[self.value]
        return "#\\" + (self.value if self.value.isprintable() else f"x{ord(self.value):x}")

    def __copy__(self) -> Char:
        return self

    def __deepcopy__(self, memo: object) -> Char:
        return self

    def __reduce__(self) -> tuple[type[Char], tuple[str]]:
        return Char, (self.value,)


introduce("Char", Char)

LATIN = Char._latin
"""The chars of Latin-1 that there are, by their strings: to look one up is quicker than to ask for it."""
