"""Batches at a provider: what is known of one, what became of its requests, and what all providers' have in common."""

from __future__ import annotations

import json
from typing import NamedTuple

from omega_runtime.models.connections import Attempt
from omega_runtime.models.failures import failed_attempt
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, TypeVar

    from httpx2 import Timeout

    from omega_runtime.models.failures import AttemptFailed, Sdk
    from omega_runtime.values import Value

    T = TypeVar("T")

# Of a list.
PAGE = 100


class BatchState(NamedTuple):
    """What the provider says of a batch: how many requests it has and how many are under way, and whether all ended.

    `has_results` is false once they are gone, too; of ended ones there are `results` at least. What a batch that
    `is_broken_off` has no result for was never made. `name` is what it was given on its way, where providers keep that;
    "" for one without.
    """

    id: str
    calls: int
    waiting: int
    is_ended: bool
    has_results: bool
    results: int = 0
    is_broken_off: bool = False
    name: str | None = None


class Result(NamedTuple):
    """What became of a request: "succeeded" with the message, or "errored", "canceled" or "expired", perhaps why."""

    custom_id: str
    kind: str
    message: Value
    problem: str


class Batches:
    """The batches of a key, of which an SDK is asked. Each method raises AttemptFailed, without key and prompts."""

    cursor: str
    """What the SDK's lists call the batch behind which they begin."""

    def __init__(self, batches: Any, key: str, sdk: Sdk) -> None:
        self._batches = batches
        self._key = key
        self._sdk = sdk

    def asker(self, salt: str) -> str:
        """What tells the key from others, and says nothing else of it."""
        from hashlib import blake2b

        return blake2b(self._key.encode(), salt=salt.encode()[:16], digest_size=8).hexdigest()

    def create(
        self, name: str, requests: Sequence[tuple[str, dict[str, Value]]], seconds: float, texts: Sequence[str]
    ) -> str:
        """Send a batch, given as custom ids and parameters; its id. `texts` are kept out of what the server said."""
        raise NotImplementedError

    def state(self, batch: str, seconds: float) -> BatchState:
        """What is known of a batch."""
        return self._state_in(self._described(batch, seconds))

    def results(self, batch: str, seconds: float) -> Iterator[Result]:
        """What became of the requests, in any order; reading all of it may take so long."""
        raise NotImplementedError

    def newest(self, seconds: float) -> str | None:
        """The id of the latest batch, if there is one."""
        states, _ = self._page(None, 1, seconds)
        return states[0].id if states else None

    def since(self, newest: str | None, seconds: float) -> Iterator[BatchState]:
        """The batches of the key, the latest first, down to `newest`; all, where that is not there."""
        after = None
        while True:
            states, has_more = self._page(after, PAGE, seconds)
            for state in states:
                yield state
                if state.id == newest:
                    return
            if not has_more or not states:
                return
            after = states[-1].id

    def _page(self, after: str | None, limit: int, seconds: float) -> tuple[list[BatchState], bool]:
        """So many batches, the latest first, behind one of them; and whether there are more."""

        def ask(timeout: Timeout) -> tuple[list[BatchState], bool]:
            behind = {} if after is None else {self.cursor: after}
            body = self._batches.with_raw_response.list(limit=limit, timeout=timeout, **behind).http_response.json()
            return [self._state_in(each) for each in member(body, "data", list)], body.get("has_more") is True

        return self._tried(ask, seconds)

    def _described(self, batch: str, seconds: float) -> dict[str, Any]:
        """What the provider says of a batch, as it says it."""

        def ask(timeout: Timeout) -> dict[str, Any]:
            body: dict[str, Any] = self._batches.with_raw_response.retrieve(batch, timeout=timeout).http_response.json()
            self._state_in(body)  # what can't be read is a failure of the attempt
            return body

        return self._tried(ask, seconds)

    def _state_in(self, body: Value) -> BatchState:
        """What the provider says of a batch. Raises UnreadableAnswer."""
        raise NotImplementedError

    def _read(
        self, opened: Callable[[Timeout], AbstractContextManager[Any]], read: Callable[[Value], Result], seconds: float
    ) -> Iterator[Result]:
        """What stands in the lines of an answer, which comes bit by bit."""
        attempt = Attempt(seconds)
        try:
            with attempt as timeout, opened(timeout) as answer:
                for line in answer.http_response.iter_lines():
                    if line.strip():
                        yield read(json.loads(line))
            return
        except Exception as error:
            failed = self._failed(error, attempt, (), seconds)
        raise failed

    def _tried(self, ask: Callable[[Timeout], T], seconds: float, texts: Sequence[str] = ()) -> T:
        attempt = Attempt(seconds)
        try:
            with attempt as timeout:
                return ask(timeout)
        except Exception as error:
            failed = self._failed(error, attempt, texts, seconds)
        raise failed

    def _failed(self, error: Exception, attempt: Attempt, texts: Sequence[str], seconds: float) -> AttemptFailed:
        return failed_attempt(error, attempt, self._key, texts, seconds, self._sdk)


def member(body: Value, name: str, kind: type[T]) -> T:
    """A part of an answer. Raises UnreadableAnswer when it's not of that kind."""
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, kind):
        raise UnreadableAnswer(f"no {name}")
    return found
