"""Four processes spend from one account while connections, processes and the server break: nothing is lost or booked
twice, the books agree at any moment, and never is more held and spent than the limit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from omega_runtime.ledger.postgres.ledger import ServerLedger

from tests.support import chaos_worker, cutting_proxy
from tests.support.ledgers import eventually
from tests.support.servers import SAFE, Server, audit, free_port

SECONDS = 6.0
LEASE = 2.0
PROCESSES = 4
ROOT = Path(__file__).parents[2]


class Told(NamedTuple):
    """What a worker said of a call."""

    what: str
    call: str
    tokens: int


@pytest.fixture(scope="module")
def safe() -> Iterator[Server]:
    """A server that writes to the disk."""
    server = Server(*SAFE)
    yield server
    server.close()


class Scene:
    """Workers, and what is done to them."""

    def __init__(self, server: Server, folder: Path, seed: int, port: int | None = None) -> None:
        self.server = server
        self.folder = folder
        self.seed = seed
        self.url = server.books()
        self.through = self.url.replace(f":{server.port}/", f":{port or server.port}/")
        self.end = time.monotonic() + SECONDS
        self.workers = [self.work() for _ in range(PROCESSES)]
        eventually(lambda: all(path.read_text() for path in self.folder.glob("*.log")), 30)

    def work(self) -> subprocess.Popen[bytes]:
        """Start another worker."""
        number = len(list(self.folder.glob("*.log")))
        (self.folder / f"{number}.log").touch()
        left = max(0.5, self.end - time.monotonic())
        told = {"url": self.through, "seconds": left, "lease": LEASE, "threads": 4, "seed": f"{self.seed} {number}"}
        told["log"] = str(self.folder / f"{number}.log")
        paths = os.pathsep.join([str(ROOT), str(ROOT / "runtime")])
        command = [sys.executable, chaos_worker.__file__, json.dumps(told)]
        return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE)

    def watch(self) -> None:
        """Until it ends, the books agree whenever they can be read."""
        while any(each.poll() is None for each in self.workers):
            with suppress(psycopg.OperationalError):
                assert audit(self.url) == []
            time.sleep(0.2)
            assert time.monotonic() < self.end + 60, "the workers do not end"

    def told(self) -> list[Told]:
        lines = [line.split() for path in self.folder.glob("*.log") for line in path.read_text().splitlines()]
        return [Told(line[0], str(uuid.UUID(int=int(line[1]))), int(line[2])) for line in lines if len(line) >= 3]

    def calls(self) -> dict[str, tuple[str, int]]:
        """What the books say of each call: its state, and what it has spent."""
        rows = self.server.execute("SELECT key, state, spent_tokens FROM omega.calls", self.url.rpartition("/")[2])
        return {str(key): (state, spent) for key, state, spent in rows}


def check(scene: Scene) -> dict[str, int]:
    """Whether what the workers were told is what the books say; how many calls there are in each state."""
    errors = [each.communicate()[1].decode() for each in scene.workers]
    assert not any(errors), errors
    calls, told = scene.calls(), scene.told()
    wrong = []
    for what, call, tokens in told:
        state, spent = calls.get(call, ("lost", 0)) if what in "RASV" else ("", 0)
        expected: dict[str, Any] = {
            "R": state in ("held", "settled", "voided", "expired"),
            "A": (state, spent) == ("settled", tokens) or state in ("held", "expired"),
            "S": (state, spent) == ("settled", tokens),
            "V": state == "voided",
        }
        if not expected.get(what, True):
            wrong.append((what, call, tokens, state, spent))
    assert wrong == []
    assert audit(scene.url) == []
    ((spent, committed, overrun),) = scene.server.execute(
        "SELECT spent_tokens, committed_tokens, overrun_tokens FROM omega.accounts WHERE is_named",
        scene.url.rpartition("/")[2],
    )
    assert committed <= chaos_worker.LIMIT
    assert overrun == 0
    assert spent == sum(each for _, each in calls.values())
    states = [state for state, _ in calls.values()]
    counts = {state: states.count(state) for state in ("held", "settled", "voided", "expired")}
    assert counts["settled"] > 50
    return counts


@pytest.mark.parametrize("seed", range(2))
def test_connections_are_cut(safe: Server, tmp_path: Path, seed: int) -> None:
    port = free_port()
    command = [sys.executable, cutting_proxy.__file__, str(port), str(safe.port), "0.03", str(seed)]
    proxy = subprocess.Popen(command)
    try:
        scene = Scene(safe, tmp_path, seed, port)
        scene.watch()
        counts = check(scene)
    finally:
        proxy.kill()
        proxy.wait()
    assert counts["expired"] == 0


def test_processes_are_killed(safe: Server, tmp_path: Path) -> None:
    scene = Scene(safe, tmp_path, 1)
    for number in range(PROCESSES + 2):
        log = tmp_path / f"{number}.log"
        eventually(lambda log=log: log.read_text().count("\n") > 20, 30)  # type: ignore[misc]
        victim = scene.workers.pop(0)
        victim.kill()
        victim.communicate()
        scene.workers.append(scene.work())
        assert audit(scene.url) == []
    scene.watch()
    after = ServerLedger(scene.url, lease=LEASE, keep=False)
    deadline = time.monotonic() + 5 * LEASE
    while scene.server.execute("SELECT 1 FROM omega.calls WHERE state = 'held'", scene.url.rpartition("/")[2]):
        assert time.monotonic() < deadline, "holds of processes that are gone do not end"
        after.expire()
        time.sleep(0.1)
    after.close()
    counts = check(scene)
    assert counts["held"] == 0
    # Each had four threads.
    assert 0 < counts["expired"] <= 4 * (PROCESSES + 2)


def test_the_server_crashes(safe: Server, tmp_path: Path) -> None:
    scene = Scene(safe, tmp_path, 2)
    for _ in range(2):
        time.sleep(1.5)
        safe.crash()
        safe.start()
    scene.watch()
    counts = check(scene)
    assert (counts["held"], counts["expired"]) == (0, 0)


def test_the_server_stands_still_for_longer_than_leases_last(safe: Server, tmp_path: Path) -> None:
    scene = Scene(safe, tmp_path, 3)
    time.sleep(1.5)
    stopped = safe.freeze()
    time.sleep(2 * LEASE)
    safe.thaw(stopped)
    scene.watch()
    counts = check(scene)
    assert (counts["held"], counts["expired"]) == (0, 0)


def test_processes_are_suspended_for_longer_than_their_lease(safe: Server, tmp_path: Path) -> None:
    """What they held counts as spent, and is corrected when they go on."""
    scene = Scene(safe, tmp_path, 4)
    time.sleep(2.0)
    scene.workers[0].send_signal(signal.SIGSTOP)
    time.sleep(2 * LEASE)
    scene.workers[0].send_signal(signal.SIGCONT)
    scene.watch()
    assert check(scene)["held"] == 0
