"""The connections of asyncio code to providers; the same deadlines and the same care as in `connections`."""

from __future__ import annotations

import os
from contextlib import suppress
from contextvars import ContextVar
from time import monotonic, sleep
from weakref import WeakSet

from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream, ConnectTimeout, ReadTimeout, WriteTimeout
from httpx2 import AsyncHTTPTransport

from omega_runtime import forks
from omega_runtime.models.connections import CLASSES, PIECE, Attempt, connect_by, loaded, time_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ssl import SSLContext
    from typing import Any

    from anthropic import AsyncAnthropic
    from httpx2 import AsyncClient
    from openai import AsyncOpenAI

current_attempt: ContextVar[Attempt | None] = ContextVar("omega_attempt", default=None)
"""The attempt that the task which runs here makes."""

_streams: WeakSet[AsyncStream] = WeakSet()
_clients: dict[tuple[str, str, str | None], Any] = {}


# A thread that is never long without a system call keeps Python's lock from threads that wait for it: whoever is woken
# by the lock's release comes too late, and never gets to demand it. So after so many seconds of work there is a pause.
_WORK_SECONDS = 0.003
_PAUSE_SECONDS = 0.0002
_paused = 0.0


def let_others_run() -> None:
    """Pause for a moment when the last pause is long ago; for the thread of the runtime's own loop."""
    global _paused
    if monotonic() - _paused > _WORK_SECONDS:
        sleep(_PAUSE_SECONDS)
        _paused = monotonic()


def _left(timeout: float | None, too_late: type[Exception]) -> float:
    return time_left(current_attempt.get(), timeout, too_late)


class AsyncStream(AsyncNetworkStream):
    """A connection whose reads and writes end by the deadline of the attempt that makes them."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        _streams.add(self)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        let_others_run()
        return await self._stream.read(max_bytes, _left(timeout, ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = current_attempt.get()
        for start in range(0, len(buffer), PIECE):
            left = _left(timeout, WriteTimeout)
            if attempt is not None:
                attempt.send()
            let_others_run()
            await self._stream.write(buffer[start : start + PIECE], left)

    async def aclose(self) -> None:
        let_others_run()
        await self._stream.aclose()
        let_others_run()

    async def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncNetworkStream:
        return AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, _left(timeout, ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncBackend(AsyncNetworkBackend):
    """Opens connections as another backend does."""

    def __init__(self, backend: AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        left = _left(timeout, ConnectTimeout)
        let_others_run()
        stream = await self._backend.connect_tcp(host, port, left, local_address, socket_options)
        let_others_run()
        return AsyncStream(stream)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def async_anthropic_client(key: str, base_url: str | None) -> AsyncAnthropic:
    """The SDK's client for a key and address; to be asked for in the one thread whose loop uses it."""
    client: AsyncAnthropic = _client("anthropic", key, base_url)
    return client


def async_openai_client(key: str, base_url: str | None) -> AsyncOpenAI:
    """As `async_anthropic_client`. Raises ImportError without the SDK."""
    client: AsyncOpenAI = _client("openai", key, base_url)
    return client


def _client(sdk: str, key: str, base_url: str | None) -> Any:
    client = _clients.get((sdk, key, base_url))
    if client is None:
        module = loaded(sdk)
        http = _http_client(module)
        client = getattr(module, f"Async{CLASSES[sdk]}")(
            api_key=key, base_url=base_url, max_retries=0, http_client=http
        )
        _clients[sdk, key, base_url] = client
    return client


def _http_client(module: Any) -> AsyncClient:
    """As the SDK makes it, but for redirects; see `connections`."""
    client: AsyncClient = module.DefaultAsyncHttpxClient(follow_redirects=False)
    connect_by(client, AsyncHTTPTransport, AsyncBackend)
    return client


def _forget() -> None:
    """Close the child's copies of its parent's connections without a word to the other end."""
    for stream in list(_streams):
        opened = stream.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            os.close(opened.fileno())
    _clients.clear()


forks.in_child(_forget)
