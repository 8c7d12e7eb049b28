"""Variables and what is known of their values, scope in scope."""

from __future__ import annotations

from collections.abc import Mapping

from omegac.analyse.cost.sizes import Size
from omegac.core import Variable


class Scope:
    """Variables and what is known of their values."""

    __slots__ = ("_outer", "_values")

    def __init__(self, outer: Scope | None = None, values: Mapping[Variable, Size] | None = None) -> None:
        self._outer = outer
        self._values: dict[Variable, Size] = dict(values or {})

    def bind(self, variable: Variable, size: Size) -> None:
        """Say what is known of a variable."""
        self._values[variable] = size

    def find(self, variable: Variable) -> Size | None:
        """What is known of a variable."""
        scope: Scope | None = self
        while scope is not None:
            if variable in scope._values:
                return scope._values[variable]
            scope = scope._outer
        return None
