"""The page as an ASGI application: it answers GET by its own names, and writes nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.resources import files

from omega_runtime.values.errors import OmegaError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

# A read is used for so many seconds, whoever asks, and for so many times what it has taken: so reading takes 5 % of
# the time at most, however large the books.
LEAST_SECONDS = 1.0
TIMES = 19

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def application(read: Callable[[], bytes], hosts: Sequence[str] = ()) -> Starlette:
    """The page on what `read` gives as JSON, for requests to these names and to those of this machine."""
    return Starlette(
        routes=[
            Route("/", Page().answer, methods=["GET"]),
            Route("/ledger.json", Source(read).answer, methods=["GET"]),
        ],
        # Another site could have its name lead here, and read all with a script of its own.
        middleware=[Middleware(ByName, names=frozenset(name.lower().strip("[]") for name in (*LOOPBACK, *hosts)))],
    )


class ByName:
    """Answers only requests for one of these names, whatever the port."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with status 421."""
        if scope["type"] != "http" or _name(scope) in self._names:
            return await self._app(scope, receive, send)
        refusal = "This page does not go by that name here; omegac ledger serve --name NAME allows one more.\n"
        return await PlainTextResponse(refusal, 421)(scope, receive, send)


def _name(scope: Scope) -> str | None:
    """The name that a request is for, without brackets and port."""
    found = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+))(?::\d+)?", Headers(scope=scope).get("host", ""))
    return (found[1] or found[2]).lower() if found else None


class Page:
    """The page itself, which is the same for every ledger; only its own script and style may do anything."""

    def __init__(self) -> None:
        style = _text("omegac.cli.reports", "page.css") + _text(__package__, "page.css")
        script = _text(__package__, "page.js")
        page = _text(__package__, "page.html").replace("STYLE", style, 1).replace("SCRIPT", script, 1)
        self._body = page.encode()
        policy = (
            f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._headers = {"Content-Security-Policy": policy, **HEADERS}

    async def answer(self, _: Request) -> Response:
        """The page."""
        return Response(self._body, media_type="text/html", headers=self._headers)


HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Source:
    """The figures, read again when what is known is old."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._good_until = 0.0
        self._known = (503, b"")

    async def answer(self, _: Request) -> Response:
        """The figures as JSON or, with status 503, why there are none."""
        async with self._lock:
            start = time.monotonic()
            if start >= self._good_until:
                self._known = await asyncio.to_thread(self._looked)
                took = time.monotonic() - start
                self._good_until = time.monotonic() + max(LEAST_SECONDS, TIMES * took)
        status, body = self._known
        return Response(body, status, media_type="application/json", headers=HEADERS)

    def _looked(self) -> tuple[int, bytes]:
        try:
            return 200, self._read()
        except OmegaError as error:
            return 503, json.dumps({"error": str(error)}).encode()


def _text(package: str | None, name: str) -> str:
    assert package is not None
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
