"""A local proxy for programs that nobody rewrites: what they ask of a model is held, waited for and settled here.

An ASGI application. Requests under `/v1/…` pay from the main account, those under `/NAME/v1/…`, or with the key
`omega:NAME`, from the account of that name. Keys pass through and are kept nowhere; with `omega:NAME` the provider's
own key, which the client never sees, takes its place.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress

from httpx2 import URL, AsyncClient, HTTPError, Request, Timeout
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from omega_runtime.clients.gate import Gate
from omega_runtime.clients.transports import AsyncHeldTransport
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerFileError
from omega_runtime.models.bounds import Unbounded
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from httpx2 import Response as Answer
    from starlette.requests import Request as Asked
    from starlette.responses import Response

    from omega_runtime.ledger.account import Account

OWN_KEY = "omega:"
UPSTREAM_SECONDS = 600.0
CONNECT_SECONDS = 10.0
MOST_BYTES = 64_000_000

# Of this connection, not of the request; the length is that of what is sent on.
_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade"),
        *("transfer-encoding", "host", "content-length", "accept-encoding", "content-encoding", "expect"),
    }
)


class Refused(Exception):
    """A request that is not sent on: the HTTP status, and what the client is told."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Proxy:
    """`account` pays for all, or one of `accounts` within it; `keys` has the providers' keys, `upstream` addresses."""

    def __init__(
        self,
        account: Account,
        accounts: Mapping[str, Account],
        keys: Mapping[str, str],
        upstream: Mapping[str, str],
    ) -> None:
        self._account = account
        self._accounts = accounts
        self._keys = keys
        self._upstream = {protocol: URL(address.rstrip("/")) for protocol, address in upstream.items()}
        self._clients: dict[str, AsyncClient] = {}

    def application(self) -> Starlette:
        """The ASGI application."""
        methods = ["GET", "HEAD", "POST", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._handle, methods=methods)], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        timeout = Timeout(UPSTREAM_SECONDS, connect=CONNECT_SECONDS)
        async with AsyncExitStack() as stack:
            for protocol in self._upstream:
                sender = await stack.enter_async_context(AsyncClient(timeout=timeout, follow_redirects=False))
                transport = AsyncHeldTransport(sender, Gate(protocol), lambda error: error)
                client = AsyncClient(transport=transport, trust_env=False, timeout=timeout)
                self._clients[protocol] = await stack.enter_async_context(client)
            yield

    async def _handle(self, asked: Asked) -> Response:
        protocol = _protocol_of(asked)
        try:
            return await self._answered(asked, protocol)
        except Refused as error:
            return _error(protocol, error.status, str(error))
        except Unbounded as error:
            return _error(protocol, 400, error.message)
        except (BudgetExceeded, BudgetTimeout) as error:
            return _error(protocol, 402, _told(error))
        except LedgerFileError as error:
            return _error(protocol, 503, str(error))
        except OmegaError as error:
            return _error(protocol, 400, str(error))
        except HTTPError as error:
            where = f"{self._upstream[protocol].host} can't be reached: {type(error).__name__}"
            return _error(protocol, 502, f"{where}; check the network and --{protocol}-url of omegac serve")

    async def _answered(self, asked: Asked, protocol: str) -> Response:
        if "origin" in asked.headers:
            raise Refused(403, "this proxy answers programs, not pages in a browser")
        name, path = self._name_and_path(asked.path_params["path"])
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP}
        name = self._use_own_key(headers, protocol) or name
        account = self._account if name is None else self._accounts.get(name)
        if account is None:
            known = ", ".join(self._accounts) or "none"
            raise Refused(404, f'there is no account "{name}" here; there are: {known}')
        request = Request(
            asked.method, self._address(protocol, path, asked.url.query), headers=headers, content=await _body(asked)
        )
        async with account:
            answer = await self._clients[protocol].send(request, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
        return StreamingResponse(_passed_on(answer), answer.status_code, kept)

    def _name_and_path(self, path: str) -> tuple[str | None, str]:
        """The account that a path names, and the provider's part of it."""
        first, _, rest = path.partition("/")
        if first != "v1" and rest.startswith("v1/"):
            return first, f"/{rest}"
        return None, f"/{path}"

    def _use_own_key(self, headers: dict[str, str], protocol: str) -> str | None:
        """Put the provider's own key in the place of `omega:NAME`; gives the name."""
        for header, scheme in (("x-api-key", ""), ("authorization", "Bearer ")):
            given = headers.get(header, "")
            if given.startswith(scheme + OWN_KEY):
                key = self._keys.get(protocol)
                if not key:
                    raise Refused(401, f"this proxy was started without a key for {protocol}")
                headers[header] = scheme + key
                return given[len(scheme + OWN_KEY) :] or None
        return None

    def _address(self, protocol: str, path: str, query: str) -> URL:
        base = self._upstream[protocol]
        whole = base.copy_with(path=base.path.rstrip("/") + path)
        return whole.copy_with(query=query.encode()) if query else whole


async def _body(asked: Asked) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in asked.stream():
            size += len(part)
            if size > MOST_BYTES:
                raise Refused(413, f"a request of more than {MOST_BYTES:,} bytes isn't sent on")
            parts.append(part)
    except ClientDisconnect:
        raise Refused(400, "the request ended too early") from None
    return b"".join(parts)


async def _passed_on(answer: Answer) -> AsyncIterator[bytes]:
    """The answer as it comes; it is closed, and so settled, also when nobody listens any more."""
    try:
        with suppress(HTTPError):
            async for chunk in answer.aiter_raw():
                yield chunk
    finally:
        await answer.aclose()


def _protocol_of(asked: Asked) -> str:
    path = asked.path_params["path"]
    is_anthropic = "v1/messages" in path or "anthropic-version" in asked.headers or "x-api-key" in asked.headers
    return "anthropic" if is_anthropic else "openai"


def _told(error: BudgetExceeded | BudgetTimeout) -> str:
    if isinstance(error, BudgetExceeded):
        unit = "tokens" if isinstance(error.needed, int) else "dollars"
        return (
            f"Budget exceeded: the call needs {error.needed:,} {unit}, and {error.available:,} are left of the account "
            f'"{error.account}"'
        )
    return str(error)


def _error(protocol: str, status: int, message: str) -> Response:
    """An error in the provider's form, whose clients don't try again."""
    if protocol == "anthropic":
        kind = {402: "billing_error", 403: "permission_error", 404: "not_found_error", 401: "authentication_error"}
        body: dict[str, object] = {
            "type": "error",
            "error": {"type": kind.get(status, "invalid_request_error"), "message": message},
        }
    else:
        code = "insufficient_quota" if status == 402 else None
        body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return JSONResponse(body, status)
