"""Anthropic's batches of messages: made, looked for, asked for and read, through its SDK."""

from __future__ import annotations

from omega_runtime.models.anthropic_failures import SDK
from omega_runtime.models.batches import Batches, BatchState, Result, member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from anthropic import Anthropic
    from httpx2 import Timeout

    from omega_runtime.values import Value


class AnthropicBatches(Batches):
    """The batches of a key at an address."""

    cursor = "after_id"

    def __init__(self, client: Anthropic, key: str) -> None:
        super().__init__(client.messages.batches, key, SDK)

    def create(
        self,
        name: str,  # noqa: ARG002 - it stands in each custom id
        requests: Sequence[tuple[str, dict[str, Value]]],
        seconds: float,
        texts: Sequence[str],
    ) -> str:
        """Send a batch."""

        def send(timeout: Timeout) -> str:
            sent: list[Any] = [{"custom_id": each, "params": params} for each, params in requests]
            answer = self._batches.with_raw_response.create(requests=sent, timeout=timeout)
            return self._state_in(answer.http_response.json()).id

        return self._tried(send, seconds, texts)

    def results(self, batch: str, seconds: float) -> Iterator[Result]:
        """What became of the requests."""
        return self._read(
            lambda timeout: self._batches.with_streaming_response.results(batch, timeout=timeout), _result, seconds
        )

    def _state_in(self, body: Value) -> BatchState:
        counts = member(body, "request_counts", dict)
        calls = sum(number for number in counts.values() if type(number) is int)
        return BatchState(
            member(body, "id", str),
            calls,
            counts.get("processing", 0),
            member(body, "processing_status", str) == "ended",
            body.get("results_url") is not None,
            calls,
        )


def _result(line: Value) -> Result:
    result = member(line, "result", dict)
    problem = result.get("error")
    while isinstance(problem, dict) and isinstance(problem.get("error"), dict):
        problem = problem["error"]
    kind = problem.get("type") if isinstance(problem, dict) else None
    return Result(
        member(line, "custom_id", str),
        member(result, "type", str),
        result.get("message"),
        kind if isinstance(kind, str) else "",
    )
