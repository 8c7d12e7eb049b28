"""The tables that keep the names of generated Python apart."""

from __future__ import annotations

from collections.abc import Container, Iterable

from omegac.names import python_name


def field_names(fields: tuple[str, ...]) -> dict[str, str]:
    """The Python attribute for each field of a record type; none is private, a method's, or a pair's."""
    table = NameTable(("self", "omega_fields", "car", "cdr"))
    return {field: table.claim(python_name(field).lstrip("_") or "field") for field in fields}


class NameTable:
    """Names given out in one Python scope; `forbidden` ones are never given."""

    def __init__(self, forbidden: Iterable[str] = ()) -> None:
        self.taken: set[str] = set(forbidden)
        self._numbers: dict[str, int] = {}

    def claim(self, name: str, *avoided: Container[str]) -> str:
        """The name itself, or with a number when it's taken or one of those to avoid."""
        candidate = name
        while candidate in self.taken or any(candidate in names for names in avoided):
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
        is_free = name in self._own and name not in scope.taken
        return scope.claim(name) if is_free else self.temporary(name, scope)

    def temporary(self, name: str, scope: NameTable) -> str:
        """The name of a local variable that the compiler adds to a function."""
        claimed = scope.claim(name, self._own, self._module.taken)
        self._inside.add(claimed)
        return claimed
