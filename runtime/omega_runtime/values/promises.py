"""Promises: values computed when first asked for."""

from __future__ import annotations

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value

_DELAYED, _LAZY, _DONE = range(3)


class _Cell:
    """The state a promise shares with those it stands for; `value` is a thunk until the state is _DONE."""

    __slots__ = ("state", "value")

    def __init__(self, state: int, value: Value) -> None:
        self.state = state
        self.value = value


class Promise:
    """A value that may still have to be computed; made by the functions of this module."""

    __slots__ = ("cell",)

    def __init__(self, cell: _Cell) -> None:
        self.cell = cell

    @property
    def done(self) -> bool:
        """Whether the value is there."""
        return self.cell.state == _DONE

    @property
    def value(self) -> Value:
        """The value; raises OmegaError while it has not been computed."""
        if not self.done:
            raise OmegaError("the promise has not been forced yet")
        return self.cell.value

    def __repr__(self) -> str:
        return "#<promise>"


def make_delayed(thunk: Procedure) -> Promise:
    """`(delay x)`: the promise of what the thunk returns."""
    return Promise(_Cell(_DELAYED, thunk))


def make_lazy(thunk: Procedure) -> Promise:
    """`(delay-force x)`: the promise of what the promise that the thunk returns will give."""
    return Promise(_Cell(_LAZY, thunk))


def make_promise(value: Value) -> Promise:
    """A promise that is done; a promise is returned as it is."""
    return value if type(value) is Promise else Promise(_Cell(_DONE, value))


def is_promise(value: Value) -> bool:
    """Whether a value is a promise."""
    return type(value) is Promise


def force(promise: Value) -> Value:
    """The value of a promise, computed at most once; anything else is its own value.

    Chains of `delay-force` run in constant space. When the computation itself forces the promise, the
    value that came first stays. An exception leaves the promise as it was.
    """
    if type(promise) is not Promise:
        return promise
    while promise.cell.state != _DONE:
        lazy = promise.cell.state == _LAZY
        result = promise.cell.value()
        cell = promise.cell
        if cell.state == _DONE:
            break
        if lazy and type(result) is Promise:
            cell.state, cell.value = result.cell.state, result.cell.value
            result.cell = cell
        else:
            cell.state, cell.value = _DONE, result
    return promise.cell.value
