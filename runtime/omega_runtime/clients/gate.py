"""Between a client and its provider: which requests may pass, with what held, and what becomes of their answers."""

from __future__ import annotations

import json
import os
import sys

from httpx2 import ConnectError, ConnectTimeout, PoolTimeout, ProxyError, Request, UnsupportedProtocol

from omega_runtime.clients.completions import COMPLETIONS
from omega_runtime.clients.holding import Biller, book, new_request, tell
from omega_runtime.clients.messages import MESSAGES
from omega_runtime.clients.responses import EMBEDDINGS, RESPONSES
from omega_runtime.models.anthropic_failures import own_error
from omega_runtime.models.bounds import Unbounded
from omega_runtime.models.failures import retry_after
from omega_runtime.models.openai_failures import own_error as openai_error
from omega_runtime.models.pace import slow_down
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.places.callers import site_at
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType
    from typing import Any

    from httpx2 import Response

    from omega_runtime.calls.call import Call
    from omega_runtime.clients.asked import Answer, Asked, Body, Reading
    from omega_runtime.clients.holding import ClientRequest
    from omega_runtime.places import Site

READINGS: Mapping[str, Mapping[str, Reading]] = {
    "anthropic": {"/v1/messages": MESSAGES},
    "openai": {"/chat/completions": COMPLETIONS, "/responses": RESPONSES, "/embeddings": EMBEDDINGS},
}
"""What costs something, by the provider's protocol and how the path of the request ends."""

_FREE = ("/v1/messages/count_tokens", "/v1/files", "/moderations", "/responses/input_tokens")
_HARMLESS_METHODS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})

NOT_SENT = (ConnectError, ConnectTimeout, PoolTimeout, ProxyError, UnsupportedProtocol)
"""What is raised before anything of a request could leave."""

_TOO_MANY_REQUESTS = 429
_OPENAI = "api.openai.com"


class Passing:
    """A request on its way: what it asks for, the room that it needs, and how its answer is read."""

    def __init__(self, gate: Gate, request: Request, reading: Reading, body: Body) -> None:
        self.original = body
        self.reading = reading
        self.gate = gate
        plain = {name: part for name, part in body.items() if name not in gate.harmless}
        self.asked: Asked = reading.asked(plain, request.headers)
        clamp = gate.clamp and self.asked.clamped is not None
        self.room: ClientRequest = new_request(
            Biller(gate.protocol, str(request.url.host)),
            _site(),
            self.asked.model,
            self.asked.input_tokens,
            self.asked.output_tokens,
            clamp,
            self.asked.searches,
        )

    def outgoing(self, request: Request, call: Call) -> Request:
        """What is sent: the request, with fewer output tokens where there is no room for more."""
        body = {**self.original, **self.asked.body}
        if self._goes_by_tiers(request) and body.get("service_tier") in (None, "auto"):
            # A project may have a dearer tier than this one by default.
            body["service_tier"] = "default"
        if call.output < self.asked.output_tokens and self.asked.clamped is not None:
            body = self.asked.clamped(body, call.output)
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        # What comes compressed could not be read on its way.
        headers["accept-encoding"] = "identity"
        content = request.content if body == self.original else json.dumps(body, ensure_ascii=False).encode()
        return Request(request.method, request.url, headers=headers, content=content, extensions=request.extensions)

    def _goes_by_tiers(self, request: Request) -> bool:
        return request.url.host == _OPENAI and self.reading in (COMPLETIONS, RESPONSES)

    def failed(self, call: Call, error: BaseException) -> None:
        """End the hold of a request that got no answer."""
        if isinstance(error, NOT_SENT):
            call.account.ledger.void(call)
        else:
            book_whole(call)

    def refused(self, call: Call, response: Response, content: bytes) -> None:
        """End the hold of a request that was answered by an error."""
        seconds = retry_after(response.headers) if response.status_code == _TOO_MANY_REQUESTS else None
        if seconds is not None:
            slow_down(call.request, call.account.ledger.clock.now() + seconds)
        if self.gate.is_own_error(response, content):
            call.account.ledger.void(call)
        else:
            book_whole(call)

    def reader(self, call: Call, response: Response) -> Reader:
        """What reads the answer on its way to the client, and books what it cost."""
        is_plain = response.headers.get("content-encoding", "identity") == "identity"
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not is_plain:
            return Reader(call)
        if is_stream:
            return EventReader(call, self.reading.answer(self.original))
        return BodyReader(call, self.reading)


def book_whole(call: Call) -> None:
    """Book all that is held, of a call that may have cost that."""
    if call.open:
        call.account.ledger.mark_unknown(call)
        tell(call, call.tokens)


class Gate:
    """What the requests of one client go through.

    `protocol` is the provider's; answers may be shortened with `clamp`; parts of requests that are `harmless` don't
    change what these cost. `own_error` says whether an answer is the provider's own word that a request failed.
    """

    def __init__(self, protocol: str, *, clamp: bool = True, harmless: frozenset[str] = frozenset()) -> None:
        self.protocol = protocol
        self.clamp = clamp
        self.harmless = harmless
        self._process = os.getpid()
        self._has_sent = False

    def passing(self, request: Request) -> Passing | None:
        """A request that costs something; None for one that is free. Raises Unbounded."""
        self._check_process()
        path = request.url.path.rstrip("/")
        if request.method in _HARMLESS_METHODS or path.endswith(_FREE):
            return None
        reading = next((each for end, each in READINGS[self.protocol].items() if path.endswith(end)), None)
        if reading is None:
            raise Unbounded(
                f"{request.method} {path} has no known bound, so it isn't sent; make that call with the client as it "
                "was, within omega_runtime.hold(…)"
            )
        try:
            body = json.loads(request.content)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Unbounded(f"{request.method} {path} without an object of JSON has no known bound, so it isn't sent")
        return Passing(self, request, reading, body)

    def _check_process(self) -> None:
        """A child that uses its parent's connections could get the answers to others' questions."""
        if os.getpid() != self._process and self._has_sent:
            raise OmegaError(
                "this client was used before the process forked, and its connections belong to the parent; make a "
                "client in the child"
            )
        self._process, self._has_sent = os.getpid(), True

    def is_own_error(self, response: Response, content: bytes) -> bool:
        """Whether an answer is the provider's own word that a request failed, and so cost nothing."""
        media = response.headers.get("content-type", "").split(";")[0].strip().lower()
        try:
            body = json.loads(content) if media == "application/json" else None
        except ValueError:
            return False
        if self.protocol == "anthropic":
            return own_error(response.status_code, response.headers, body) is not None
        return openai_error(response.status_code, response.headers, body, response.request.url.host) is not None


class Reader:
    """Passes on what comes; books all that was held at the end, as it can't read what comes."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets of what comes."""
        return chunk

    def rest(self) -> bytes:
        """What the client gets after everything has come."""
        return b""

    def end(self) -> None:
        """Book what the call cost, once nothing more is read."""
        if self.call.open:
            book_whole(self.call)


class BodyReader(Reader):
    """Reads an answer that is one object."""

    def __init__(self, call: Call, reading: Reading) -> None:
        super().__init__(call)
        self._reading = reading
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes) -> bytes:
        """All of it."""
        self._chunks.append(chunk)
        return chunk

    def end(self) -> None:
        """Book what it says."""
        _book(self.call, lambda: self._reading.reply(json.loads(b"".join(self._chunks))))


class EventReader(Reader):
    """Reads server-sent events."""

    def __init__(self, call: Call, answer: Answer) -> None:
        super().__init__(call)
        self._answer = answer
        self._buffer = b""

    def feed(self, chunk: bytes) -> bytes:
        """The events that are whole by now, without those that the client didn't ask for."""
        *events, self._buffer = (self._buffer + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
        return b"".join(event + b"\n\n" for event in events if self._take(event))

    def rest(self) -> bytes:
        """What came after the last whole event."""
        rest, self._buffer = self._buffer, b""
        return rest if rest and self._take(rest) else b""

    def _take(self, event: bytes) -> bool:
        data = b"\n".join(line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:"))
        try:
            body = json.loads(data) if data else None
        except ValueError:
            return True
        return self._answer.take(body) if isinstance(body, dict) else True

    def end(self) -> None:
        """Book what the events have said."""
        _book(self.call, self._answer.reply)


def _book(call: Call, reply: Callable[[], Any]) -> None:
    """Book what an answer cost; all that was held when that can't be read."""
    if not call.open:
        return
    try:
        said = reply()
    except (UnreadableAnswer, OmegaError, ValueError, TypeError, AttributeError, KeyError):
        book_whole(call)
        return
    book(call, said)


def _site() -> Site:
    """The place in the program whose code makes the request: no library's, where there is another."""
    frame: FrameType | None = sys._getframe(2)
    last = frame
    while frame is not None:
        name = frame.f_globals.get("__name__", "").partition(".")[0]
        is_library = "site-packages" in frame.f_code.co_filename or "dist-packages" in frame.f_code.co_filename
        if name != "omega_runtime" and not is_library and name not in sys.stdlib_module_names:
            return site_at(frame)
        last, frame = frame, frame.f_back
    assert last is not None
    return site_at(last)
