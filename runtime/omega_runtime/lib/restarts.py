"""Restarts: ways to go on after an error or signal, which those who notice it offer to those who decide."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime.lib.arguments import callee
from omega_runtime.lib.conditions import raise_here
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from omega_runtime.values import List, Procedure, Value


class Restart:
    """A way to go on that has a name; it is in effect while the form that established it is being evaluated."""

    __slots__ = ("name", "outer", "procedure")

    def __init__(self, name: Symbol, procedure: Procedure, outer: Restart | None) -> None:
        self.name = name
        self.procedure = procedure
        self.outer = outer

    def __repr__(self) -> str:
        return f"#<restart {self.name}>"


innermost: ContextVar[Restart | None] = ContextVar("restarts", default=None)
"""The last one established of those in effect."""


class _Unwind(BaseException):
    """Unwinds to the `restart-case` of a clause; no guard or handler sees it."""

    def __init__(self, clause: _Clause, arguments: tuple[Value, ...]) -> None:
        super().__init__()
        self.clause = clause
        self.arguments = arguments


class _Clause:
    """What a restart of a `restart-case` does: leave everything inside, then call the clause's procedure."""

    __slots__ = ("procedure",)

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure

    def __call__(self, *arguments: Value) -> NoReturn:
        raise _Unwind(self, arguments)


@primitive("%restart-bind")
def restart_bind(*operands: Value) -> Value:
    """Calls the last operand with restarts: name, procedure, name, procedure, …, thunk."""
    *named, thunk = operands
    return _with_restarts(bound(named), thunk)


def bound(named: list[Value]) -> Restart | None:
    """Restarts from the operands of `restart-bind`, inside of those in effect."""
    for i, procedure in enumerate(named[1::2]):
        callee("restart-bind", 2 * i + 2, procedure)
    return established(named[::2], named[1::2])


@primitive("%restart-case")
def restart_case(*operands: Value) -> Value:
    """Calls the last operand with restarts that end the whole: name, procedure, name, procedure, …, thunk."""
    *named, thunk = operands
    clauses = [_Clause(procedure) for procedure in named[1::2]]
    try:
        return _with_restarts(established(named[::2], clauses), thunk)
    except _Unwind as unwind:
        if unwind.clause not in clauses:
            raise
        clause, arguments = unwind.clause, unwind.arguments
    return clause.procedure(*arguments)


def established(names: Sequence[Symbol], procedures: Sequence[Procedure]) -> Restart | None:
    """New restarts inside of those in effect, the first one innermost."""
    restart = innermost.get()
    for name, procedure in zip(reversed(names), reversed(procedures), strict=True):
        restart = Restart(name, procedure, restart)
    return restart


def _with_restarts(restart: Restart | None, thunk: Procedure) -> Value:
    """Calls the thunk with restarts in effect; what it raises is shown to handlers as long as they are."""
    token = innermost.set(restart)
    try:
        return thunk()
    except Exception as error:
        raise_here(error)
    finally:
        innermost.reset(token)


def _restarts() -> list[Restart]:
    """Those in effect, the innermost first."""
    found: list[Restart] = []
    restart = innermost.get()
    while restart is not None:
        found.append(restart)
        restart = restart.outer
    return found


@primitive("restart?")
def is_restart(value: Value) -> bool:
    """Whether a value is a restart."""
    return isinstance(value, Restart)


@primitive("restart-name")
def restart_name(restart: Value) -> Symbol:
    """The name of a restart."""
    if not isinstance(restart, Restart):
        raise wrong_type("restart-name", 1, "a restart", restart)
    return restart.name


@primitive("compute-restarts")
def compute_restarts() -> List:
    """The list of the restarts in effect, the innermost first."""
    return list_from(_restarts())


@primitive("find-restart")
def find_restart(name: Value) -> Value:
    """The innermost restart of a name, or #f; a restart itself, as long as it is in effect."""
    if not isinstance(name, (Symbol, Restart)):
        raise wrong_type("find-restart", 1, "a symbol or restart", name)
    return next((each for each in _restarts() if each is name or each.name is name), False)


@primitive("invoke-restart", row="control")
def invoke_restart(restart: Value, *arguments: Value) -> Value:
    """Goes on as a restart says, which is given by its name or itself. Raises OmegaError when it isn't in effect."""
    return in_effect(restart).procedure(*arguments)


def in_effect(restart: Value) -> Restart:
    """The restart that `invoke-restart` is given by its name or itself. Raises OmegaError when it isn't in effect."""
    if not isinstance(restart, (Symbol, Restart)):
        raise wrong_type("invoke-restart", 1, "a symbol or restart", restart)
    found = find_restart(restart)
    if found is False:
        name = restart.name if isinstance(restart, Restart) else restart
        there = ", ".join(str(each.name) for each in _restarts()) or "none"
        raise OmegaError(f"invoke-restart: no restart {name} is in effect here; those in effect: {there}")
    return found  # type: ignore[no-any-return]
