"""A server for the tests of this folder, which starts by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# `make test-postgres` says that servers are wanted.
if "OMEGA_POSTGRES" not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    from omega_runtime.ledger.postgres.ledger import ServerLedger

    from tests.support.servers import Server, audit, shared_server

    @pytest.fixture
    def server() -> Server:
        return shared_server()

    @pytest.fixture
    def url(server: Server) -> Iterator[str]:
        """Books of its own, which the auditor looks through in the end."""
        made = server.books()
        yield made
        assert audit(made) == []

    @pytest.fixture
    def ledger(url: str) -> Iterator[ServerLedger]:
        made = ServerLedger(url, keep=False)
        yield made
        made.close()
