"""A provider that keeps the requests it gets."""

from __future__ import annotations

from omega_runtime.clock import SystemClock
from omega_runtime.models.provider import Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request


class Recorder(Provider):
    """Keeps what it was asked; an answer costs 10 tokens and is the number of the call."""

    name = "recorder"
    default_model = "claude-sonnet-5-5"

    def __init__(self) -> None:
        self.requests: list[Request] = []
        # The most output tokens that each was given.
        self.rooms: list[int] = []
        self.stop_reason: str | None = None

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        self.requests.append(request)
        self.rooms.append(max_tokens)
        return Reply(f"answer {len(self.requests)}", 6, 4, stop_reason=self.stop_reason)

    def count(self, request: Request, clock: SystemClock | None = None) -> int:
        return 6

    @property
    def prompts(self) -> list[str]:
        return [request.prompt for request in self.requests]

    @property
    def models(self) -> list[str]:
        return [request.model for request in self.requests]
