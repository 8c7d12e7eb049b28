"""Symbols and keywords: interned names."""

from __future__ import annotations

from omega_runtime.acceleration import introduce
from omega_runtime.values.numerals import is_numeral

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

_SPECIAL = frozenset("()[]{}\"';`,|\\")


class Symbol:
    """A name as a value; `Symbol("a") is Symbol("a")`. Immutable; TypeError for a name that is no str."""

    __slots__ = ("name",)
    name: str
    _interned: ClassVar[dict[str, Symbol]] = {}

    def __new__(cls, name: str) -> Symbol:
        found = cls._interned.get(name)
        return found if found is not None else cls._interned.setdefault(str(name), cls.uninterned(name))

    @classmethod
    def uninterned(cls, name: str) -> Symbol:
        """A new symbol that is no other symbol, even one of the same name."""
        if not isinstance(name, str):
            raise TypeError(f"a symbol's name must be a str, but got {name!r}")
        symbol = object.__new__(cls)
        object.__setattr__(symbol, "name", str(name))
        return symbol

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"symbol {self.name} cannot be changed")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return _quoted(self.name)

    def __copy__(self) -> Symbol:
        return self

    def __deepcopy__(self, memo: object) -> Symbol:
        return self

    def __reduce__(self) -> tuple[type[Symbol], tuple[str]]:
        return Symbol, (self.name,)


introduce("Symbol", Symbol)


class Keyword:
    """A name that reads as `name:` or `:name` and stands for itself; interned and immutable as symbols."""

    __slots__ = ("name",)
    name: str
    _interned: ClassVar[dict[str, Keyword]] = {}

    def __new__(cls, name: str) -> Keyword:
        found = cls._interned.get(name)
        if found is not None:
            return found
        if not isinstance(name, str):
            raise TypeError(f"a keyword's name must be a str, but got {name!r}")
        keyword = object.__new__(cls)
        object.__setattr__(keyword, "name", str(name))
        return cls._interned.setdefault(str(name), keyword)

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"keyword {self} cannot be changed")

    def __str__(self) -> str:
        return self.name + ":"

    def __repr__(self) -> str:
        return _quoted(self.name) + ":"

    def __copy__(self) -> Keyword:
        return self

    def __deepcopy__(self, memo: object) -> Keyword:
        return self

    def __reduce__(self) -> tuple[type[Keyword], tuple[str]]:
        return Keyword, (self.name,)


def _quoted(name: str) -> str:
    """The name, in bars where the reader would otherwise take it for something else."""
    if _reads_back(name):
        return name
    return "|" + "".join(map(_escaped, name)) + "|"


def _reads_back(name: str) -> bool:
    if not name or name == "." or name[0] in "#:" or name[-1] == ":":
        return False
    if not name.isprintable() or any(c in _SPECIAL or c.isspace() for c in name):
        return False
    return not is_numeral(name)


def _escaped(character: str) -> str:
    if character in "|\\":
        return "\\" + character
    return character if character.isprintable() else f"\\x{ord(character):x};"
