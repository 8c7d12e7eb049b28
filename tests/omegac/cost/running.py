"""Runs of programs by a model that counts, and what they spend."""

from __future__ import annotations

from typing import Any

import attrs
import omega_runtime
from omega_runtime.control.deep import deep
from omega_runtime.models.provider import text_bound

from omegac.pipeline import compile_source
from omegac.source import Source


@attrs.frozen
class Spent:
    """The calls and tokens of a run; `has_ended` says that it came to its end without an error."""

    calls: int
    tokens: int
    has_ended: bool


class TooManyCalls(BaseException):
    """The run takes too long to be waited for."""


class CountingModel:
    """Answers with what it is asked, its beginning, a number, or as long as it may; counts as much as is allowed."""

    def __init__(self, most: int) -> None:
        self.calls = self.tokens = 0
        self.most = most

    def __call__(self, prompt: str, system: str | None = None, max_tokens: int = 1) -> Any:
        self.calls += 1
        if self.calls > self.most:
            raise TooManyCalls
        counted = text_bound(prompt) + (0 if system is None else text_bound(system))
        self.tokens += counted + max_tokens
        room = 128 * max_tokens
        answers = [prompt, prompt[:5], str(self.calls % 4), "w" * room, "no", ""]
        text = answers[(self.calls + len(prompt)) % len(answers)]
        while text_bound(text) > room:
            text = text[: len(text) // 2]
        return omega_runtime.Reply(text, counted, max_tokens)


def spent(program: str, most: int = 400) -> Spent:
    """What a program spends; after that many calls it is ended."""
    model = CountingModel(most)
    names: dict[str, Any] = {"__name__": "omega_program"}
    with omega_runtime.use_model(model):
        try:
            deep(exec, compile_source(Source("test.omega", program)).code(), names)
        except (Exception, TooManyCalls):
            return Spent(min(model.calls, most), model.tokens, has_ended=False)
    return Spent(model.calls, model.tokens, has_ended=True)
