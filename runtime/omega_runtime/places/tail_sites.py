"""Where a tail call stands that couldn't be made: read off the code that asked for it. So calls carry no places."""

from __future__ import annotations

import dis
from types import CellType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType
    from typing import Any

_JUMPS = frozenset(dis.hasjrel + dis.hasjabs)


class TailSite:
    """A tail call: its instruction, in the code of a procedure's entry, and the name of the procedure that it ends."""

    __slots__ = ("code", "name", "offset")

    def __init__(self, code: CodeType, offset: int, name: str) -> None:
        self.code = code
        self.offset = offset
        self.name = name


def tail_site(entry: TracebackType) -> TailSite | None:
    """The last tail call that was asked for on behalf of an entry of a traceback, in the code of its module.

    None when no trampoline is on the way from the entry to the next one of Omega code, or when more than one tail
    call could be meant.
    """
    found = None
    inner = entry.tb_next
    while inner is not None and "__omega_source__" not in inner.tb_frame.f_globals:
        if _is_trampoline(inner.tb_frame):
            first = _first_asked(entry.tb_frame, inner.tb_frame) if inner is entry.tb_next else None
            found = _asked_for(entry.tb_frame, inner.tb_frame, first) or found
        inner = inner.tb_next
    return found


def _is_trampoline(frame: FrameType) -> bool:
    """Whether a frame makes tail calls. Trampolines, which stand above this module, are known by their frames."""
    is_runtime = str(frame.f_globals.get("__name__")).startswith("omega_runtime.")
    return is_runtime and {"before", "asked", "result"} <= {*frame.f_code.co_varnames}


def _first_asked(frame: FrameType, trampoline: FrameType) -> Any:
    """The `.tail` entry in `return bounce(the_tail(…))`; for `return bounce((TAIL, callee, …))` what has that code."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_DEREF"):
            value = frame.f_locals.get(instruction.argval, frame.f_globals.get(instruction.argval))
            if value is trampoline.f_globals["TAIL"]:
                cells = tuple(CellType(frame.f_locals.get(name)) for name in frame.f_code.co_freevars)
                return FunctionType(frame.f_code, frame.f_globals, closure=cells)
            if getattr(value, "__code__", None) is not trampoline.f_code:
                return value
    return None


def _asked_for(frame: FrameType, trampoline: FrameType, first: Any) -> TailSite | None:
    """The tail call that a trampoline makes, when only one can be meant. `first` gave it its first one."""
    names, tail = trampoline.f_locals, trampoline.f_globals["TAIL"]
    asked, record, is_whole = names["asked"], names["result"], True
    if asked is not None and not _is_from(asked, frame):
        # Who was asked only hands on, as `apply` does: the call of it is meant, of which the arguments are gone.
        asked, record, is_whole = names["before"], (tail, asked), False
    function = first if asked is None else getattr(asked, "tail", asked)
    if not isinstance(function, FunctionType) or not _is_from(function, frame):
        return None
    parts = [id(part) for part in record]
    found = [offset for offset, size, known in _tail_calls(function, tail) if _fits(parts, is_whole, size, known)]
    if len(found) != 1:
        return None
    return TailSite(function.__code__, found[0], frame.f_code.co_qualname if asked is None else asked.__qualname__)


def _is_from(procedure: Any, frame: FrameType) -> bool:
    """Whether a procedure is of the module that a frame runs code of."""
    return getattr(procedure, "__globals__", None) is frame.f_globals


def _fits(record: list[int], is_whole: bool, size: int | None, known: dict[int, int | None]) -> bool:
    """Whether a tail call can have given a record, of which the ids of the parts, or of the first ones, are given."""
    if is_whole and size not in (None, len(record)):
        return False
    return size is None or all(part in (None, record[at]) for at, part in known.items() if at < len(record))


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
