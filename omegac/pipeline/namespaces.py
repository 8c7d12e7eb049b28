"""Where the variables of evaluated code live."""

from __future__ import annotations

from itertools import count
from weakref import WeakValueDictionary

import attrs
from omega_runtime.values.errors import OmegaError

from omegac.expand.environment import Toplevel

_serial = count(1)
_known: WeakValueDictionary[str, Namespace] = WeakValueDictionary()


class Namespace:
    """Values as attributes, by `attribute_of` their names; one that isn't there is an Omega error.

    `module` is its name in generated code. With `names`, the values are those, and `spellings` tells what
    Omega calls them.
    """

    __slots__ = ("__dict__", "__weakref__", "module", "spellings")

    def __init__(self, names: dict[str, object] | None = None, spellings: dict[str, str] | None = None) -> None:
        self.module = f"%{next(_serial)}"
        self.spellings = spellings or {}
        if names is not None:
            self.__dict__ = names
        _known[self.module] = self

    def __getattr__(self, name: str) -> object:
        if name in self.spellings:
            raise OmegaError(f"{self.spellings[name]} is used before it is defined")
        _, _, spelling = name.partition("'")
        raise OmegaError(f"unbound variable: {spelling}")


def namespace(module: str) -> Namespace:
    """The namespace of that name."""
    return _known[module]


@attrs.frozen(eq=False)
class Evaluation:
    """How code is evaluated within a program: what it sees, where its definitions go, and whether it has no effects.

    In a session later code may capture continuations that are entered again, in calls of what is defined now;
    `captures` is whether earlier code does.
    """

    scope: Toplevel
    module: str
    is_sandbox: bool = False
    is_session: bool = False
    captures: bool = False
