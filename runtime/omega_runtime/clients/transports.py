"""httpx transports that hold what a request may cost before it leaves, and settle when its answer has been read."""

from __future__ import annotations

from httpx2 import AsyncBaseTransport, AsyncByteStream, BaseTransport, ByteStream, Response, SyncByteStream

from omega_runtime.clients.holding import held, held_async
from omega_runtime.concurrent.loop import elsewhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from httpx2 import AsyncClient, Client, Request

    from omega_runtime.clients.gate import Gate, Passing, Reader

    Told = Callable[[Exception], Exception]

COUNT_SECONDS = 30.0
OK = 200


class HeldTransport(BaseTransport):
    """Sends what passes a gate by another client. `told` makes of an error what the client's users should see."""

    def __init__(self, client: Client, gate: Gate, told: Told) -> None:
        self._client = client
        self._gate = gate
        self._told = told

    def handle_request(self, request: Request) -> Response:
        """The answer, whose hold ends when it has been read or closed."""
        try:
            passing = self._gate.passing(request)
            if passing is None:
                return _passed_on(self._client.send(request, stream=True, follow_redirects=False))
            passing.room.counted = lambda: counted(request, self._client, passing)
            call = held(passing.room)
        except Exception as error:
            raise self._told(error) from None
        try:
            response = self._client.send(passing.outgoing(request, call), stream=True, follow_redirects=False)
            if response.status_code != OK:
                passing.refused(call, response, response.read())
                return _passed_on(response, ByteStream(response.content))
        except BaseException as error:
            passing.failed(call, error)
            raise
        stream = response.stream
        assert isinstance(stream, SyncByteStream)
        return _passed_on(response, _Stream(stream, passing.reader(call, response)))

    def close(self) -> None:
        """Close the client that sends, as clients that share one do."""
        self._client.close()


class _Stream(SyncByteStream):
    """An answer on its way to the client."""

    def __init__(self, stream: SyncByteStream, reader: Reader) -> None:
        self._stream = stream
        self._reader = reader

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            passed = self._reader.feed(chunk)
            if passed:
                yield passed
        rest = self._reader.rest()
        if rest:
            yield rest
        self._reader.end()

    def close(self) -> None:
        """The client wants no more."""
        try:
            self._reader.end()
        finally:
            self._stream.close()


class AsyncHeldTransport(AsyncBaseTransport):
    """As `HeldTransport`, for asyncio."""

    def __init__(self, client: AsyncClient, gate: Gate, told: Told) -> None:
        self._client = client
        self._gate = gate
        self._told = told

    async def handle_async_request(self, request: Request) -> Response:
        """The answer, whose hold ends when it has been read or closed."""
        try:
            passing = self._gate.passing(request)
            if passing is None:
                return _passed_on(await self._client.send(request, stream=True, follow_redirects=False))
            passing.room.counted = lambda: counted(request, None, passing)
            call = await held_async(passing.room)
        except Exception as error:
            raise self._told(error) from None
        try:
            outgoing = passing.outgoing(request, call)
            response = await self._client.send(outgoing, stream=True, follow_redirects=False)
            if response.status_code != OK:
                passing.refused(call, response, await response.aread())
                return _passed_on(response, ByteStream(response.content))
        except BaseException as error:
            passing.failed(call, error)
            raise
        stream = response.stream
        assert isinstance(stream, AsyncByteStream)
        is_shared = call.account.ledger.is_shared
        return _passed_on(response, _AsyncStream(stream, passing.reader(call, response), is_shared))

    async def aclose(self) -> None:
        """Close the client that sends, as clients that share one do."""
        await self._client.aclose()


class _AsyncStream(AsyncByteStream):
    """An answer on its way to the client."""

    def __init__(self, stream: AsyncByteStream, reader: Reader, is_shared: bool) -> None:
        self._stream = stream
        self._reader = reader
        self._is_shared = is_shared

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            passed = self._reader.feed(chunk)
            if passed:
                yield passed
        rest = self._reader.rest()
        if rest:
            yield rest
        if self._is_shared:
            await elsewhere(self._reader.end)
        else:
            self._reader.end()

    async def aclose(self) -> None:
        """The client wants no more."""
        try:
            self._reader.end()
        finally:
            await self._stream.aclose()


def _passed_on(response: Response, stream: SyncByteStream | AsyncByteStream | None = None) -> Response:
    return Response(
        response.status_code,
        headers=response.headers,
        stream=response.stream if stream is None else stream,
        extensions=response.extensions,
    )


def counted(request: Request, client: Client | None, passing: Passing) -> int | None:
    """The provider's own count of a request's input, with a margin; None where it has none."""
    from omega_runtime.clients.counting import count

    return count(request, client, passing.original, passing.asked) if passing.gate.protocol == "anthropic" else None
