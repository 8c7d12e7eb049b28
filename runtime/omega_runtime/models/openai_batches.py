"""OpenAI's batches: a file of requests of one kind for one model, sent, found by the name that goes along, and read."""

from __future__ import annotations

import json

from omega_runtime.models.batches import Batches, BatchState, Result, member
from omega_runtime.models.failures import AttemptFailed
from omega_runtime.models.openai_failures import SDK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from httpx2 import Timeout
    from openai import OpenAI

    from omega_runtime.values import Value

# What a batch is called by us, among its metadata.
_NAME = "omegac"
_WHOLE = "completed"
_BROKEN_OFF = frozenset({"failed", "expired", "cancelled"})
_KINDS = {"batch_expired": "expired", "batch_cancelled": "canceled"}
_OK = 200


class OpenAIBatches(Batches):
    """The batches of a key."""

    cursor = "after"

    def __init__(self, client: OpenAI, key: str) -> None:
        super().__init__(client.batches, key, SDK)
        self._files = client.files

    def create(
        self, name: str, requests: Sequence[tuple[str, dict[str, Value]]], seconds: float, texts: Sequence[str]
    ) -> str:
        """Send a batch: its file, which costs nothing, and then the batch."""
        lines = [json.dumps({"custom_id": each, "method": "POST", **params}) for each, params in requests]
        content = "\n".join(lines).encode() + b"\n"

        def upload(timeout: Timeout) -> str:
            file = (f"{name}.jsonl", content, "application/jsonl")
            answer = self._files.with_raw_response.create(file=file, purpose="batch", timeout=timeout)
            return member(answer.http_response.json(), "id", str)

        def send(timeout: Timeout) -> str:
            endpoint: Any = requests[0][1]["url"]
            answer = self._batches.with_raw_response.create(
                input_file_id=file,
                endpoint=endpoint,
                completion_window="24h",
                metadata={_NAME: name},
                timeout=timeout,
            )
            return self._state_in(answer.http_response.json()).id

        try:
            file = self._tried(upload, seconds, texts)
        except AttemptFailed as error:
            error.failure.billed = "no"  # there is no batch yet
            error.failure.status = None
            raise
        return self._tried(send, seconds, texts)

    def results(self, batch: str, seconds: float) -> Iterator[Result]:
        """What became of the requests: answers are in one file, and errors in another."""
        described = self._described(batch, seconds)
        for name in ("output_file_id", "error_file_id"):
            file = described.get(name)
            if isinstance(file, str) and file:
                yield from self._lines(file, seconds)

    def _lines(self, file: str, seconds: float) -> Iterator[Result]:
        return self._read(
            lambda timeout: self._files.with_streaming_response.content(file, timeout=timeout), _result, seconds
        )

    def _state_in(self, body: Value) -> BatchState:
        status = member(body, "status", str)
        counts = body.get("request_counts") or {}
        total, done, failed = (counts.get(name) or 0 for name in ("total", "completed", "failed"))
        is_broken_off = status in _BROKEN_OFF
        named = body.get("metadata")
        return BatchState(
            member(body, "id", str),
            total,
            total - done - failed,
            status == _WHOLE or is_broken_off,
            is_broken_off or bool(body.get("output_file_id") or body.get("error_file_id")),
            done if is_broken_off else total,
            is_broken_off,
            str(named.get(_NAME, "")) if isinstance(named, dict) else "",
        )


def _result(line: Value) -> Result:
    response, problem = line.get("response"), line.get("error")
    code = problem.get("code") if isinstance(problem, dict) else None
    if isinstance(response, dict) and response.get("status_code") == _OK:
        return Result(member(line, "custom_id", str), "succeeded", response.get("body"), "")
    return Result(member(line, "custom_id", str), _KINDS.get(str(code), "errored"), None, str(code or ""))
