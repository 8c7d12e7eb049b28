"""Stands between clients and a server, and counts how often a client has to wait for an answer."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from time import sleep


class CountingProxy:
    """Counts round trips: each begins with what a client says after it was answered.

    Answers take so many seconds, so that what a client says without waiting for them comes before.
    """

    def __init__(self, port: int, delay: float) -> None:
        self.count = 0
        self._target = port
        self._delay = delay
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                is_asked = [False]
                for source, target in ((client, server), (server, client)):
                    target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    arguments = source, target, is_asked, source is client
                    Thread(target=self._forward, args=arguments, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_asked: list[bool], is_client: bool) -> None:
        with suppress(OSError):  # the other end was faster to go
            while data := source.recv(65536):
                if not is_client:
                    sleep(self._delay)
                self.count += is_client and not is_asked[0]
                is_asked[0] = is_client
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()

    def close(self) -> None:
        """Let nobody in any more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
