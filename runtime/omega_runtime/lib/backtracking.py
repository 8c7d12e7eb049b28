"""Backtracking: `amb` and what goes with it.

Choices are made depth-first. A failure goes back to the latest place that has an alternative left; what was changed
in between stays changed. The places are a list that the machine keeps, the latest first.
"""

from __future__ import annotations

from omega_runtime.control.frames import Frame
from omega_runtime.control.machine import Choice, Jump, Machine, call, capture, current_machine, reentrant, run, within
from omega_runtime.lib.arguments import callee, elements
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import NIL, list_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.values import List, Procedure, Value


class _Alternatives(Choice):
    """The thunks that are left at a place, the next one last, and who gets its value."""

    __slots__ = ("frames", "k", "thunks")

    def __init__(self, below: Choice | None, k: Any, frames: Frame | None, thunks: list[Procedure]) -> None:
        super().__init__(below)
        self.k = k
        self.frames = frames
        self.thunks = thunks

    def resume(self, machine: Machine) -> State:
        """Come back here with the next thunk."""
        thunk = self.thunks.pop()
        left = self if self.thunks else self.below

        def arrived(_: Value) -> State:
            machine.choices = left
            return call(self.k, callee("amb.choose", 1, thunk))

        return machine.travel(self.frames, (arrived, None))


def choose(k: Any, thunks: Value) -> State:
    """The step of `amb.choose`: the value of the first thunk, and of the others in turn upon failures."""
    left = list(reversed(elements("amb.choose", 1, thunks)))
    if not left:
        return fail(k)
    first = left.pop()
    if left:
        capture(k)
        machine = current_machine()
        machine.choices = _Alternatives(machine.choices, k, machine.frames, left)
    return call(k, callee("amb.choose", 1, first))


def fail(k: Any) -> State:  # noqa: ARG001
    """The step of `amb.fail`: on with the latest choice that has an alternative left."""
    here = current_machine()
    if here.choices is not None:
        return here.choices.resume(here)
    outer = here.outer
    while outer is not None and outer.choices is None:
        outer = outer.outer
    if outer is None:
        raise OmegaError("amb: no choice is left that could be made otherwise")
    machine, choice = outer, outer.choices
    assert choice is not None
    raise Jump(machine, lambda: choice.resume(machine))


class _Collection(Frame):
    """Code all of whose solutions are wanted, or so many at the most; `choices` are those made in it."""

    __slots__ = ("_outside", "choices", "machine", "most", "solutions")

    def __init__(self, k: Any, most: int | None) -> None:
        super().__init__(k)
        self.machine = current_machine()
        self.most = most
        self.solutions: list[Value] = []
        self.choices: Choice | None = _Floor(self)

    def around(self, outer: Frame | None) -> Frame:
        self._outside: tuple[Choice | None, ...] = ()
        return super().around(outer)

    def enter(self) -> None:
        self._outside = (self.machine.choices,)
        self.machine.choices = self.choices

    def leave(self) -> None:
        for outside in self._outside:
            self.choices = self.machine.choices
            self.machine.choices = outside
        self._outside = ()

    def returned(self, value: Value) -> State:
        self.solutions.append(value)
        assert self.choices is not None
        return self.whole() if len(self.solutions) == self.most else self.choices.resume(self.machine)

    def whole(self) -> State:
        """Go on behind the collection, from inside of it or not."""
        return self.machine.travel(self.outer, (self.k, list_from(self.solutions)))


class _Floor(Choice):
    """Below the first choice of a collection: everything was tried."""

    __slots__ = ("collection",)

    def __init__(self, collection: _Collection) -> None:
        super().__init__(None)
        self.collection = collection

    def resume(self, machine: Machine) -> State:  # noqa: ARG002
        return self.collection.whole()


def _collect(k: Any, thunk: Value) -> State:
    return within(_Collection(k, None), callee("amb-collect", 1, thunk))


def _collect_n(k: Any, most: Value, thunk: Value) -> State:
    if type(most) is not int or most < 0:
        raise wrong_type("amb-collect-n", 1, "an exact integer >= 0", most)
    callee("amb-collect-n", 2, thunk)
    return within(_Collection(k, most), thunk) if most else (k, NIL)


@primitive("%amb-collect", calls=(0,))
@reentrant(_collect)
def amb_collect(thunk: Value) -> List:
    """The list of all values that the thunk can have, in the order of its choices."""
    return run(_collect, thunk)


@primitive("%amb-collect-n", calls=(1,))
@reentrant(_collect_n)
def amb_collect_n(most: Value, thunk: Value) -> List:
    """The list of the first values that the thunk can have."""
    return run(_collect_n, most, thunk)


def _require(k: Any, condition: Value) -> State:
    return fail(k) if condition is False else (k, None)


@primitive("require", row="control")
@reentrant(_require)
def require(condition: Value) -> Value:
    """Fails, as `(amb)` does, when the condition is #f."""
    return run(_require, condition)


@primitive("mzero", row="control")
@reentrant(fail)
def mzero() -> Value:
    """No value at all: fails."""
    return run(fail)


def _mplus(k: Any, *items: Value) -> State:
    return choose(k, [item if callable(item) else _constant(item) for item in items])


def _constant(value: Value) -> Procedure:
    return lambda: value


@primitive("mplus", row="control")
@reentrant(_mplus)
def mplus(*items: Value) -> Value:
    """One of the values; procedures of no arguments are called for theirs."""
    return run(_mplus, *items)


def _bind(k: Any, value: Value, procedure: Value) -> State:
    callee("bind", 2, procedure)
    if not callable(value):
        return call(k, procedure, value)
    return call(lambda item: call(k, procedure, item), value)


@primitive("bind", calls=(0, 1), row="control")
@reentrant(_bind)
def bind(value: Value, procedure: Value) -> Value:
    """The procedure's value for a value, or for each that a procedure of no arguments may have."""
    return run(_bind, value, procedure)


OPERATIONS: dict[str, Procedure] = {"amb.choose": choose, "amb.fail": fail}
"""The operations of backtracking, as steps."""
