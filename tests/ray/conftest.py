"""A Ray on loopback for the tests of this folder, and the server that its workers ask, both for all of them."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

# `make test-ray` says that Ray is wanted.
if "OMEGA_RAY" not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    # Who wants something of the tests' own clusters has to know this; Ray would look for a token in the home folder.
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}

    import ray

    import omegac.importer  # noqa: F401
    from benchmarks.guarantee import served
    from tests.support.counting_server import CountingServer

    PROGRAM = """
    (define (ask prompt) (effect infer.op prompt))
    (define (attempt prompt)
      (guard (refusal (#t (cons 'refused (error-object-irritants refusal)))) (ask prompt)))
    (define (twice prompt) (string-append (ask prompt) ", " (ask (string-append prompt " Again."))))
    (define (within prompt) (with-budget 1000 (lambda () (ask prompt))))
    (define (same datum) datum)
    (define (sum-of data) (apply + data))
    (define (inverse n) (if (= n 3) (error "there is no inverse of" n 'sorry) (- n)))
    (define (everything procedure data) (parallel-map procedure data))
    """

    @pytest.fixture(scope="session")
    def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
        """A folder whose modules workers can import."""
        folder = tmp_path_factory.mktemp("modules")
        (folder / "errands.omega").write_text(PROGRAM)
        sys.path.append(str(folder))
        yield folder
        sys.path.remove(str(folder))

    @pytest.fixture(scope="session")
    def cluster(modules: Path) -> Iterator[CountingServer]:
        with served(1) as server:
            # Workers inherit the address of the server.
            os.environ["PYTHONPATH"] = os.pathsep.join([str(modules), os.environ.get("PYTHONPATH", "")])
            quiet = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
            ray.init("local", num_cpus=2, object_store_memory=80_000_000, **quiet)
            yield server
            ray.shutdown()

    @pytest.fixture
    def server(cluster: CountingServer) -> CountingServer:
        """The server, which has not been asked for anything."""
        cluster.bill.clear()
        cluster.arrived.clear()
        return cluster

    def worker_processes() -> list[psutil.Process]:
        """The processes of the workers that this process has started."""
        found = []
        for each in psutil.Process().children(recursive=True):
            try:
                if each.cmdline()[:1] and each.cmdline()[0].startswith("ray::Worker"):
                    found.append(each)
            except psutil.Error:
                continue
        return found
