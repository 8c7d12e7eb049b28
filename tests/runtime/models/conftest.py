"""Servers that speak OpenAI's protocols, as one's own or in place of OpenAI itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models import openai_hosts

from tests.support.messages_api import KEY, Behaviour, Server, Start


@pytest.fixture
def serve_own(monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger) -> Iterator[Start]:
    """Start a server of one's own with a script, and make it the address where `openai:` leads."""
    servers: list[Server] = []

    def start(*script: Behaviour) -> Server:
        server = Server(*script).__enter__()
        servers.append(server)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        return server

    yield start
    for server in servers:
        server.__exit__()


@pytest.fixture
def serve_openai(monkeypatch: pytest.MonkeyPatch, serve_own: Start) -> Start:
    """The same, taken for OpenAI itself."""
    monkeypatch.setattr(openai_hosts, "OPENAI", "127.0.0.1")
    return serve_own
