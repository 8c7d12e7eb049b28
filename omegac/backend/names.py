"""Omega names as Python names, and the tables that keep them apart.

adaptive-summarize -> adaptive_summarize    valid? -> is_valid    reset! -> reset    a->b -> a_to_b
a Python keyword gets a trailing _; anything else is what hy.mangle makes of it
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from functools import lru_cache

import hy


def python_name(name: str) -> str:
    """The Python identifier for an Omega name."""
    text = name.removesuffix("!")
    if text.endswith("?") and len(text) > 1:
        text = "is-" + text[:-1]
    text = text.replace("->", "-to-") if not text.startswith("->") else text
    return _identifier(text[:1] + text[1:].replace("-", "_")) or full_name(name)


def _identifier(text: str) -> str | None:
    """A text as Python reads it as a name, with an underscore where that means something else; None if it is none."""
    text = unicodedata.normalize("NFKC", text)
    if not text.isidentifier() or text.strip("_") == "":
        return None
    return text + "_" if keyword.iskeyword(text) or (text.startswith("__") and text.endswith("__")) else text


def module_name(stem: str) -> str:
    """The Python module for an Omega file, given without its ending: `__init__` and the like stay as they are."""
    plain = unicodedata.normalize("NFKC", stem)
    return plain if plain.isidentifier() and not keyword.iskeyword(plain) else python_name(stem)


def full_name(name: str) -> str:
    """hy.mangle's form of a name: long, but two names never share it."""
    if not name:
        return "hyx_"
    if set(name) == {"_"}:
        return name + "x"
    mangled: str = hy.mangle(name.replace(".", "_"))
    return _identifier(mangled) or mangled


def class_name(record: str) -> str:
    """The Python class name for a record type: `sales-report` -> `SalesReport`."""
    plain = python_name(record)
    return _identifier("".join(part[:1].upper() + part[1:] for part in plain.split("_"))) or plain


def constant_name(text: str) -> str:
    """A name for a module-level constant."""
    plain = "".join(c if c.isalnum() else "_" for c in text).strip("_").upper()
    plain = unicodedata.normalize("NFKC", plain)
    return plain if plain.isidentifier() else "CONSTANT"


@lru_cache
def field_names(fields: tuple[str, ...]) -> Mapping[str, str]:
    """The Python attribute for each field of a record type; none is private, a method's, a pair's or a procedure's."""
    table = NameTable(("self", "omega_fields", "car", "cdr", "tail"))
    return {field: table.claim(_public(python_name(field))) for field in fields}


def _public(name: str) -> str:
    """A name without underscores in front."""
    plain = name.lstrip("_")
    return _identifier(plain) or f"field_{plain}"


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
