"""Effects and handlers as steps: for resumptions that are stored, called twice, or called elsewhere than at the end."""

from __future__ import annotations

from omega_runtime.calls.context import Context, current
from omega_runtime.calls.effects import OPERATIONS as BUILT_IN
from omega_runtime.calls.effects import effect
from omega_runtime.calls.handlers import Abort, find_frame, wrong_operands
from omega_runtime.calls.handlers import Frame as Handlers
from omega_runtime.control.frames import Frame, between
from omega_runtime.control.machine import Jump, back, call, current_machine, jumping, machine_below, raising, within
from omega_runtime.control.resumptions import Lost, Resumption
from omega_runtime.lib.arguments import arity
from omega_runtime.lib.backtracking import OPERATIONS
from omega_runtime.values.errors import handler_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.control.machine import Machine
    from omega_runtime.places import Site
    from omega_runtime.values import Procedure, Value


class Within(Frame):
    """Code that runs in another context, which `inside` makes of the one around."""

    __slots__ = ("_outside",)

    _outside: Context | None

    def around(self, outer: Frame | None) -> Frame:
        self._outside = None
        return super().around(outer)

    def inside(self, outside: Context) -> Context:
        """The context of the code, each time that control comes in."""
        raise NotImplementedError

    def enter(self) -> None:
        outside = self._outside = current.get()
        current.set(self.inside(outside))

    def leave(self) -> None:
        if self._outside is not None:
            current.set(self._outside)
            self._outside = None


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

    __slots__ = ("frame", "machine")

    def __init__(self, clauses: dict[str, Procedure], outer: Handlers | None, frame: _Handled) -> None:
        super().__init__(clauses, outer)
        self.frame = frame
        self.machine = current_machine()

    def ask(self, operation: str, operands: tuple[Value, ...]) -> Value:
        """As for any `handle`, in a plain call; a resumption that may be kept can't be entered after that."""
        if operation not in self.frame.general:
            return super().ask(operation, operands)
        raise self._jump(lambda frame: self.suspended(frame, operation, operands, Lost()))

    def leaving(self, value: Value, error: Exception | None = None) -> BaseException:
        return self._jump(lambda frame: (frame.k, value) if error is None else (raising(error), None))

    def left(self, state: Callable[[_Handled], State]) -> State:
        """The step that leaves the `handle`, from whatever runs inside of it, and goes on as is said of its frame."""
        jump = self._jump(state)
        return jump.go() if jump.machine is current_machine() else (jumping, jump)

    def suspended(self, frame: _Handled, operation: str, operands: tuple[Value, ...], resumption: Procedure) -> State:
        """The step that calls a clause outside of the `handle`, which has that frame."""
        clause = self.clauses[operation]

        def step(_: Value) -> State:
            _check_operands(operation, operands, clause)
            return call(frame.k, clause, *operands, resumption)

        return step, None

    def _jump(self, state: Callable[[_Handled], State]) -> Jump:
        machine, frame = self._place()
        return Jump(machine, lambda: machine.travel(frame.outer, state(frame)))

    def _place(self) -> tuple[Machine, _Handled]:
        """The frame around the current step, and its machine: a copy, where that is within a resumption.

        Raises Abort when the `handle` has ended, as nobody is left for what its clause gives.
        """
        machine = machine_below()
        while machine is not None:
            frame = self._found_on(machine)
            if frame is not None:
                return machine, frame
            machine = machine.outer
        # In a thread that was started within.
        frame = None if self.machine.is_over else self._found_on(self.machine)
        if frame is None:
            raise Abort(self, None)
        return self.machine, frame

    def _found_on(self, machine: Machine) -> _Handled | None:
        frame = machine.frames
        while frame is not None and not (isinstance(frame, _Handled) and frame.mark is self.frame.mark):
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
    clause = found.clauses[operation]

    def answered(value: Value) -> State:
        return (k, value.value) if type(value) is _Answer else found.left(lambda frame: (frame.k, value))

    _check_operands(operation, operands, clause)
    return within(_Clause(answered, found), clause, *operands, _Answer)


class _Answer:
    """The value that a clause resumes with in tail position; the class is the resumption, to be called at will."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class _Clause(Within):
    """A clause on top of the code that asks; what it raises leaves the whole `handle`, past the guards inside of it."""

    __slots__ = ("_scope", "found")

    def __init__(self, k: Any, found: _Handlers) -> None:
        super().__init__(k)
        self.found = found
        self._scope = handler_scope.get()

    def inside(self, outside: Context) -> Context:
        handlers = outside.handlers
        while not (isinstance(handlers, _Handlers) and handlers.frame.mark is self.found.frame.mark):
            assert handlers is not None
            handlers = handlers.outer
        return Context(outside.account, outside.trackers, handlers.outer, outside.policy)

    def enter(self) -> None:
        super().enter()
        self._scope = handler_scope.get()
        handler_scope.set(self.found.scope)

    def leave(self) -> None:
        handler_scope.set(self._scope)
        super().leave()

    def caught(self, error: Exception) -> State:
        return self.found.left(lambda _: (raising(error), None))


def _check_operands(operation: str, operands: tuple[Value, ...], clause: Procedure) -> None:
    """Raises OmegaError when a clause doesn't take the operands and the resumption."""
    least, most = arity(clause)
    if not least <= len(operands) + 1 <= most:
        raise wrong_operands(operation, operands)


def _suspend(k: Any, operation: str, operands: tuple[Value, ...], found: _Handlers) -> State:
    """Leave the body of a `handle` and call a clause with the resumption, which may come back to it."""
    machine = current_machine()

    def suspended(frame: _Handled) -> State:
        resumption = Resumption(k, between(machine.frames, frame.outer)) if found.machine is machine else Lost()
        return found.suspended(frame, operation, operands, resumption)

    return found.left(suspended)
