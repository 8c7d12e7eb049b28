"""Providers that answer at once."""

from __future__ import annotations

from typing import Any

from omega_runtime import Reply
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request


class Quiet(Provider):
    """Answers at once; `answer` is a reply, or an exception to raise."""

    __slots__ = ("answer",)
    name = default_model = "quiet"
    runs_programs = False

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer or Reply("ok", 3, 2)

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        if isinstance(self.answer, BaseException):
            raise self.answer
        answer: Reply = self.answer
        return answer


class Priced(Quiet):
    __slots__ = ()
    is_priced = True


class Running(Quiet):
    __slots__ = ()
    runs_programs = True
