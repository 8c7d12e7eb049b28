"""Anthropic's batches of messages: made, looked for, asked for and read, through its SDK."""

from __future__ import annotations

import json

from omega_runtime.models.anthropic_failures import failed_attempt
from omega_runtime.models.batches import Batches, BatchState, Result, member
from omega_runtime.models.connections import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from anthropic import Anthropic
    from httpx2 import Timeout

    from omega_runtime.models.failures import AttemptFailed
    from omega_runtime.values import Value


class AnthropicBatches(Batches):
    """The batches of a key at an address."""

    def __init__(self, client: Anthropic, key: str) -> None:
        super().__init__(key)
        self._batches = client.messages.batches

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
            return _state(answer.http_response.json()).id

        return self._tried(send, seconds, texts)

    def state(self, batch: str, seconds: float) -> BatchState:
        """What is known of a batch."""

        def ask(timeout: Timeout) -> BatchState:
            answer = self._batches.with_raw_response.retrieve(batch, timeout=timeout)
            return _state(answer.http_response.json())

        return self._tried(ask, seconds)

    def results(self, batch: str, seconds: float) -> Iterator[Result]:
        """What became of the requests."""
        attempt = Attempt(seconds)
        try:
            with (
                attempt as timeout,
                self._batches.with_streaming_response.results(batch, timeout=timeout) as answer,
            ):
                for line in answer.http_response.iter_lines():
                    if line.strip():
                        yield _result(json.loads(line))
            return
        except Exception as error:
            failed = self._failed(error, attempt, (), seconds)
        raise failed

    def _page(self, after: str | None, limit: int, seconds: float) -> tuple[list[BatchState], bool]:
        def ask(timeout: Timeout) -> tuple[list[BatchState], bool]:
            cursor: dict[str, Any] = {} if after is None else {"after_id": after}
            body = self._batches.with_raw_response.list(limit=limit, timeout=timeout, **cursor).http_response.json()
            return [_state(each) for each in member(body, "data", list)], body.get("has_more") is True

        return self._tried(ask, seconds)

    def _failed(self, error: Exception, attempt: Attempt, texts: Sequence[str], seconds: float) -> AttemptFailed:
        return failed_attempt(error, attempt, self._key, texts, seconds)


def _state(body: Value) -> BatchState:
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
