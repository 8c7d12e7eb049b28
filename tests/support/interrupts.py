"""Ctrl-C at a chosen moment."""

from __future__ import annotations

import dis
import sys
from functools import cache
from types import CodeType, FrameType
from typing import Any


@cache
def _behind(code: CodeType) -> dict[int, int]:
    """Where the instruction behind each one begins."""
    offsets = [each.offset for each in dis.get_instructions(code)]
    return dict(zip(offsets, [*offsets[1:], -1], strict=True))


class Interrupt:
    """A trace function that raises KeyboardInterrupt at the n-th moment where the interpreter takes signals.

    These are function entries, and the instruction after a call or a backward jump, in modules whose names begin so,
    but for functions to skip.
    """

    def __init__(self, at: int, modules: tuple[str, ...], skip: tuple[str, ...] = ()) -> None:
        self.left = at
        self.skip = ("__del__", "reclaim", "<genexpr>", *skip)
        self.modules = modules
        self.happened = False
        # By id: a frame kept here would keep its hold alive.
        self.previous: dict[int, int] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_globals.get("__name__", "").startswith(self.modules) or frame.f_code.co_name in self.skip:
            return None
        frame.f_trace_opcodes = True
        if event == "call":
            self.previous[id(frame)] = -1
        if event == "call" or (event == "opcode" and self._is_after_check(frame)):
            self.left -= 1
            if self.left == 0:
                self.happened = True
                sys.settrace(None)
                raise KeyboardInterrupt
        return self

    def _is_after_check(self, frame: FrameType) -> bool:
        code, offset = frame.f_code, frame.f_lasti
        before = self.previous.get(id(frame), -1)
        self.previous[id(frame)] = offset
        if before < 0:
            return False
        name = dis.opname[code.co_code[before]]
        # A call that raises goes to its handler without such a moment. Python 3.13 doesn't tell of each instruction:
        # the next one that it tells of may be outside of a block whose last call this was.
        return name.startswith("JUMP_BACKWARD") or (name.startswith("CALL") and offset == _behind(code)[before])
