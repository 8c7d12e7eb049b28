"""Anthropic's Message Batches API on loopback, for use with the real SDK: batches end when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.messages_api import HANG_SECONDS, Behaviour, Handler, Server, error, message

PATH = "/v1/messages/batches"

JSON = {"content-type": "application/json"}


def succeeded(text: str = "Hello.", input_tokens: int = 10, output_tokens: int = 5, **more: Any) -> dict[str, Any]:
    """The result of a request that was answered."""
    return {"type": "succeeded", "message": json.loads(message(text, input_tokens, output_tokens, **more).body)}


def failed(kind: str) -> dict[str, Any]:
    """The result of a request that cost nothing: errored, canceled or expired."""
    if kind != "errored":
        return {"type": kind}
    return {"type": kind, "error": json.loads(error(400, "invalid_request_error").body)}


class KeptBatch:
    """A batch at the provider: `results` are there once it has ended, None when they are gone again."""

    def __init__(self, name: str, requests: list[dict[str, Any]]) -> None:
        self.name = name
        self.requests = requests
        self.is_ended = False
        self.results: list[dict[str, Any]] | None = None


class BatchServer(Server):
    """`batches` are those that came, the oldest first; `result_of` says what becomes of the parameters of a request.

    Each new batch is answered by `created`, behaviours in order, once it is there; a failure in the provider's words
    among them is all that becomes of it. With `stops_after`, so many lines of results come, and then nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = BatchHandler
        self.batches: list[KeptBatch] = []
        self.created: list[Behaviour] = []
        self.result_of: Callable[[dict[str, Any]], dict[str, Any]] = lambda params: succeeded()
        self.stops_after: int | None = None
        self.ends_at_once = False

    def __enter__(self) -> BatchServer:
        super().__enter__()
        return self

    def add(self, requests: list[dict[str, Any]]) -> KeptBatch:
        """Make a batch."""
        batch = KeptBatch(f"msgbatch_{len(self.batches) + 1:03}", requests)
        self.batches.append(batch)
        if self.ends_at_once:
            self.end(batch)
        return batch

    def end(self, *batches: KeptBatch) -> None:
        """Let these batches end, or all; the results come in another order than the requests did."""
        for batch in batches or self.batches:
            if not batch.is_ended:
                batch.results = [
                    {"custom_id": each["custom_id"], "result": self.result_of(each["params"])}
                    for each in reversed(batch.requests)
                ]
                batch.is_ended = True

    def prompts(self) -> list[list[str]]:
        """The prompts of each batch."""
        return [[each["params"]["messages"][0]["content"] for each in batch.requests] for batch in self.batches]


class BatchHandler(Handler):
    """Answers one connection."""

    server: BatchServer

    def do_GET(self) -> None:  # noqa: N802
        """A page of the list, a batch, or its results."""
        url = urlsplit(self.path)
        name, _, what = url.path.removeprefix(PATH).lstrip("/").partition("/")
        self.server.requests.append((self.path, {}))
        if not name:
            self._list(parse_qs(url.query))
            return
        batch = next((each for each in self.server.batches if each.name == name), None)
        if batch is None:
            error(404, "not_found_error", "no such batch").answer(self)
        elif what == "results":
            self._results(batch)
        else:
            self._say(self._described(batch))

    def do_POST(self) -> None:  # noqa: N802
        """A new batch; what else comes is answered as ever."""
        if self.path != PATH:
            super().do_POST()
            return
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append((self.path, body))
        behaviour = self.server.created.pop(0) if self.server.created else None
        if behaviour is not None and getattr(behaviour, "status", 0) in (400, 429, 529):
            behaviour.answer(self)
            return
        batch = self.server.add(body["requests"])
        self.server.asked.set()
        if behaviour is None:
            self._say(self._described(batch))
        else:
            behaviour.answer(self)

    def _list(self, query: dict[str, list[str]]) -> None:
        newest_first = self.server.batches[::-1]
        names = [each.name for each in newest_first]
        start = names.index(query["after_id"][0]) + 1 if "after_id" in query else 0
        stop = start + int(query.get("limit", ["20"])[0])
        page = newest_first[start:stop]
        self._say(
            {
                "data": [self._described(each) for each in page],
                "has_more": stop < len(newest_first),
                "first_id": page[0].name if page else None,
                "last_id": page[-1].name if page else None,
            }
        )

    def _results(self, batch: KeptBatch) -> None:
        lines = [json.dumps(each).encode() + b"\n" for each in batch.results or []]
        shown = lines[: self.server.stops_after]
        length = sum(map(len, lines))
        self.send(200, b"".join(shown), {"content-type": "application/x-jsonl"}, length=length)
        with suppress(OSError):
            self.wfile.flush()
        if len(shown) < len(lines):
            self.server.asked.set()
            self.server.closing.wait(HANG_SECONDS)
            self.close_connection = True

    def _described(self, batch: KeptBatch) -> dict[str, Any]:
        kinds = [each["result"]["type"] for each in batch.results or []]
        if batch.is_ended and batch.results is None:
            kinds = ["succeeded"] * len(batch.requests)
        counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
        url = f"{self.server.url}{PATH}/{batch.name}/results"
        return {
            "id": batch.name,
            "type": "message_batch",
            "processing_status": "ended" if batch.is_ended else "in_progress",
            "request_counts": {"processing": len(batch.requests) - len(kinds), **counts},
            "created_at": "2026-11-01T12:00:00Z",
            "expires_at": "2026-11-02T12:00:00Z",
            "ended_at": "2026-11-01T13:00:00Z" if batch.is_ended else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": url if batch.results is not None else None,
        }

    def _say(self, body: dict[str, Any]) -> None:
        self.send(200, json.dumps(body).encode(), JSON)
