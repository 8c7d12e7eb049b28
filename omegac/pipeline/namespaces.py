"""Where the variables of evaluated code live."""

from __future__ import annotations

from itertools import count
from weakref import WeakValueDictionary

import attrs
import hy
from omega_runtime.values.errors import OmegaError

from omegac.expand.environment import Toplevel
from omegac.transform.weave import Place

_serial = count(1)
_known: WeakValueDictionary[str, Namespace] = WeakValueDictionary()


class Namespace:
    """Values as attributes; `module` is its name in generated code. An attribute that isn't there is an Omega error.

    `spellings` are the Omega names of attributes that aren't mangled ones.
    """

    __slots__ = ("__dict__", "__weakref__", "module", "spellings")

    def __init__(self, names: dict[str, object] | None = None, spellings: dict[str, str] | None = None) -> None:
        self.module = f"%{next(_serial)}"
        self.spellings = spellings or {}
        if names is not None:
            self.__dict__ = names
        _known[self.module] = self

    def __getattr__(self, name: str) -> object:
        spelling = self.spellings.get(name)
        if spelling is not None:
            raise OmegaError(f"{spelling} is used before it is defined")
        raise OmegaError(f"unbound variable: {hy.unmangle(name)}")


def namespace(module: str) -> Namespace:
    """The namespace of that name."""
    return _known[module]


@attrs.frozen(eq=False)
class Evaluation:
    """How code is evaluated within a program: what it sees, where its definitions go, and where the ledger books it.

    In a sandbox it has no effects.
    """

    scope: Toplevel
    module: str
    place: Place | None = None
    is_sandbox: bool = False
