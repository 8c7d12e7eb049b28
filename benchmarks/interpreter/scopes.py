"""Where variables live: in the environment of a scope, or, for top-level ones, in a cell of their own."""

from __future__ import annotations

from collections.abc import Iterable

from omega_runtime.values.errors import OmegaError

from benchmarks.interpreter.procedures import Code, Environment, Value
from omegac.core import Variable


class _Undefined:
    """The value of a variable before its definition is evaluated; there is one."""

    __slots__ = ()


UNDEFINED = _Undefined()


class Scope:
    """The variables of one environment, known before the program runs.

    `checked` says whether they can be used before they have a value. `procedure` is the outermost named procedure
    around the scope, which effect sites are booked under.
    """

    def __init__(
        self, variables: Iterable[Variable], outer: Scope | None, *, checked: bool = False, procedure: str = ""
    ) -> None:
        self.places = {variable: i for i, variable in enumerate(variables, 1)}
        self.outer = outer
        self.checked = checked
        self.procedure: str = procedure or (outer.procedure if outer else "")

    def find(self, variable: Variable) -> tuple[int, int, bool] | None:
        """How many scopes further out a variable lives, its index there, and whether to check it."""
        depth = 0
        scope: Scope | None = self
        while scope is not None:
            if variable in scope.places:
                return depth, scope.places[variable], scope.checked
            depth, scope = depth + 1, scope.outer
        return None


def outward(environment: Environment, depth: int) -> Environment:
    """The environment that is `depth` scopes further out."""
    for _ in range(depth):
        environment = environment[0]
    return environment


def local_reference(depth: int, index: int) -> Code:
    """The code that reads a variable which surely has a value."""
    if depth == 0:
        return lambda environment: environment[index]
    if depth == 1:
        return lambda environment: environment[0][index]
    if depth == 2:
        return lambda environment: environment[0][0][index]
    return lambda environment: outward(environment, depth)[index]


def checked_reference(depth: int, index: int, name: str) -> Code:
    """The code that reads a variable which may not be defined yet."""

    def reference(environment: Environment) -> Value:
        value = outward(environment, depth)[index]
        return used_early(name) if value is UNDEFINED else value

    return reference


def cell_reference(cell: list[Value], name: str) -> Code:
    """The code that reads a top-level variable."""

    def reference(_: Environment) -> Value:
        value = cell[0]
        return used_early(name) if value is UNDEFINED else value

    return reference


def used_early(name: str) -> Value:
    """Raises the error for a variable that has no value yet."""
    raise OmegaError(f"{name} is used before it is defined")
