"""Continuations that can be entered again: a machine for code in continuation-passing style.

Such code is made of steps. A step is a Python function; its first argument is the continuation, and it gives the next
step as a tuple: a function and its arguments. `(k, value)` goes on with a value. The machine takes steps until there
is a result, so that neither calls nor returns grow the stack, and a continuation can be kept and entered as often as
wanted.

Procedures have such an entry as their attribute `cps`, beside the ordinary one. `run` starts a machine for one;
`call` is the step that calls any procedure: one without the entry is called as Python does, and continuations that
are captured inside of that call can't be entered once it has returned.
"""

from __future__ import annotations

from _thread import _local

from omega_runtime.control.frames import Frame, between, common
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import make_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from omega_runtime.control.frames import State
    from omega_runtime.values import Procedure, Value

_here = _local()


class Choice:
    """A place that a failure goes back to; `below` is the one before."""

    __slots__ = ("below",)

    def __init__(self, below: Choice | None) -> None:
        self.below = below

    def resume(self, machine: Machine) -> State:
        """Go on there."""
        raise NotImplementedError


class _Gone(Choice):
    """A place within a call that has returned to Python."""

    __slots__ = ()

    def resume(self, machine: Machine) -> State:
        machine.choices = self.below
        raise OmegaError(
            "a choice was made in a call that has returned to Python, or to a procedure that is not compiled to be "
            "entered again; nothing can go back to it"
        )


class Machine:
    """One run of code in continuation-passing style; `outer` is the machine that was at work when it began.

    `frames` is the innermost frame around the current step, `choices` is the latest place to go back to, and `kept` are
    frames to which control may come back though it went out.
    """

    __slots__ = ("captured", "choices", "frames", "is_over", "kept", "outer")

    def __init__(self, outer: Machine | None) -> None:
        self.outer = outer
        self.frames: Frame | None = None
        self.choices: Choice | None = None
        self.kept: list[Frame] = []
        self.captured: Continuation | None = None
        self.is_over = False

    def work(self, state: State) -> Value:
        """Take steps until one gives a result."""
        while True:
            try:
                return _steps(state)
            except Jump as jump:
                if jump.machine is not self:
                    self.abandon(jump)
                    raise
                state = jump.go()
            except Exception as error:
                next_state = self.caught(error)
                if next_state is None:
                    raise
                state = next_state
            except BaseException as error:
                self.abandon(error)
                raise

    def push(self, frame: Frame) -> None:
        """Enter a new frame."""
        self.frames = frame.around(self.frames)
        frame.enter()

    def _left(self, frame: Frame) -> Frame:
        """The innermost frame, from now on outside of it; an interrupt on the way leaves it once more."""
        frame.leave()
        self.frames = frame.outer
        return frame

    def caught(self, error: Exception) -> State | None:
        """Where to go on after an error: what the innermost frame that cares says, None when none does."""
        while self.frames is not None:
            frame = self._left(self.frames)
            if frame.after is not None:
                # What `after` raises takes the error's place.
                return call, raising(error), frame.after
            state = frame.caught(error)
            if state is not None:
                return state
            frame.end(error)
        return None

    def abandon(self, error: BaseException) -> None:
        """Leave all frames, as Python leaves blocks when something passes that nobody catches."""
        while self.frames is not None:
            frame = self._left(self.frames)
            if frame.after is not None:
                frame.after()
            frame.end(error)

    def travel(self, target: Frame | None, arrived: State) -> State:
        """Go from the frames around the current step to others, through what is before and after, and on from there."""
        shared = common(self.frames, target)
        inward = between(target, shared)

        def step(_: Value = None) -> State:
            while self.frames is not shared:
                assert self.frames is not None
                frame = self._left(self.frames)
                if frame.after is not None:
                    return call, step, frame.after
            return entering()

        def entering(_: Value = None) -> State:
            nonlocal shared
            while inward:
                frame = inward[-1]
                if frame.before is not None and frame is not begun[-1]:
                    begun.append(frame)
                    return call, entering, frame.before
                inward.pop()
                self.frames = shared = frame
                frame.enter()
            return arrived

        begun: list[Frame | None] = [None]
        return step()

    def close(self) -> None:
        """The run is over: its continuations cannot be entered any more."""
        self.is_over = True
        if self.choices is not None and self.outer is not None:
            self.outer.choices = _Gone(self.outer.choices)
        kept, self.kept = self.kept, []
        for frame in reversed(kept):
            frame.close()


class Session(Machine):
    """A machine for one piece of code after the other: what an earlier piece captured can be entered by a later one."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None)

    def evaluate(self, code: Callable[[], Value]) -> Value:
        """What the code gives, or what a continuation gives that it enters."""
        outer = getattr(_here, "machine", None)
        _here.machine = self
        try:
            return code()
        except Jump as jump:
            if jump.machine is not self:
                raise
            return self.work(jump.go())
        finally:
            _here.machine = outer


def run_in_session(entry: Procedure) -> Value:
    """As `run`, for the top level of what a session evaluates."""
    return current_machine().work((entry, _finish))


def _steps(state: State) -> Value:
    asked: Procedure | None = None
    while True:
        function = state[0]
        count = len(state)
        if count == 2:
            result = function(state[1])
        elif count == 3:
            result = function(state[1], state[2])
        elif count == 4:
            result = function(state[1], state[2], state[3])
        elif count == 1:
            return function
        else:
            result = function(*state[1:])
        asked = function  # noqa: F841 - `step_sites` reads it when the next step fails
        state = result


def _finish(value: Value) -> State:
    return (value,)


def raising(error: Exception) -> Procedure:
    """The continuation that raises an error, whatever it is given."""

    def fail(_: Value) -> NoReturn:
        raise error

    return fail


def current_machine() -> Machine:
    """The machine that takes the current step."""
    machine: Machine = _here.machine
    return machine


def machine_below() -> Machine | None:
    """The machine that was at work last, if there is one: the current step may be a plain call that it made."""
    return getattr(_here, "machine", None)


def run(entry: Procedure, *arguments: Value) -> Value:
    """The value of a procedure by its entry in continuation-passing style."""
    outer = getattr(_here, "machine", None)
    machine = _here.machine = Machine(outer)
    try:
        value = machine.work((entry, _finish, *arguments))
    finally:
        _here.machine = outer
        machine.close()
    return value


def call(k: Any, callee: Procedure, *arguments: Value) -> State:
    """The step that calls a procedure."""
    entry = getattr(callee, "cps", None)
    if entry is None:
        entry = entry_of(callee)
        if entry is None:
            return k, callee(*arguments)
    return entry, k, *arguments


def entry_of(procedure: Procedure) -> Procedure | None:
    """The entry of a procedure that doesn't show one yet, where somebody can make it."""
    return next((entry for entry in (find(procedure) for find in finders) if entry is not None), None)


finders: list[Callable[[Procedure], Procedure | None]] = []
"""Who can make entries: for procedures of modules whose companions are loaded when they are first needed."""


def reentrant(entry: Procedure) -> Procedure:
    """Decorates a procedure that runs the given entry."""

    def attach(procedure: Procedure) -> Procedure:
        procedure.cps = entry  # type: ignore[attr-defined]
        return procedure

    return attach


def back(value: Value) -> State:
    """The continuation of the code inside of a frame: leave it, and go on as it says."""
    machine: Machine = _here.machine
    frame = machine.frames
    assert frame is not None
    frame.leave()
    machine.frames = frame.outer
    return frame.returned(value)


def within(frame: Frame, body: Procedure, *arguments: Value) -> State:
    """The step that calls a procedure inside of a new frame."""
    machine: Machine = _here.machine
    machine.push(frame)
    return call(back, body, *arguments)


def gone() -> OmegaError:
    """The error of a continuation whose machine has stopped."""
    return OmegaError(
        "this continuation was captured in a call that has returned to Python, or to a procedure that is "
        "not compiled to be entered again; it cannot be entered any more"
    )


class Jump(BaseException):
    """Unwinds to a machine, which goes on with the state that `go` gives; no guard or handler sees it."""

    def __init__(self, machine: Machine, go: Callable[[], State]) -> None:
        super().__init__("control goes on further out, where nobody is waiting for it any more")
        self.machine = machine
        self.go = go


class Continuation:
    """What is left to do at some place, to be entered any number of times while its machine runs."""

    __slots__ = ("_frames", "_k", "_machine")

    def __init__(self, machine: Machine, k: Any) -> None:
        self._machine = machine
        self._k = k
        self._frames = machine.frames

    def __repr__(self) -> str:
        return "#<continuation>"

    def is_of(self, machine: Machine, k: Any) -> bool:
        """Whether it is the continuation of this very step."""
        return self._machine is machine and self._k is k and self._frames is machine.frames

    def __call__(self, *results: Value) -> NoReturn:
        self._check()
        raise Jump(self._machine, lambda: self._enter(results))

    def cps(self, _: Any, *results: Value) -> State:
        """Enter it from a step."""
        self._check()
        if self._machine is not _here.machine:
            raise Jump(self._machine, lambda: self._enter(results))
        return self._enter(results)

    def _enter(self, results: tuple[Value, ...]) -> State:
        return self._machine.travel(self._frames, (self._k, make_values(*results)))

    def _check(self) -> None:
        if self._machine.is_over:
            raise gone()
        machine = machine_below()
        while machine is not None and machine is not self._machine:
            machine = machine.outer
        if machine is None:
            raise OmegaError("this continuation belongs to another thread, and can be entered in that one only")


def jumping(jump: Jump) -> NoReturn:
    """The step that unwinds to another machine."""
    raise jump


def capture(k: Any) -> Continuation:
    """The continuation of a step."""
    machine: Machine = _here.machine
    last = machine.captured
    if last is not None and last.is_of(machine, k):
        return last  # as a call/cc in tail position of another one has the same
    frame = machine.frames
    while frame is not None:
        frame.keep(machine)
        frame = frame.outer
    machine.captured = Continuation(machine, k)
    return machine.captured


def call_with_current_continuation(k: Any, procedure: Procedure) -> State:
    """`call/cc` as a step."""
    return call(k, procedure, capture(k))
