"""Where a step stands that failed: read off the code that gave it to the machine. So steps carry no places."""

from __future__ import annotations

import dis
import itertools
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType
    from typing import Any

MACHINE = "omega_runtime.control.machine"


def step_site(entry: TracebackType) -> tuple[CodeType, int] | None:
    """The code and the offset of the step at which the machine failed that an entry of a traceback runs.

    None when the entry runs none, or when more than one step could be meant.
    """
    frame = _machine_frame(entry)
    if frame is None:
        return None
    asked, state = frame.f_locals.get("asked"), frame.f_locals.get("state", ())
    if not isinstance(asked, FunctionType) or "__omega_source__" not in asked.__globals__:
        return None
    parts = {id(part) for part in state}
    sites = [(offset, globals_) for offset, size, globals_ in _steps(asked) if size == len(state)]
    found = [offset for offset, known in sites if known <= parts] if len(sites) > 1 else [site[0] for site in sites]
    return (asked.__code__, found[0]) if len(found) == 1 else None


def _machine_frame(entry: TracebackType) -> FrameType | None:
    """The frame of the machine that takes steps for an entry, where no Omega code stands inside of it."""
    found = None
    inner = entry.tb_next
    while inner is not None:
        frame = inner.tb_frame
        if "__omega_source__" in frame.f_globals:
            return None
        if frame.f_code.co_name == "_steps" and frame.f_globals.get("__name__") == MACHINE:
            found = frame
        inner = inner.tb_next
    return found


def _steps(function: FunctionType) -> Iterator[tuple[int, int, set[int]]]:
    """The offset and the size of each step that a function gives, and the ids of the globals right in front of it."""
    known: set[int] = set()
    instructions = [i for i in dis.get_instructions(function.__code__) if i.opname not in ("CACHE", "EXTENDED_ARG")]
    for instruction, following in itertools.pairwise(instructions):
        if instruction.opname.startswith(("STORE", "POP", "RETURN", "JUMP")):
            known = set()
        elif instruction.opname == "LOAD_GLOBAL" and instruction.argval in function.__globals__:
            value: Any = function.__globals__[instruction.argval]
            if not callable(value) or getattr(value, "__module__", None) == MACHINE:
                known.add(id(value))
        elif instruction.opname == "BUILD_TUPLE" and following.opname.startswith("RETURN"):
            yield instruction.offset, instruction.arg or 0, known
