"""Effects and handlers as steps: for resumptions that are stored, called twice, or called elsewhere than at the end."""

from __future__ import annotations

from omega_runtime.calls.context import Context, current
from omega_runtime.calls.effects import OPERATIONS as BUILT_IN
from omega_runtime.calls.effects import effect
from omega_runtime.calls.handlers import Frame as Handlers
from omega_runtime.calls.handlers import Resume, find_frame
from omega_runtime.control.frames import Frame, between
from omega_runtime.control.machine import back, call, current_machine, run, within
from omega_runtime.lib.backtracking import OPERATIONS
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.places import Site
    from omega_runtime.values import Procedure, Value


class _Within(Frame):
    """Code that runs in another context: whose handlers, or whose budget, are others."""

    __slots__ = ("_before", "inside")

    def __init__(self, k: Any, inside: Context) -> None:
        super().__init__(k)
        self.inside = inside

    def enter(self) -> None:
        self._before = current.get()
        current.set(self.inside)

    def leave(self) -> None:
        current.set(self._before)


class _Handled(_Within):
    """The body of a `handle`; `general` are the operations whose clauses get a resumption that may be kept."""

    __slots__ = ("general", "returned_by")

    def __init__(
        self, k: Any, clauses: dict[str, Procedure], general: frozenset[str], returned: Procedure | None
    ) -> None:
        before = current.get()
        handlers = _Handlers(clauses, before.handlers, self)
        super().__init__(k, Context(before.account, before.trackers, handlers, before.policy))
        self.general = general
        self.returned_by = returned

    def again(self, outer: Frame | None) -> Frame:
        """This handler for a resumption: found by the effects of the code that goes on."""
        copy = super().again(outer)
        assert isinstance(copy, _Handled)
        inside = self.inside
        handlers = inside.handlers
        assert isinstance(handlers, _Handlers)
        again = _Handlers(handlers.clauses, current.get().handlers, copy)
        copy.inside = Context(inside.account, inside.trackers, again, inside.policy)
        return copy

    def returned(self, value: Value) -> State:
        return (self.k, value) if self.returned_by is None else call(self.k, self.returned_by, value)


class _Handlers(Handlers):
    """What effects find of a `handle` whose body runs in steps."""

    __slots__ = ("frame",)

    def __init__(self, clauses: dict[str, Procedure], outer: Handlers | None, frame: _Handled) -> None:
        super().__init__(clauses, outer)
        self.frame = frame


class _Final(Frame):
    """The whole of a `handle` that has something to do in the end."""

    __slots__ = ("after",)

    def __init__(self, k: Any, final: Procedure) -> None:
        super().__init__(k)
        self.after = final

    def returned(self, value: Value) -> State:
        k = self.k
        return call, lambda _: (k, value), self.after


def handle_step(k: Any, body: Procedure, returned: Procedure | None, final: Procedure | None, *clauses: Any) -> State:
    """The step of a `handle`: clauses are operation, whether its resumption may be kept, procedure, and so on."""
    if final is not None:
        current_machine().push(_Final(k, final))
        k = back
    procedures = dict(zip(clauses[::3], clauses[2::3], strict=True))
    general = frozenset(operation for operation, kept in zip(clauses[::3], clauses[1::3], strict=True) if kept)
    return within(_Handled(k, procedures, general, returned), body)


def perform_step(k: Any, site: Site, operands: tuple[Value, ...], options: dict[str, Value]) -> State:
    """The step of an effect: who handles it, or the built-in operation."""
    handlers = current.get().handlers
    found = None if handlers is None else find_frame(handlers, site.operation)
    if isinstance(found, _Handlers):
        if site.operation in found.frame.general:
            return _suspend(k, site.operation, operands, found)
        return _answer(k, site.operation, operands, found)
    if found is None and site.operation in OPERATIONS:
        step: State = OPERATIONS[site.operation](k, *operands)
        return step
    if found is None and site.operation in BUILT_IN and BUILT_IN[site.operation].kind == "infer":
        return k, BUILT_IN[site.operation].perform(site, *operands, **options)
    return k, effect(site, *operands)


def _answer(k: Any, operation: str, operands: tuple[Value, ...], found: _Handlers) -> State:
    """Call a clause that resumes in tail position or never, on top of the code that asks."""
    machine = current_machine()
    frame = found.frame
    here = current.get()
    resume = Resume()

    def answered(value: Value) -> State:
        if value is resume:
            return k, resume.value
        resume.is_used = True
        return machine.travel(frame.outer, (frame.k, value))

    outside = Context(here.account, here.trackers, found.outer, here.policy)
    return within(_Within(answered, outside), found.clauses[operation], *operands, resume)


def _suspend(k: Any, operation: str, operands: tuple[Value, ...], found: _Handlers) -> State:
    """Leave the body of a `handle` and call a clause with the resumption, which may come back to it."""
    machine = current_machine()
    frame = found.frame
    frames = between(machine.frames, frame.outer)
    clause = found.clauses[operation]
    resumption = Resumption(k, frames)

    def suspended(_: Value) -> State:
        return call(frame.k, clause, *operands, resumption)

    return machine.travel(frame.outer, (suspended, None))


class Resumption:
    """What is left to do between an effect and its `handle`, any number of times."""

    __slots__ = ("_frames", "_k")

    def __init__(self, k: Any, frames: list[Frame]) -> None:
        self._k = k
        self._frames = frames

    def __repr__(self) -> str:
        return "#<continuation>"

    def __call__(self, *values: Value) -> Value:
        return run(self.cps, *values)

    def cps(self, k: Any, *values: Value) -> State:
        """Go on with a value; what the `handle` gives then is given to `k`."""
        if len(values) != 1:
            raise OmegaError(f"a resumption takes 1 argument, but got {len(values)}")
        machine = current_machine()
        pending = list(self._frames)

        def resume(_: Value = None) -> State:
            while pending:
                frame = pending.pop().again(machine.frames)
                if len(pending) == len(self._frames) - 1:
                    frame.k = k
                if frame.before is not None:
                    return call, entering(frame), frame.before
                machine.frames = frame
                frame.enter()
            return self._k, values[0]

        def entering(frame: Frame) -> Procedure:
            def enter(_: Value) -> State:
                machine.frames = frame
                frame.enter()
                return resume()

            return enter

        return resume()
