"""Ctrl-C at a chosen moment."""

from __future__ import annotations

import dis
import sys
from types import FrameType
from typing import Any


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
        self.previous: dict[int, str] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_globals.get("__name__", "").startswith(self.modules) or frame.f_code.co_name in self.skip:
            return None
        frame.f_trace_opcodes = True
        if event == "call":
            self.previous[id(frame)] = ""
        if event == "call" or (event == "opcode" and self._is_after_check(frame)):
            self.left -= 1
            if self.left == 0:
                self.happened = True
                sys.settrace(None)
                raise KeyboardInterrupt
        return self

    def _is_after_check(self, frame: FrameType) -> bool:
        previous = self.previous.get(id(frame), "")
        current = self.previous[id(frame)] = dis.opname[frame.f_code.co_code[frame.f_lasti]]
        # A call that raises goes to its handler without such a moment.
        return previous.startswith(("CALL", "JUMP_BACKWARD")) and current != "PUSH_EXC_INFO"
