"""Listening for requests until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from omegac.cli.failures import fail, say


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    return host in ("127.0.0.1", "localhost", "::1")


def listen(app: Any, host: str, port: int, told: Callable[[str], str]) -> None:
    """Serve an ASGI application; once it can be reached, say what `told` gives for its address.

    Ends the command when nobody can listen there.
    """

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                host, port = self.servers[0].sockets[0].getsockname()[:2]
                say(told(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"))

    with _bound(host, port) as listening:
        Server(uvicorn.Config(app, log_level="warning", server_header=False)).run([listening])


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except OSError as error:
        # Python adds the address to what the system says.
        why = (error.strerror or str(error)).partition(" (")[0]
        fail(f"cannot listen at {host}, port {port}: {why}; --port 0 takes any that is free, --host another address")
