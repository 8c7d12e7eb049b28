"""Clients of providers that tests make, which end with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from omega_runtime.testing import fresh_ledger

_clients: list[Any] = []


def kept(client: Any) -> Any:
    """The client, to be closed at the end of the test."""
    _clients.append(client)
    return client


@contextmanager
def fresh_books() -> Iterator[None]:
    """Books of its own for a test; its clients are closed at the end."""
    with fresh_ledger():
        yield
    while _clients:
        _clients.pop().close()
