"""Effects and handlers as steps: for resumptions that are stored, called twice, or called elsewhere than at the end."""

from __future__ import annotations

from omega_runtime.calls.context import Context, current
from omega_runtime.calls.effects import OPERATIONS as BUILT_IN
from omega_runtime.calls.effects import effect
from omega_runtime.calls.handlers import Frame as Handlers
from omega_runtime.calls.handlers import find_frame, wrong_operands
from omega_runtime.control.frames import Frame, between
from omega_runtime.control.machine import back, call, current_machine, within
from omega_runtime.control.resumptions import Resumption
from omega_runtime.lib.arguments import arity
from omega_runtime.lib.backtracking import OPERATIONS
from omega_runtime.values.errors import handler_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from omega_runtime.control.frames import State
    from omega_runtime.places import Site
    from omega_runtime.values import Procedure, Value


class Within(Frame):
    """Code that runs in another context, which `inside` makes of the one around."""

    __slots__ = ("_outside",)

    def inside(self, outside: Context) -> Context:
        """The context of the code, each time that control comes in."""
        raise NotImplementedError

    def enter(self) -> None:
        self._outside = current.get()
        current.set(self.inside(self._outside))

    def leave(self) -> None:
        current.set(self._outside)


class _Handled(Within):
    """The body of a `handle`; `general` are the operations whose clauses get a resumption that may be kept.

    `mark` is what the frame and its copies in resumptions share.
    """

    __slots__ = ("clauses", "general", "mark", "returned_by")

    def __init__(
        self, k: Any, clauses: dict[str, Procedure], general: frozenset[str], returned: Procedure | None
    ) -> None:
        super().__init__(k)
        self.clauses = clauses
        self.general = general
        self.returned_by = returned
        self.mark = object()

    def inside(self, outside: Context) -> Context:
        handlers = _Handlers(self.clauses, outside.handlers, self)
        return Context(outside.account, outside.trackers, handlers, outside.policy)

    def returned(self, value: Value) -> State:
        return (self.k, value) if self.returned_by is None else call(self.k, self.returned_by, value)


class _Handlers(Handlers):
    """What effects find of a `handle` whose body runs in steps."""

    __slots__ = ("frame",)

    def __init__(self, clauses: dict[str, Procedure], outer: Handlers | None, frame: _Handled) -> None:
        super().__init__(clauses, outer)
        self.frame = frame


def _marked(mark: object) -> _Handled:
    """The frame of a `handle` around the current step: a copy of it, where that is within a resumption."""
    frame = current_machine().frames
    while not (isinstance(frame, _Handled) and frame.mark is mark):
        assert frame is not None
        frame = frame.outer
    return frame


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
    mark = found.frame.mark
    clause = found.clauses[operation]

    def answered(value: Value) -> State:
        if type(value) is _Answer:
            return k, value.value
        frame = _marked(mark)
        return current_machine().travel(frame.outer, (frame.k, value))

    _check_operands(operation, operands, clause)
    return within(_Clause(answered, found), clause, *operands, _Answer)


class _Answer:
    """The value that a clause resumes with in tail position; the class is the resumption, to be called at will."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class _Clause(Within):
    """A clause on top of the code that asks; what it raises leaves the whole `handle`, past the guards inside of it."""

    __slots__ = ("_scope", "mark", "scope")

    def __init__(self, k: Any, found: _Handlers) -> None:
        super().__init__(k)
        self.mark = found.frame.mark
        self.scope = found.scope

    def inside(self, outside: Context) -> Context:
        handlers = outside.handlers
        while not (isinstance(handlers, _Handlers) and handlers.frame.mark is self.mark):
            assert handlers is not None
            handlers = handlers.outer
        return Context(outside.account, outside.trackers, handlers.outer, outside.policy)

    def enter(self) -> None:
        super().enter()
        self._scope = handler_scope.get()
        handler_scope.set(self.scope)

    def leave(self) -> None:
        handler_scope.set(self._scope)
        super().leave()

    def caught(self, error: Exception) -> State:
        def raising(_: Value) -> NoReturn:
            raise error

        return current_machine().travel(_marked(self.mark).outer, (raising, None))


def _check_operands(operation: str, operands: tuple[Value, ...], clause: Procedure) -> None:
    """Raises OmegaError when a clause doesn't take the operands and the resumption."""
    least, most = arity(clause)
    if not least <= len(operands) + 1 <= most:
        raise wrong_operands(operation, operands)


def _suspend(k: Any, operation: str, operands: tuple[Value, ...], found: _Handlers) -> State:
    """Leave the body of a `handle` and call a clause with the resumption, which may come back to it."""
    machine = current_machine()
    frame = found.frame
    frames = between(machine.frames, frame.outer)
    clause = found.clauses[operation]
    resumption = Resumption(k, frames)

    def suspended(_: Value) -> State:
        _check_operands(operation, operands, clause)
        return call(frame.k, clause, *operands, resumption)

    return machine.travel(frame.outer, (suspended, None))
