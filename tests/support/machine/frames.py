"""Continuations of the machine: frames on the heap, each linked to the one below.

A state is (node, environment, frames) or (None, value, frames): evaluate a node, or give a value to the frames. A frame
never changes, so a continuation is a frame, and to enter it is to give it a value once more. What is dynamic (guards,
handlers, parameters, choices) is found by walking the frames, and nowhere else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tests.support.machine.evaluate import Machine

Value = Any
State = tuple[Any, Any, "Frame"]


class Frame:
    """What is done with a value; this one hands it on."""

    def __init__(self, below: Frame | None) -> None:
        self.below = below

    def proceed(self, machine: Machine, value: Value) -> State:
        """The state after the frame gets a value."""
        assert self.below is not None
        return None, value, self.below


F = TypeVar("F", bound=Frame)


class Then(Frame):
    """A frame that goes on as a Python function says, of the value and the frames below, which differ in copies."""

    def __init__(self, below: Frame, then: Callable[[Value, Frame], State]) -> None:
        super().__init__(below)
        self.then = then

    def proceed(self, machine: Machine, value: Value) -> State:
        assert self.below is not None
        return self.then(value, self.below)


class Root(Frame):
    """The last frame of a run; `below` are the frames of the run that called Python, whose call began this one."""

    is_over = False


class Wind(Frame):
    """The thunk of a dynamic-wind; `before` is None for what a handle does finally."""

    def __init__(self, below: Frame, before: Value, after: Value) -> None:
        super().__init__(below)
        self.before = before
        self.after = after

    def proceed(self, machine: Machine, value: Value) -> State:
        assert self.below is not None
        return machine.apply(self.after, (), Then(self.below, lambda _, below: (None, value, below)))


class Guarded(Frame):
    """The body of a guard; `handle` goes on with a condition, on top of what is below."""

    def __init__(self, below: Frame, handle: Callable[[Value, Frame], State]) -> None:
        super().__init__(below)
        self.handle = handle


class Marked(Frame):
    """A frame that others refer to; its copies in resumptions have the same mark."""

    def __init__(self, below: Frame) -> None:
        super().__init__(below)
        self.mark = object()


class Handler(Marked):
    """The thunk of with-exception-handler."""

    def __init__(self, below: Frame, procedure: Value) -> None:
        super().__init__(below)
        self.procedure = procedure


class Handled(Marked):
    """The body of a handle: clauses by operation, each with whether it resumes only last."""

    def __init__(self, below: Frame, clauses: dict[str, tuple[Value, bool]], returned: Value) -> None:
        super().__init__(below)
        self.clauses = clauses
        self.returned = returned

    def proceed(self, machine: Machine, value: Value) -> State:
        if self.returned is None:
            return super().proceed(machine, value)
        assert self.below is not None
        return machine.apply(self.returned, (value,), self.below)


class Outside(Frame):
    """Code on top of others that runs with the error handlers outside of a marked frame."""

    def __init__(self, below: Frame, mark: object) -> None:
        super().__init__(below)
        self.mark = mark


class Clause(Outside):
    """A clause that resumes last or never, on top of who performs the effect; it sees the effect handlers outside."""

    def proceed(self, machine: Machine, value: Value) -> State:
        target = outside(self, self.mark)
        return machine.travel(self, target, lambda: (None, value, target))


class Parameterized(Frame):
    """The body of parameterize."""

    def __init__(self, below: Frame, values: dict[Value, Value]) -> None:
        super().__init__(below)
        self.values = values


class Prompt(Frame):
    """The thunk of call-with-prompt."""

    def __init__(self, below: Frame, tag: Value, handler: Value) -> None:
        super().__init__(below)
        self.tag = tag
        self.handler = handler


class Escape(Frame):
    """The procedure of call/ec."""


class Activation(Frame):
    """A call under way, where effects are traced."""

    def __init__(self, below: Frame, callee: Value, environment: dict[Any, list[Value]] | None = None) -> None:
        super().__init__(below)
        self.callee = callee
        self.environment = environment


def walk(frame: Frame | None) -> Iterator[Frame]:
    """The frames from one on, innermost first, also those of the runs around."""
    while frame is not None:
        yield frame
        frame = frame.below


def find(frame: Frame, kind: type[F], past: type[Outside]) -> Iterator[F]:
    """The frames of a kind that code sees; frames of kind `past` say how far not to look."""
    here: Frame | None = frame
    while here is not None:
        if isinstance(here, kind):
            yield here
        here = outside(here, here.mark) if isinstance(here, past) else here.below


def outside(frame: Frame, mark: object) -> Frame:
    """What is below the frame with a mark."""
    found = next((each for each in walk(frame) if isinstance(each, Marked) and each.mark is mark), frame)
    assert found.below is not None
    return found.below


def winds(frame: Frame) -> list[Wind]:
    """The dynamic extents around, innermost first."""
    return [each for each in walk(frame) if isinstance(each, Wind)]


def root_of(frame: Frame) -> Root:
    """The run that a continuation belongs to."""
    return next(each for each in walk(frame) if isinstance(each, Root))


def segment(frame: Frame, last: Frame) -> list[Frame]:
    """The frames up to and with the last one, innermost first."""
    found: list[Frame] = []
    for each in walk(frame):
        found.append(each)
        if each is last:
            break
    return found


def stacked(frames: list[Frame], below: Frame) -> Frame:
    """Copies of frames, innermost first, on top of others."""
    for frame in reversed(frames):
        again = copy.copy(frame)
        again.below = below
        below = again
    return below
