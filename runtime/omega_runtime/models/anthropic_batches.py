"""Anthropic's batches of messages: made, looked for, asked for and read, through its SDK."""

from __future__ import annotations

import json
from typing import NamedTuple

from omega_runtime.models.anthropic_failures import failed_attempt
from omega_runtime.models.connections import Attempt
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from anthropic import Anthropic
    from httpx2 import Timeout

    from omega_runtime.values import Value

    T = TypeVar("T")

MOST_CALLS = 100_000
"""How many requests a batch may have."""

MOST_BYTES = 256_000_000
"""How large a batch may be."""

# Of a list.
_PAGE = 100


class BatchState(NamedTuple):
    """What the provider says of a batch: how many requests it has and how many are under way, and whether all ended.

    `has_results` is false once they are gone, too.
    """

    id: str
    calls: int
    waiting: int
    is_ended: bool
    has_results: bool


class Result(NamedTuple):
    """What became of a request: "succeeded" with the message, or "errored", "canceled" or "expired", perhaps why."""

    custom_id: str
    kind: str
    message: Value
    problem: str


class Batches:
    """The batches of a key at an address. Each method raises AttemptFailed, which holds neither key nor prompts."""

    def __init__(self, client: Anthropic, key: str) -> None:
        self._batches = client.messages.batches
        self._key = key

    def asker(self, salt: str) -> str:
        """What tells the key from others, and says nothing else of it."""
        from hashlib import blake2b

        return blake2b(self._key.encode(), salt=salt.encode()[:16], digest_size=8).hexdigest()

    def create(self, requests: Sequence[tuple[str, dict[str, Value]]], seconds: float, texts: Sequence[str]) -> str:
        """Send a batch, given as custom ids and parameters; its id. `texts` are kept out of what the server said."""

        def send(timeout: Timeout) -> str:
            sent: list[Any] = [{"custom_id": name, "params": params} for name, params in requests]
            answer = self._batches.with_raw_response.create(requests=sent, timeout=timeout)
            return _state(answer.http_response.json()).id

        return self._tried(send, seconds, texts)

    def state(self, batch: str, seconds: float) -> BatchState:
        """What is known of a batch."""

        def ask(timeout: Timeout) -> BatchState:
            answer = self._batches.with_raw_response.retrieve(batch, timeout=timeout)
            return _state(answer.http_response.json())

        return self._tried(ask, seconds)

    def newest(self, seconds: float) -> str | None:
        """The id of the latest batch, if there is one."""
        states, _ = self._page(None, 1, seconds)
        return states[0].id if states else None

    def since(self, newest: str | None, seconds: float) -> Iterator[BatchState]:
        """The batches of the key, the latest first, down to `newest`; all, where that is not there."""
        after = None
        while True:
            states, has_more = self._page(after, _PAGE, seconds)
            for state in states:
                yield state
                if state.id == newest:
                    return
            if not has_more or not states:
                return
            after = states[-1].id

    def _page(self, after: str | None, limit: int, seconds: float) -> tuple[list[BatchState], bool]:
        def ask(timeout: Timeout) -> tuple[list[BatchState], bool]:
            cursor: dict[str, Any] = {} if after is None else {"after_id": after}
            body = self._batches.with_raw_response.list(limit=limit, timeout=timeout, **cursor).http_response.json()
            return [_state(each) for each in _member(body, "data", list)], body.get("has_more") is True

        return self._tried(ask, seconds)

    def results(self, batch: str, seconds: float) -> Iterator[Result]:
        """What became of the requests, in any order; reading all of it may take so long."""
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
            failed = failed_attempt(error, attempt, self._key, (), seconds)
        raise failed

    def _tried(self, ask: Callable[[Timeout], T], seconds: float, texts: Sequence[str] = ()) -> T:
        attempt = Attempt(seconds)
        try:
            with attempt as timeout:
                return ask(timeout)
        except Exception as error:
            failed = failed_attempt(error, attempt, self._key, texts, seconds)
        raise failed


def _member(body: Value, name: str, kind: type[T]) -> T:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, kind):
        raise UnreadableAnswer(f"no {name}")
    return found


def _state(body: Value) -> BatchState:
    counts = _member(body, "request_counts", dict)
    numbers = [number for number in counts.values() if type(number) is int]
    return BatchState(
        _member(body, "id", str),
        sum(numbers),
        counts.get("processing", 0),
        _member(body, "processing_status", str) == "ended",
        body.get("results_url") is not None,
    )


def _result(line: Value) -> Result:
    result = _member(line, "result", dict)
    problem = result.get("error")
    while isinstance(problem, dict) and isinstance(problem.get("error"), dict):
        problem = problem["error"]
    kind = problem.get("type") if isinstance(problem, dict) else None
    return Result(
        _member(line, "custom_id", str),
        _member(result, "type", str),
        result.get("message"),
        kind if isinstance(kind, str) else "",
    )
