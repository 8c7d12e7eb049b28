"""A Messages API on loopback that does as a test tells it, for use with the real SDK."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "test-key-4711"

# A hanging answer lasts until the server is closed, or so many seconds.
HANG_SECONDS = 10.0


class Behaviour:
    """What the server does with one request."""

    def answer(self, handler: Handler) -> None:
        """Write a response, or do not."""
        raise NotImplementedError


class Answer(Behaviour):
    """Any status, headers and body."""

    def __init__(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        self.status = status
        self.body = body
        self.headers = {
            "content-type": content_type,
            **{name.replace("_", "-"): headers[name] for name in headers},
        }

    def answer(self, handler: Handler) -> None:
        """Send it whole."""
        handler.send(self.status, self.body, self.headers)


class Hang(Behaviour):
    """Reads the request and never answers."""

    def answer(self, handler: Handler) -> None:
        """Wait until the server closes."""
        handler.server.closing.wait(HANG_SECONDS)
        handler.close_connection = True


class Drip(Behaviour):
    """An answer that comes byte by byte, one each 50 ms: its head too, or its body only."""

    def __init__(self, answer: Answer, head: bool) -> None:
        self.whole = answer
        self.head = head

    def answer(self, handler: Handler) -> None:
        """Send it until nobody listens."""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(self.whole.body)
        slowly = head + self.whole.body if self.head else self.whole.body
        handler.close_connection = True
        with suppress(OSError):
            if not self.head:
                handler.wfile.write(head)
            for byte in slowly:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if handler.server.closing.wait(0.05):
                    return


class CutOff(Behaviour):
    """Announces a body, sends a part of it and closes the connection."""

    def answer(self, handler: Handler) -> None:
        """Send headers and half a body."""
        handler.send(200, b'{"id": "msg_1", "content": [', {"content-type": "application/json"}, length=1000)
        handler.close_connection = True


def message(
    text: str = "Hello.",
    input_tokens: int = 10,
    output_tokens: int = 5,
    stop_reason: str = "end_turn",
    blocks: list[dict[str, Any]] | None = None,
    **usage: Any,
) -> Answer:
    """A successful answer with this text and usage; `usage` may add cache counts, `blocks` replaces the content."""
    content = blocks if blocks is not None else [{"type": "text", "text": text}]
    body = {
        "id": "msg_test",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": input_tokens, "output_tokens": output_tokens, **usage},
    }
    return Answer(200, json.dumps(body).encode())


def streamed(message: Answer, *, size: int = 4) -> Answer:
    """The same message in events, its texts in pieces of so many characters."""
    body = json.loads(message.body)
    blocks, usage = body["content"], body["usage"]
    start = {**body, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": _begun(block)})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in _deltas(block, size)]
        events.append({"type": "content_block_stop", "index": index})
    end = {"stop_reason": body["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": end, "usage": {"output_tokens": usage["output_tokens"]}})
    events.append({"type": "message_stop"})
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Answer(200, text.encode(), "text/event-stream", **{"request-id": "req_test"})


def _begun(block: dict[str, Any]) -> dict[str, Any]:
    empty = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {name: empty.get(name, value) for name, value in block.items()}


def _deltas(block: dict[str, Any], size: int) -> list[dict[str, Any]]:
    texts = [
        (kind, name, block[name])
        for kind, name in (("thinking_delta", "thinking"), ("text_delta", "text"))
        if name in block
    ]
    if "signature" in block:
        texts.append(("signature_delta", "signature", block["signature"]))
    if "input" in block:
        texts.append(("input_json_delta", "partial_json", json.dumps(block["input"])))
    return [
        {"type": kind, name: text[at : at + size]} for kind, name, text in texts for at in range(0, len(text), size)
    ]


def error(status: int, kind: str, text: str = "told to fail", **headers: str) -> Answer:
    """A failure in the provider's own words."""
    body = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_test"}
    return Answer(status, json.dumps(body).encode(), **headers)


def gateway(status: int = 502) -> Answer:
    """A failure in the words of something between the client and the provider."""
    return Answer(status, b"<html><h1>Bad gateway</h1></html>", "text/html")


class Server(ThreadingHTTPServer):
    """`requests` records (path, body) of every request; `script` answers messages, `counts` answers count_tokens.

    With `answer_by`, a function of a request's body, that answers messages instead. `asked` is set once a request came.
    """

    daemon_threads = True
    # Many calls may connect at once.
    request_queue_size = 256

    def __init__(self, *script: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = list(script)
        self.counts: list[int | Behaviour] = []
        self.answer_by: Callable[[dict[str, Any]], Behaviour] | None = None
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self.asked = threading.Event()
        self.connections: list[Any] = []

    @property
    def url(self) -> str:
        """What ANTHROPIC_BASE_URL must be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, path: str = "/v1/messages") -> list[dict[str, Any]]:
        """The bodies of the requests to a path."""
        return [body for at, body in self.requests if at == path]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, which clients keep open for further requests."""
        self.connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, such as one that was killed, is no failure of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        # A later server on the same port must not share its clients' requests with this one.
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


Start = Callable[..., Server]


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: otherwise each answer waits for a delayed acknowledgement.
    wbufsize = -1
    server: Server

    def do_POST(self) -> None:
        """Record the request and follow the script; a request beyond the script gets a 400."""
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        self.server.requests.append((self.path, body))
        self.server.asked.set()
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        if self.path == "/v1/messages/count_tokens":
            self._count()
            return
        if self.server.answer_by is not None:
            self.server.answer_by(body).answer(self)
            return
        known = self.server.script
        behaviour = self.server.script.pop(0) if known else error(400, "invalid_request_error", "not in the script")
        behaviour.answer(self)

    def _count(self) -> None:
        count = self.server.counts.pop(0) if self.server.counts else error(404, "not_found_error")
        if isinstance(count, Behaviour):
            count.answer(self)
        else:
            self.send(200, json.dumps({"input_tokens": count}).encode(), {"content-type": "application/json"})

    def send(self, status: int, body: bytes, headers: dict[str, str], length: int | None = None) -> None:
        """A response; `length` announces another length than the body has."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep test output quiet."""
