"""A server for the tests of this folder, which starts by itself."""

from __future__ import annotations

import os

import pytest

# `make test-postgres` says that servers are wanted.
if "OMEGA_POSTGRES" not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    from tests.support.servers import Server, shared_server

    @pytest.fixture
    def server() -> Server:
        return shared_server()
