"""Listening for requests until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import uvicorn

from omegac.cli.failures import say


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    return host in ("127.0.0.1", "localhost", "::1")


def listen(app: Any, host: str, port: int, told: Callable[[str], str]) -> None:
    """Serve an ASGI application; once it can be reached, say what `told` gives for its address."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                host, port = self.servers[0].sockets[0].getsockname()[:2]
                say(told(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"))

    Server(uvicorn.Config(app, host, port, log_level="warning", server_header=False)).run()
