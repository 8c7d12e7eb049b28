"""Prompts: delimited continuations."""

from __future__ import annotations

from omega_runtime.control.frames import Frame, between
from omega_runtime.control.machine import call, current_machine, machine_below, reentrant, run, within
from omega_runtime.control.resumptions import Resumption
from omega_runtime.lib.arguments import callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values.equality import is_eqv
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.printing import short_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.control.machine import Machine
    from omega_runtime.values import Procedure, Value


class _Prompt(Frame):
    """The thunk of `call-with-prompt`."""

    __slots__ = ("handler", "tag")

    def __init__(self, k: Any, tag: Value, handler: Procedure) -> None:
        super().__init__(k)
        self.tag = tag
        self.handler = handler


def _call_with_prompt(k: Any, tag: Value, thunk: Value, handler: Value) -> State:
    callee("call-with-prompt", 2, thunk)
    callee("call-with-prompt", 3, handler)
    return within(_Prompt(k, tag, handler), thunk)


def _abort_to_prompt(k: Any, tag: Value, *values: Value) -> State:
    machine = current_machine()
    prompt = _find(machine, tag)
    if prompt is None:
        raise _missing(machine, tag)
    resumption = Resumption(k, between(machine.frames, prompt.outer))

    def aborted(_: Value) -> State:
        return call(prompt.k, prompt.handler, resumption, *values)

    return machine.travel(prompt.outer, (aborted, None))


def _find(machine: Machine, tag: Value) -> _Prompt | None:
    frame = machine.frames
    while frame is not None and not (isinstance(frame, _Prompt) and is_eqv(frame.tag, tag)):
        frame = frame.outer
    return frame


def _missing(machine: Machine, tag: Value) -> OmegaError:
    outer = machine.outer
    while outer is not None:
        if _find(outer, tag) is not None:
            return OmegaError(
                "abort-to-prompt: the prompt lies beyond a call of Python, or of a procedure that is not compiled to "
                f"be entered again: {short_text(tag)}"
            )
        outer = outer.outer
    return OmegaError(f"abort-to-prompt: no prompt around has the tag {short_text(tag)}")


@primitive("call-with-prompt", calls=(1, 2), row="control")
@reentrant(_call_with_prompt)
def call_with_prompt(tag: Value, thunk: Value, handler: Value) -> Value:
    """The thunk's value or, when it aborts to the tag, that of (handler continuation value ...).

    The continuation is what was left to do up to here, the prompt included; it can be called any number of times.
    """
    return run(_call_with_prompt, tag, thunk, handler)


@primitive("abort-to-prompt", row="control")
@reentrant(_abort_to_prompt)
def abort_to_prompt(tag: Value, *values: Value) -> Value:
    """Leaves everything up to the innermost prompt with the tag, and calls its handler there."""
    if machine_below() is None:
        raise OmegaError(f"abort-to-prompt: no prompt around has the tag {short_text(tag)}")
    return run(_abort_to_prompt, tag, *values)
