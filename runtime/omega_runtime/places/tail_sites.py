"""Where a tail call stands that couldn't be made: read off the code that asked for it. So calls carry no places."""

from __future__ import annotations

import dis
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType
    from typing import Any

_JUMPS = frozenset(dis.hasjrel + dis.hasjabs)


def tail_site(entry: TracebackType) -> tuple[CodeType, int] | None:
    """The code and the offset of the tail call at which `bounce`, called by an entry of a traceback, failed.

    None when `bounce` failed elsewhere, or when more than one tail call could be meant.
    """
    inner = entry.tb_next
    if inner is None or inner.tb_next is not None:
        return None
    # The trampoline, which stands above this module, is known by its frame.
    trampoline, names = inner.tb_frame.f_globals, inner.tb_frame.f_locals
    if inner.tb_frame.f_code is not getattr(trampoline.get("bounce"), "__code__", None):
        return None
    asked = names["asked"] or _first_asked(entry.tb_frame, trampoline["bounce"])
    if not isinstance(asked, FunctionType) or asked.__globals__ is not entry.tb_frame.f_globals:
        return None
    record = [id(part) for part in names["result"]]
    found = [offset for offset, size, known in _tail_calls(asked, trampoline["TAIL"]) if _fits(record, size, known)]
    return (asked.__code__, found[0]) if len(found) == 1 else None


def _first_asked(frame: FrameType, bounce: Any) -> Any:
    """The `.tail` entry in `return bounce(the_tail(…))`."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_DEREF"):
            value = frame.f_locals.get(instruction.argval, frame.f_globals.get(instruction.argval))
            if value is not bounce:
                return value
    return None


def _fits(record: list[int], size: int | None, known: dict[int, int | None]) -> bool:
    """Whether a tail call can have given a record, of which the ids of the parts are given."""
    return size is None or (size == len(record) and all(part in (None, record[at]) for at, part in known.items()))


def _tail_calls(function: FunctionType, tail: Any) -> Iterator[tuple[int, int | None, dict[int, int | None]]]:
    """The offset of each `(TAIL, callee, …)`, its size, None where that varies, and the ids of parts that are known."""
    instructions = [i for i in dis.get_instructions(function.__code__) if i.opname not in ("CACHE", "EXTENDED_ARG")]
    for start, mark in enumerate(instructions):
        if mark.opname != "LOAD_GLOBAL" or function.__globals__.get(mark.argval) is not tail:
            continue
        depth, size = 0, None
        known: dict[int, int | None] = {}
        for instruction in instructions[start + 1 :]:
            if instruction.opname == "BUILD_TUPLE" and depth + 1 == instruction.arg:
                size = instruction.arg
            if size or instruction.opcode in _JUMPS or instruction.opname.startswith("RETURN"):
                break
            depth += dis.stack_effect(instruction.opcode, instruction.arg)
            known[depth] = _loaded(instruction, function)  # the last to leave the part on top of the stack made it
        yield mark.offset, size, known


def _loaded(instruction: dis.Instruction, function: FunctionType) -> int | None:
    """The id of what an instruction loads, where that doesn't depend on local variables."""
    if instruction.opname == "LOAD_CONST":
        return id(instruction.argval)
    if instruction.opname == "LOAD_GLOBAL" and instruction.argval in function.__globals__:
        return id(function.__globals__[instruction.argval])
    if instruction.opname == "LOAD_DEREF" and instruction.argval in function.__code__.co_freevars:
        cell = (function.__closure__ or ())[function.__code__.co_freevars.index(instruction.argval)]
        return id(cell.cell_contents)
    return None
