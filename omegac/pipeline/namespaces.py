"""Where the variables of evaluated code live."""

from __future__ import annotations

from itertools import count
from weakref import WeakValueDictionary

import attrs
import hy
from omega_runtime.values.errors import OmegaError

from omegac.expand.environment import Toplevel

_serial = count(1)
_known: WeakValueDictionary[str, Namespace] = WeakValueDictionary()


class Namespace:
    """Values as attributes, by `attribute_of` their names; one that isn't there is an Omega error.

    `module` is its name in generated code. With `names`, the values are those, by the names they have there.
    """

    __slots__ = ("__dict__", "__weakref__", "module")

    def __init__(self, names: dict[str, object] | None = None) -> None:
        self.module = f"%{next(_serial)}"
        if names is not None:
            self.__dict__ = names
        _known[self.module] = self

    def __getattr__(self, name: str) -> object:
        if name.endswith("_"):
            raise OmegaError(f"unbound variable: {hy.unmangle(name[:-1])}")
        raise OmegaError(f"{hy.unmangle(name)} is used before it is defined")


def namespace(module: str) -> Namespace:
    """The namespace of that name."""
    return _known[module]


@attrs.frozen(eq=False)
class Evaluation:
    """How code is evaluated within a program: what it sees, where its definitions go, and whether it has no effects."""

    scope: Toplevel
    module: str
    is_sandbox: bool = False
