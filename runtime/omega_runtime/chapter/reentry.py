"""with-budget and with-tracking as steps: budgets that control may leave and come back to."""

from __future__ import annotations

from omega_runtime.budgets.scope import Scope, parse_limits, set_partial
from omega_runtime.calls.context import Context, current
from omega_runtime.calls.reentry import Within
from omega_runtime.chapter import scopes
from omega_runtime.control.frames import Frame
from omega_runtime.control.machine import Machine, reentrant, within
from omega_runtime.values.errors import wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.values import Procedure, Value


class _Budget(Frame):
    """The thunk of with-budget.

    The budget ends when the thunk is done or left by an error, unless a continuation was captured inside: then it
    ends with the run, so that what is done when control comes back still counts.
    """

    __slots__ = ("_added", "_outside", "inside", "is_kept", "scope")

    def __init__(self, k: Any, scope: Scope) -> None:
        super().__init__(k)
        self.scope = scope
        self.inside: Context | None = None
        self.is_kept = False

    def around(self, outer: Frame | None) -> Frame:
        self._outside: Context | None = None
        self._added: tuple[Procedure, ...] = ()
        return super().around(outer)

    def enter(self) -> None:
        outside = self._outside = current.get()
        if self.inside is None:
            self.scope.__enter__()
        else:
            trackers = (*self._added, *outside.trackers)
            current.set(Context(self.inside.account, trackers, outside.handlers, self.inside.policy))

    def leave(self) -> None:
        outside, here = self._outside, current.get()
        if outside is None:
            return
        if here is not outside:
            self.inside = here
            # Those of on-threshold and its like; the innermost come first.
            self._added = here.trackers[: len(here.trackers) - len(outside.trackers)]
            current.set(outside)
        self._outside = None

    def returned(self, value: Value) -> State:
        self.end(None)
        return self.k, value

    def keep(self, machine: Machine) -> None:
        if not self.is_kept:
            self.is_kept = True
            machine.kept.append(self)

    def end(self, error: BaseException | None) -> None:
        if self.inside is None or (self.is_kept and error is None):
            return
        if self.is_kept:
            assert error is not None
            set_partial(error, self.inside.account)
        else:
            self.close(error)

    def close(self, error: BaseException | None = None) -> None:
        if self.inside is None:
            return
        before = current.get()
        try:
            current.set(self.inside)
            self.scope.__exit__(None if error is None else type(error), error, None)
        finally:
            current.set(before)


def _with_budget(k: Any, limit: Value, thunk: Procedure) -> State:
    tokens, dollars, periods = parse_limits("with-budget", limit)
    if not callable(thunk):
        raise wrong_type("with-budget", 2, "a procedure", thunk)
    return within(_Budget(k, Scope(tokens, dollars, "with-budget", periods=periods)), thunk)


class _Tracked(Within):
    """The thunk of with-tracking."""

    __slots__ = ("tracker",)

    def __init__(self, k: Any, tracker: Procedure) -> None:
        super().__init__(k)
        self.tracker = tracker

    def inside(self, outside: Context) -> Context:
        return Context(outside.account, (self.tracker, *outside.trackers), outside.handlers, outside.policy)


def _with_tracking(k: Any, tracker: Procedure, thunk: Procedure) -> State:
    for position, procedure in enumerate((tracker, thunk), 1):
        if not callable(procedure):
            raise wrong_type("with-tracking", position, "a procedure", procedure)
    return within(_Tracked(k, tracker), thunk)


reentrant(_with_budget)(scopes.with_budget)
reentrant(_with_tracking)(scopes.with_tracking)
