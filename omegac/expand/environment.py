"""Scopes and identifiers.

Hygiene works by renaming, as in Clinger and Rees, "Macros that work" (POPL 1991): every symbol that a
macro's template introduces becomes an `Alias`, which is looked up where it stands first and, if nothing
binds it there, where the macro was defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import TYPE_CHECKING, Any

import attrs
from hy.models import Expression, Symbol

from omegac.core import External, Node, Variable
from omegac.expand.fuel import Fuel
from omegac.forms import copy_place

if TYPE_CHECKING:
    from omegac.expand.expander import Expander


class Alias(Symbol):
    """A symbol introduced by one expansion of a macro; equal only to itself.

    `layers` counts the expansions that introduced it, one after another.
    """

    original: Symbol
    environment: Environment
    siblings: dict[Key, Alias]
    layers: int

    def __new__(cls, original: Symbol, environment: Environment, siblings: dict[Key, Alias]) -> Alias:
        """`siblings` are those of the same expansion, by their originals."""
        alias: Alias = str.__new__(cls, str(original))
        alias.original, alias.environment, alias.siblings = original, environment, siblings
        alias.layers = 1 + (original.layers if isinstance(original, Alias) else 0)
        siblings[key_of(original)] = alias
        return alias

    def sibling(self, original: Symbol) -> Alias:
        """The alias of another symbol that the same expansion introduces, with the place of this one."""
        found = self.siblings.get(key_of(original)) or Alias(original, self.environment, self.siblings)
        alias: Alias = copy_place(found, self)
        return alias

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


@attrs.frozen(eq=False)
class SpecialForm:
    """Syntax built into the language; `shape` is what the error message shows."""

    name: str
    shape: str
    operands_min: int
    operands_max: int | None
    expand: Callable[[Expander, Expression, Environment], Node]


@attrs.frozen(eq=False)
class Macro:
    """A user's syntax: `transform` gives the form that a use stands for.

    `assigns` are identifiers of its own scope that uses may assign.
    """

    name: str
    transform: Callable[[Expression, Environment, Fuel], Any]
    assigns: frozenset[Symbol] = frozenset()


@attrs.frozen
class Free:
    """A name that no scope binds: a library procedure, or an error."""

    name: str


Binding = Variable | External | SpecialForm | Macro | Free
Key = str | Alias


def key_of(identifier: Symbol) -> Key:
    """What a scope files an identifier under: its spelling, or itself when a macro introduced it."""
    return identifier if isinstance(identifier, Alias) else str(identifier)


class Environment:
    """A chain of scopes. A scope binds all its names before there are scopes inside of it.

    `jump` leads further out than `parent`, over scopes that bind none but the names in `jumped`. It is chosen as in
    Myers, "An applicative random-access stack" (1983), so that a lookup takes logarithmically many steps.
    """

    def __init__(self, parent: Environment | None = None) -> None:
        self.parent = parent
        self.bindings: dict[Key, Binding] = {}
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.jump = parent
        self.jumped: Set[Key] = frozenset()
        near = parent.jump if parent is not None else None
        far = near.jump if near is not None else None
        if parent and near and far and parent.depth - near.depth == near.depth - far.depth:
            self.jump = far
            self.jumped = parent.bindings.keys() | parent.jumped | near.bindings.keys() | near.jumped

    def inner(self) -> Environment:
        """A scope inside of this one, which binds nothing yet."""
        return Environment(self)

    @property
    def outermost(self) -> Environment:
        """The scope around all others."""
        scope = self
        while scope.jump is not None:
            scope = scope.jump
        return scope

    def bind(self, identifier: Symbol, binding: Binding) -> None:
        """Bind an identifier in this scope."""
        self.bindings[key_of(identifier)] = binding

    def bound_here(self, identifier: Symbol) -> Binding | None:
        """What this very scope binds the identifier to."""
        return self.bindings.get(key_of(identifier))

    def names(self) -> Iterator[str]:
        """What a program may write here, the library aside."""
        scope: Environment | None = self
        while scope is not None:
            yield from (key for key in scope.bindings if not isinstance(key, Alias))
            scope = scope.parent

    def lookup(self, identifier: Symbol) -> Binding:
        """What an identifier means here; Free when nothing binds it."""
        environment: Environment = self
        while True:
            key = key_of(identifier)
            scope: Environment | None = environment
            while scope is not None:
                found = scope.bindings.get(key)
                if found is not None:
                    return found
                scope = scope.parent if key in scope.jumped else scope.jump
            if not isinstance(identifier, Alias):
                return Free(str(identifier))
            identifier, environment = identifier.original, identifier.environment

    def means(self, identifier: Any, name: str) -> bool:
        """Whether a form is the auxiliary keyword `name` (else, =>, …), not rebound by the program."""
        return isinstance(identifier, Symbol) and str(identifier) == name and isinstance(self.lookup(identifier), Free)


class Toplevel(Environment):
    """An outermost scope: that of a program or of a library.

    `imported` says where imported names come from, `definitions` has the forms that define variables, `libraries` what
    libraries export that earlier evaluated code has defined.
    """

    def __init__(self) -> None:
        super().__init__()
        self.imported: dict[Key, str] = {}
        self.definitions: dict[Key, Expression] = {}
        self.libraries: dict[tuple[str, ...], dict[str, Binding]] = {}

    def another(self) -> Toplevel:
        """An outermost scope of the same kind, which binds nothing yet."""
        return Toplevel()
