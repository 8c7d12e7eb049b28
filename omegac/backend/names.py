"""The tables that keep the names of generated Python apart."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import lru_cache

from omegac.names import identifier, python_name


@lru_cache
def field_names(fields: tuple[str, ...]) -> Mapping[str, str]:
    """The Python attribute for each field of a record type; none is private, a method's, a pair's or a procedure's."""
    table = NameTable(("self", "omega_fields", "car", "cdr", "tail"))
    return {field: table.claim(_public(python_name(field))) for field in fields}


def _public(name: str) -> str:
    """A name without underscores in front."""
    plain = name.lstrip("_")
    return identifier(plain) or f"field_{plain}"


class NameTable:
    """Names given out in one Python scope; neither `forbidden` ones nor those that `is_used` from outside."""

    def __init__(self, forbidden: Iterable[str] = (), is_used: Callable[[str], bool] | None = None) -> None:
        self.taken: set[str] = set(forbidden)
        self._is_used = is_used
        self._numbers: dict[str, int] = {}

    def has(self, name: str) -> bool:
        """Whether a name can't be given any more."""
        return name in self.taken or (self._is_used is not None and self._is_used(name))

    def claim(self, name: str, *avoided: Container[str]) -> str:
        """The name itself, or with a number when it's taken or one of those to avoid."""
        candidate = name
        while self.has(candidate) or any(candidate in names for names in avoided):
            self._numbers[name] = self._numbers.get(name, 1) + 1
            candidate = f"{name}_{self._numbers[name]}"
        self.taken.add(candidate)
        return candidate


class Names:
    """Hands out every name of a generated module, so that none hides another where that one is used.

    No name is of two kinds: `own` ones, which the program's variables want, in whatever scope; what the compiler
    adds to the module; and what it adds to functions. Those of functions may be the same in several of them.
    """

    def __init__(self, own: Iterable[str]) -> None:
        self._own = frozenset(own)
        self._module = NameTable()
        self._inside: set[str] = set()

    def is_defined(self, name: str) -> bool:
        """Whether the module has this name already."""
        return name in self._module.taken

    def definition(self, name: str) -> str:
        """The name of a top-level definition. Functions that refer to it must keep their variables off it."""
        return self._module.claim(name)

    def added(self, name: str) -> str:
        """The name of something that the compiler adds to the module; no function has a variable of that name."""
        return self._module.claim(name, self._own, self._inside)

    def imported(self, name: str) -> str:
        """As `added`, told apart by underscores."""
        while name in self._own or name in self._inside or name in self._module.taken:
            name += "_"
        return self._module.claim(name)

    def variable(self, name: str, scope: NameTable) -> str:
        """The name of a variable in a function: the one it wants, unless the function has or uses that already."""
        is_free = name in self._own and not scope.has(name)
        return scope.claim(name) if is_free else self.temporary(name, scope)

    def temporary(self, name: str, scope: NameTable) -> str:
        """The name of a local variable that the compiler adds to a function."""
        claimed = scope.claim(name, self._own, self._module.taken)
        self._inside.add(claimed)
        return claimed
