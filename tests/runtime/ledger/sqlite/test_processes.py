"""Processes that share a budget, seen from outside while they run; any of them may be killed at any moment."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.sqlite.ledger import FileLedger

from tests.support.ledger_files import Worker, audit, lease, opened, query
from tests.support.ledgers import Thread, eventually, hold

LIMIT = 6000


class Watch:
    """Reads the file while others write: the limit holds in every state that it is ever in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen = 0

    def look(self, until: float) -> None:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)) as db:
            while time.monotonic() < until:
                for used, committed, limit in db.execute(
                    'SELECT used, committed, "limit" FROM accounts WHERE is_named'
                ):
                    assert 0 <= used <= committed <= limit
                    self.seen += 1
                time.sleep(0.002)


def start(path: Path, processes: int, **options: object) -> list[Worker]:
    """So many processes, all of which begin at the same time."""
    workers = [Worker(path, LIMIT, seed=seed, waits=True, **options) for seed in range(processes)]
    for worker in workers:
        worker.wait_for("open")
    for worker in workers:
        worker.go()
    return workers


def test_four_processes_use_up_one_budget_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    workers = start(path, 4, threads=2)
    watch = Watch(path)
    while any(worker.process.poll() is None for worker in workers):
        watch.look(time.monotonic() + 0.05)
    billed = [worker.billed() for worker in workers]
    assert watch.seen > 10
    assert len([each for each in billed if each]) > 1, "one process got all"
    with opened(path) as account:
        assert (account.spent, account.held) == (sum(billed), 0)
        # Less is left than the smallest call needs.
        assert LIMIT - 21 - 1 <= account.spent <= LIMIT
        assert query(path, "SELECT count(*) FROM tickets") == [(0,)]


def kill_one(path: Path, seed: int, threads: int = 2) -> None:
    """One of four is killed at a random moment; its open holds count as spent, and the others use up the rest."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    workers = start(path, 4, threads=threads, lease=0.5)
    victim = chance.choice(workers)
    Watch(path).look(time.monotonic() + chance.uniform(0, 0.4))
    victim.process.kill()
    while any(worker.process.poll() is None for worker in workers):
        Watch(path).look(time.monotonic() + 0.05)
    billed = sum(worker.billed() for worker in workers)
    with lease(0.5), opened(path) as account:
        eventually(lambda: _is_used_up(account.ledger, path))  # type: ignore[arg-type]
        assert account.held == 0
        assert billed <= account.spent <= LIMIT
        states = dict(query(path, "SELECT state, count(*) FROM calls GROUP BY state"))
        assert set(states) <= {"settled", "expired", "voided"}
        # At most one call of each thread was under way.
        assert states.get("expired", 0) <= threads
        assert account.spent - billed <= threads * 56
    assert audit(path) == []


def _is_used_up(ledger: FileLedger, path: Path) -> bool:
    account = ledger.open_named("job", None, None, ledger.root, False)
    with suppress(BudgetExceeded):
        ledger.void(hold(account, 5, 50, max_wait=1))
    return account.held == 0 and not query(path, "SELECT 1 FROM tickets")


@pytest.mark.parametrize("seed", range(2))
def test_a_process_is_killed(tmp_path: Path, seed: int) -> None:
    kill_one(tmp_path / "ledger", seed)


@pytest.mark.parametrize("seed", range(2))
def test_a_process_whose_threads_share_transactions_is_killed(tmp_path: Path, seed: int) -> None:
    kill_one(tmp_path / "ledger", seed, threads=12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 40))
def test_a_process_is_killed_more_often(tmp_path: Path, seed: int) -> None:
    kill_one(tmp_path / "ledger", seed)


def calls_in(path: Path) -> int:
    ((calls,),) = query(path, "SELECT count(*) FROM calls")
    return int(calls)


def wait_for_more_than(calls: int, path: Path) -> None:
    eventually(lambda: calls_in(path) > calls)


def kill_all(path: Path, rounds: int, threads: int = 3) -> None:
    """Processes are killed amid their commits; the file opens, and its books balance, each time."""
    done = 0
    for seed in range(rounds):
        chance = random.Random(seed)
        workers = [Worker(path, None, seed=seed, latency=0, threads=threads, lease=0.2) for _ in range(2)]
        for worker in workers:
            worker.wait_for("open")
        wait_for_more_than(done, path)
        time.sleep(chance.uniform(0, 0.2))
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.billed()
        assert audit(path) == []
        done = calls_in(path)
    time.sleep(0.3)
    with opened(path) as account:
        account.ledger.void(hold(account, 0, 1))
        assert account.held == 0
        (calls,) = query(path, "SELECT count(*), sum(spent_tokens) FROM calls")
        assert calls[0] > rounds
        assert account.spent == calls[1]


def test_all_processes_are_killed_amid_commits(tmp_path: Path) -> None:
    kill_all(tmp_path / "ledger", 3)


def test_all_processes_are_killed_amid_commits_of_many_threads(tmp_path: Path) -> None:
    kill_all(tmp_path / "ledger", 3, threads=12)


@pytest.mark.slow
def test_all_processes_are_killed_amid_commits_more_often(tmp_path: Path) -> None:
    kill_all(tmp_path / "ledger", 40)


def test_who_came_first_goes_first_also_among_processes(tmp_path: Path) -> None:
    """A large call of one process is not starved by small ones of another."""
    path = tmp_path / "ledger"
    with opened(path, LIMIT) as account:
        first = hold(account, 0, 500)
        large = Thread(lambda: hold(account, 0, LIMIT - 100, clamp=False))
        eventually(lambda: bool(query(path, "SELECT 1 FROM tickets")))
        worker = Worker(path, None, calls=3)
        worker.wait_for("open")
        eventually(lambda: query(path, "SELECT count(*) FROM tickets") == [(2,)])
        account.ledger.void(first)
        got = large.result()
        account.ledger.void(got)
        assert worker.billed() > 0
        assert query(path, "SELECT process != (SELECT min(process) FROM calls) FROM calls ORDER BY id") == [
            (0,),
            (0,),
            (1,),
            (1,),
            (1,),
        ]


def test_waiting_writes_nothing(tmp_path: Path) -> None:
    """Otherwise processes that wait would wake each other without end."""
    path = tmp_path / "ledger"
    with opened(path, 100) as account:
        first = hold(account, 0, 100)
        workers = [Worker(path, None, calls=1) for _ in range(2)]
        eventually(lambda: query(path, "SELECT count(*) FROM tickets") == [(2,)])
        with closing(sqlite3.connect(path)) as db:
            before = db.execute("PRAGMA data_version").fetchone()
            time.sleep(0.7)  # longer than calls wait before they look again
            assert db.execute("PRAGMA data_version").fetchone() == before
        account.ledger.void(first)
        assert all(worker.billed() for worker in workers)
