"""OpenAI's files and batches on loopback, for use with the real SDK: batches end when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.completions_api import completion_body, response_body
from tests.support.messages_api import Behaviour, Handler, Server

FILES = "/v1/files"
BATCHES = "/v1/batches"
JSON = {"content-type": "application/json"}


def own_error(status: int, kind: str = "invalid_request_error") -> Behaviour:
    """An error in OpenAI's words."""
    from tests.support.messages_api import Answer

    return Answer(status, json.dumps({"error": {"message": "no", "type": kind, "param": None, "code": None}}).encode())


def prompt_of(body: dict[str, Any]) -> str:
    """The prompt of a request, in either protocol."""
    said = body["input"] if "input" in body else body["messages"]
    return said if isinstance(said, str) else str(said[-1]["content"])


def shout(body: dict[str, Any]) -> dict[str, Any]:
    """An answer of 10 and 5 tokens to a request."""
    text = prompt_of(body).upper()
    answer = response_body(text) if "input" in body else completion_body(text)
    return {"response": {"status_code": 200, "request_id": "r", "body": answer}, "error": None}


def failed(status: int = 400) -> dict[str, Any]:
    """A request that was refused."""
    return {"response": {"status_code": status, "request_id": "r", "body": {"error": {}}}, "error": None}


def expired() -> dict[str, Any]:
    """A request for which there was no time."""
    return {"response": None, "error": {"code": "batch_expired", "message": "too late"}}


class KeptBatch:
    """A batch: its `status`, its `lines` of requests, and its results by file once it has ended."""

    def __init__(self, name: str, body: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        self.name = name
        self.body = body
        self.lines = lines
        self.status = "in_progress"
        self.answers: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []


class OpenAIBatchServer(Server):
    """`batches` are those that came, the oldest first; `result_of` says what becomes of the body of a request.

    A request of which it says None has no line. `uploaded` and `created` are behaviours that answer in place of the
    server, in order; after those of `created` that are no errors of OpenAI's own, the batch is there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = OpenAIBatchHandler
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.batches: list[KeptBatch] = []
        self.uploaded: list[Behaviour] = []
        self.created: list[Behaviour] = []
        self.result_of: Callable[[dict[str, Any]], dict[str, Any] | None] = shout
        self.ends_at_once = False

    def __enter__(self) -> OpenAIBatchServer:
        super().__enter__()
        return self

    def end(self, status: str = "completed") -> None:
        """Let the batches end."""
        for batch in self.batches:
            if batch.status != "in_progress":
                continue
            batch.status = status
            for line in reversed(batch.lines):
                result = self.result_of(line["body"])
                if result is not None:
                    is_fine = (result["response"] or {}).get("status_code") == 200
                    (batch.answers if is_fine else batch.errors).append({"custom_id": line["custom_id"], **result})

    def prompts(self) -> list[list[str]]:
        """The prompts of each batch."""
        return [[prompt_of(line["body"]) for line in batch.lines] for batch in self.batches]


class OpenAIBatchHandler(Handler):
    """Answers one connection."""

    server: OpenAIBatchServer

    def do_GET(self) -> None:  # noqa: N802
        """A page of the list, a batch, or a file."""
        url = urlsplit(self.path)
        self.server.requests.append((self.path, {}))
        if url.path.startswith(FILES):
            self._file(url.path.removeprefix(FILES + "/").partition("/")[0])
        elif url.path == BATCHES:
            self._list(parse_qs(url.query))
        else:
            name = url.path.removeprefix(BATCHES + "/")
            batch = next((each for each in self.server.batches if each.name == name), None)
            if batch is None:
                own_error(404).answer(self)
            else:
                self._say(self._described(batch))

    def do_POST(self) -> None:  # noqa: N802
        """A file, or a batch."""
        content = self.rfile.read(int(self.headers["content-length"]))
        if self.path == FILES:
            self.server.requests.append((self.path, {}))
            if self.server.uploaded:
                self.server.uploaded.pop(0).answer(self)
                return
            name = f"file-{len(self.server.files) + 1}"
            lines = [line for line in content.split(b"\n") if line.startswith(b'{"custom_id"')]
            self.server.files[name] = [json.loads(line) for line in lines]
            self._say({"id": name, "object": "file", "purpose": "batch", "filename": "f", "bytes": 1, "created_at": 1})
            return
        body = json.loads(content)
        self.server.requests.append((self.path, body))
        behaviour = self.server.created.pop(0) if self.server.created else None
        if behaviour is not None and getattr(behaviour, "status", 0) in (400, 429):
            behaviour.answer(self)
            return
        name = f"batch_{len(self.server.batches) + 1:03}"
        batch = KeptBatch(name, body, self.server.files[body["input_file_id"]])
        self.server.batches.append(batch)
        if self.server.ends_at_once:
            self.server.end()
        self.server.asked.set()
        if behaviour is None:
            self._say(self._described(batch))
        else:
            behaviour.answer(self)

    def _file(self, name: str) -> None:
        batch, _, kind = name.partition("-")
        (found,) = [each for each in self.server.batches if each.name == batch]
        lines = found.answers if kind == "output" else found.errors
        content = "".join(json.dumps(line) + "\n" for line in lines)
        self.send(200, content.encode(), {"content-type": "application/octet-stream"})

    def _list(self, query: dict[str, list[str]]) -> None:
        newest_first = self.server.batches[::-1]
        names = [each.name for each in newest_first]
        start = names.index(query["after"][0]) + 1 if "after" in query else 0
        stop = start + int(query.get("limit", ["20"])[0])
        page = [self._described(each) for each in newest_first[start:stop]]
        self._say({"object": "list", "data": page, "has_more": stop < len(newest_first)})

    def _described(self, batch: KeptBatch) -> dict[str, Any]:
        is_checked = batch.status not in ("validating", "failed")
        counts = {"total": len(batch.lines) if is_checked else 0, "completed": len(batch.answers)}
        return {
            "id": batch.name,
            "object": "batch",
            "endpoint": batch.body["endpoint"],
            "input_file_id": batch.body["input_file_id"],
            "completion_window": batch.body["completion_window"],
            "status": batch.status,
            "created_at": 1,
            "metadata": batch.body.get("metadata"),
            "request_counts": {**counts, "failed": len(batch.errors)},
            "output_file_id": f"{batch.name}-output" if batch.answers else None,
            "error_file_id": f"{batch.name}-error" if batch.errors else None,
        }

    def _say(self, body: dict[str, Any]) -> None:
        self.send(200, json.dumps(body).encode(), JSON)
