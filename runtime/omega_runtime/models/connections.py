"""The HTTP connections to providers: they follow no redirect, keep deadlines, and belong to one process."""

from __future__ import annotations

import atexit
import gc
import socket
import sys
from contextlib import suppress
from importlib import import_module
from threading import get_ident, local
from time import monotonic
from weakref import WeakSet

from httpcore2 import ConnectError, ConnectTimeout, NetworkBackend, NetworkStream, ReadTimeout, WriteTimeout
from httpx2 import Client, HTTPTransport, Timeout

from omega_runtime import forks
from omega_runtime.control.deep import on_interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ssl import SSLContext
    from types import TracebackType
    from typing import Any

    from anthropic import Anthropic
    from openai import OpenAI

CONNECT_SECONDS = 10.0

# What is written at once, so that a server that takes little at a time does not outlast the deadline.
PIECE = 16_384

_here = local()


class Attempt:
    """One request of this thread: nothing of it lasts longer than `seconds`, and `is_sent` says whether any of it left.

    Before each piece of it leaves, `confirm` is called; what that raises stops the request, and is kept in `refusal`,
    as the SDK makes an error of its own of it. To be used once, as a context manager around the request.
    """

    __slots__ = ("_before", "began", "confirm", "deadline", "is_sent", "refusal", "seconds")

    def __init__(self, seconds: float, confirm: Callable[[], None] | None = None) -> None:
        self.seconds = seconds
        self.confirm = confirm
        self.refusal: Exception | None = None
        self.is_sent = False
        self.began = self.deadline = monotonic()

    def begin(self) -> Timeout:
        """The time begins: the time-out to give to the SDK, for what is not read or written here."""
        self.began = monotonic()
        self.deadline = self.began + self.seconds
        return Timeout(self.seconds, connect=min(self.seconds, CONNECT_SECONDS))

    def __enter__(self) -> Timeout:
        """As `begin`, for all that this thread reads and writes."""
        # A signal handler may make a call in the middle of another.
        self._before: Attempt | None = getattr(_here, "attempt", None)
        _here.attempt = self
        return self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _here.attempt = self._before

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return monotonic() - self.began

    def send(self) -> None:
        """A piece of the request leaves now. Raises what `confirm` raises: it may not."""
        if self.confirm is not None:
            try:
                self.confirm()
            except Exception as error:
                self.refusal = error
                raise
        self.is_sent = True


def time_left(attempt: Attempt | None, timeout: float | None, too_late: type[Exception]) -> float:
    """Seconds that the next step of an attempt may take; raises `too_late` when there are none."""
    left = CONNECT_SECONDS if attempt is None else attempt.deadline - monotonic()
    if left <= 0:
        raise too_late("the time for the whole call is over")
    return left if timeout is None else min(left, timeout)


def _left(timeout: float | None, too_late: type[Exception]) -> float:
    return time_left(getattr(_here, "attempt", None), timeout, too_late)


class Stream(NetworkStream):
    """A connection whose reads and writes end by the deadline of the attempt that makes them."""

    def __init__(self, stream: NetworkStream) -> None:
        self._stream = stream
        _streams.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left, thread = _left(timeout, ReadTimeout), get_ident()
        _read_by[thread] = self
        try:
            return self._stream.read(max_bytes, left)
        finally:
            del _read_by[thread]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt: Attempt | None = getattr(_here, "attempt", None)
        for start in range(0, len(buffer), PIECE):
            left = _left(timeout, WriteTimeout)
            if attempt is not None:
                attempt.send()
            self._stream.write(buffer[start : start + PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        return Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Backend(NetworkBackend):
    """Opens connections as another backend does, all addresses of a host within the same time."""

    def __init__(self, backend: NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        before = monotonic()
        error: Exception = ConnectError("the host has no address")
        for address in _addresses(host, port):
            left = None if timeout is None else max(timeout - (monotonic() - before), 0.001)
            try:
                stream = self._backend.connect_tcp(
                    address, port, _left(left, ConnectTimeout), local_address, socket_options
                )
                return Stream(stream)
            except (ConnectError, ConnectTimeout) as failed:
                error = failed
        raise error


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectError(str(error)) from error
    return list(dict.fromkeys(str(address[4][0]) for address in found))


_streams: WeakSet[Stream] = WeakSet()
# By the thread that waits for its next bytes.
_read_by: dict[int, Stream] = {}
_clients: dict[tuple[str, str, str | None], Any] = {}

CLASSES = {"anthropic": "Anthropic", "openai": "OpenAI"}
"""The clients of SDKs, by the names of their modules; those for asyncio are called Async and that."""


def anthropic_client(key: str, base_url: str | None) -> Anthropic:
    """The SDK's client for a key and address, made once in each process; threads share it."""
    client: Anthropic = _client("anthropic", key, base_url)
    return client


def openai_client(key: str, base_url: str | None) -> OpenAI:
    """As `anthropic_client`. Raises ImportError without the SDK."""
    client: OpenAI = _client("openai", key, base_url)
    return client


def _client(sdk: str, key: str, base_url: str | None) -> Any:
    client = _clients.get((sdk, key, base_url))
    if client is None:
        with forks.loading:
            client = _clients.get((sdk, key, base_url))
            if client is None:
                module = loaded(sdk)
                http = _http_client(module)
                client = getattr(module, CLASSES[sdk])(api_key=key, base_url=base_url, max_retries=0, http_client=http)
                _clients[sdk, key, base_url] = client
    return client


def loaded(sdk: str) -> Any:
    """The SDK's module. Where most of the heap is what it brings, Python's collector never looks at that again.

    Its hundred thousand objects stay for ever, and each full collection of them would hold up every thread and event
    loop for a tenth of a second.
    """
    if sdk in sys.modules:
        return sys.modules[sdk]
    before = len(gc.get_objects())
    module = import_module(sdk)
    if gc.isenabled() and len(gc.get_objects()) > 2 * before:
        gc.freeze()
    return module


def _http_client(module: Any) -> Client:
    """As the SDK makes it, but for redirects, which could be billed again and take the prompt elsewhere."""
    client: Client = module.DefaultHttpxClient(follow_redirects=False)
    connect_by(client, HTTPTransport, Backend)
    return client


def connect_by(client: Any, transports: type[Any], backend: Callable[[Any], Any]) -> None:
    """Have a client of httpx open its connections by a backend around its own; `transports` are those it may have."""
    # Proxies of the environment have transports of their own.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, transports):
            pool = transport._pool
            pool._network_backend = backend(pool._network_backend)


def _forget() -> None:
    """Close the child's copies of its parent's connections, which says nothing to the other end, and the clients."""
    _here.__dict__.clear()
    _read_by.clear()
    for stream in list(_streams):
        with suppress(OSError):
            stream.close()
    _clients.clear()


def _break_off(thread: int) -> None:
    """End the wait of a thread that is interrupted: it would notice when the next bytes come."""
    stream = _read_by.get(thread)
    if stream is not None:
        with suppress(OSError):
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _close_all() -> None:
    for client in list(_clients.values()):
        with suppress(Exception):
            client.close()


forks.in_child(_forget)
on_interrupt.append(_break_off)
atexit.register(_close_all)
