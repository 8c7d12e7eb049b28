"""Calls to a Messages API on loopback, with the real SDK."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.pace import paces
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, checkpoint, fresh_ledger

from tests.support.messages_api import KEY, Behaviour, Server, Start


@pytest.fixture(autouse=True)
def no_paces() -> Iterator[None]:
    """A test doesn't leave paces behind, with which calls take another way."""
    yield
    paces.clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(clock: FakeClock) -> Iterator[MemoryLedger]:
    with (
        fresh_ledger(clock) as ledger,
        configure(provider=None, jitter=lambda: 0.0, max_tokens=100),
        checkpoint(),
    ):
        yield ledger


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger) -> Iterator[Start]:
    """Start a server with a script, and make it the provider's address."""
    servers: list[Server] = []

    def start(*script: Behaviour) -> Server:
        server = Server(*script).__enter__()
        servers.append(server)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        return server

    yield start
    for server in servers:
        server.__exit__()
