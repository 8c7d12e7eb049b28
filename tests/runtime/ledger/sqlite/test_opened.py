"""The ledger files of a process: each is open once, also by other names, after a fork and when it was deleted."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.opened import file_ledger
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply

from tests.support.ledger_files import audit, failing, ledger_of, opened, query, used
from tests.support.ledgers import SITE, Thread, cost, hold, settle


def test_a_file_is_open_once_by_any_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = used(tmp_path / "ledger")
    (tmp_path / "link").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    with closing(file_ledger(path)) as ledger:
        for other in ("ledger", "./ledger", str(tmp_path / "link"), tmp_path / ".." / tmp_path.name / "ledger"):
            assert file_ledger(other) is ledger


def test_threads_open_a_new_file_at_once(tmp_path: Path) -> None:
    threads = [Thread(lambda: file_ledger(tmp_path / "ledger")) for _ in range(8)]
    ledgers = {thread.result() for thread in threads}
    assert len(ledgers) == 1
    ledgers.pop().close()


def test_a_closed_file_is_opened_again(tmp_path: Path) -> None:
    first = file_ledger(tmp_path / "ledger")
    first.close()
    first.close()
    second = file_ledger(tmp_path / "ledger")
    assert second is not first
    second.close()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_was_deleted_takes_no_more_calls(tmp_path: Path, is_replaced: bool) -> None:
    """What was spent there would be forgotten."""
    path, other = tmp_path / "ledger", used(tmp_path / "other", 1)
    asked: list[str] = []
    message = "was moved, deleted or replaced while it was in use; bring it back"
    with use_model(lambda prompt: asked.append(prompt) or "a"), failing(path, message, 100):
        path.unlink()
        if is_replaced:
            other.rename(path)
        with pytest.raises(LedgerFileError, match="was moved, deleted or replaced"):
            infer(SITE, "p", max_tokens=10)
    assert asked == []


def test_a_new_file_is_not_mixed_with_what_is_left_of_another(tmp_path: Path) -> None:
    """SQLite would take the old journal for the new file's."""
    path, rest = tmp_path / "ledger", tmp_path / "ledger-wal"
    with failing(path, "was moved", 100) as account:
        path.unlink()
        with pytest.raises(LedgerFileError, match=f'is not there, but its last entries are in "{rest}"; bring the'):
            file_ledger(path)
        rest.unlink()
        with closing(file_ledger(path)) as fresh:
            assert fresh is not account.ledger


def test_a_file_that_was_moved_and_brought_back_goes_on(tmp_path: Path) -> None:
    path, away = tmp_path / "ledger", tmp_path / "away"
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(path, 100) as account:
        path.rename(away)
        with pytest.raises(LedgerFileError, match="was moved"):
            infer(SITE, "p", max_tokens=10)
        away.rename(path)
        infer(SITE, "p", max_tokens=10)
        assert account.spent == 2


AT_EXIT = """
import sys
from omega_runtime import Reply, budget, use_model
from omega_runtime.calls import infer, reserve
from omega_runtime.places import Site
SITE = Site("f", 1, 1, "infer.op", "p", 1)
use_model(lambda prompt: Reply("a", 1, 1))
with budget(tokens=100, ledger=sys.argv[1], name="job"):
    infer(SITE, "p", max_tokens=10)
    held = reserve(SITE, "p", max_tokens=20)
with budget(tokens=100, ledger=sys.argv[1], name="job"):
    lost = reserve(SITE, "p", max_tokens=30)
    del lost
    print(sys.argv[2:])
"""


def test_the_end_of_a_process_closes_the_file(tmp_path: Path) -> None:
    """What was lost is given back; what is held still counts until its lease ends."""
    path = tmp_path / "ledger"
    told = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", AT_EXIT, str(path)], capture_output=True, text=True
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]
    assert query(path, "SELECT used, committed FROM accounts WHERE is_named") == [(2, 2 + 21)]
    assert audit(path) == []


# Forks


def answer_in_child(account: Account, calls: int) -> int:
    """Fork; the child makes calls and ends. Its exit status."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            for _ in range(calls):
                infer(SITE, "p", max_tokens=10)
            status = 0 if account.spent >= calls * 2 else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_forked_process_goes_on_beside_its_parent(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(tmp_path / "ledger", 1000) as account:
        infer(SITE, "p", max_tokens=10)
        assert answer_in_child(account, 5) == 0
        infer(SITE, "p", max_tokens=10)
        assert answer_in_child(account, 3) == 0
        assert (account.spent, account.held) == (20, 0)
        assert query(tmp_path / "ledger", "SELECT count(DISTINCT process) FROM calls") == [(3,)]


def test_a_forked_process_goes_on_when_its_parent_has_closed_the_file(tmp_path: Path) -> None:
    """SQLite's locks are not inherited: with an inherited connection, the parent would delete the child's journal."""
    path = tmp_path / "ledger"
    end, go_on = os.pipe()
    with use_model(lambda prompt: Reply("a", 1, 1)):
        with budget(tokens=1000, ledger=path, name="job") as account:
            infer(SITE, "p", max_tokens=10)
            process = os.fork()
            if process == 0:
                os.close(go_on)
                infer(SITE, "p", max_tokens=10)
                os.read(end, 1)
                for _ in range(5):
                    infer(SITE, "p", max_tokens=10)
                os._exit(0)
        ledger_of(account).close()
    os.close(go_on)
    assert os.waitpid(process, 0)[1] == 0
    os.close(end)
    with opened(path) as account:
        assert account.spent == 14


def test_what_a_parent_holds_is_not_its_childs(tmp_path: Path) -> None:
    with opened(tmp_path / "ledger", 1000) as account:
        held = hold(account, 0, 50)
        process = os.fork()
        if process == 0:
            # The copy of the hold is settled, lost and reclaimed here, and the parent's is not.
            settle(held, cost(0, 50))
            del held
            account.ledger.reclaim()
            os._exit(0 if account.held == 50 else 1)
        assert os.waitpid(process, 0)[1] == 0
        assert (account.spent, account.held) == (0, 50)
        settle(held, cost(0, 20))
        assert (account.spent, account.held) == (20, 0)


def test_a_process_forks_while_its_threads_make_calls(tmp_path: Path) -> None:
    path = tmp_path / "ledger"

    def ask() -> None:
        for _ in range(60):
            infer(SITE, "p", max_tokens=10)

    with use_model(lambda prompt: Reply("a", 1, 1)), opened(path, None) as account:
        threads = [Thread(ask) for _ in range(3)]
        statuses = [answer_in_child(account, 4) for _ in range(6)]
        for thread in threads:
            thread.result()
        assert statuses == [0] * 6
        assert account.spent == 2 * (3 * 60 + 6 * 4)


def _ask_in_pool(number: int) -> str:
    return str(infer(SITE, "p", max_tokens=10)) + str(number)


def test_a_pool_of_forked_processes_shares_the_budget(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(tmp_path / "ledger", 1000) as account:
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert pool.map(_ask_in_pool, range(20)) == [f"a{number}" for number in range(20)]
            pool.close()
            pool.join()
        assert (account.spent, account.held) == (40, 0)


def test_a_child_whose_file_is_gone_gets_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    away = tmp_path / "away"
    with use_model(lambda prompt: Reply("a", 1, 1)), budget(tokens=1000, ledger=path) as account:
        process = os.fork()
        if process == 0:
            path.rename(away)
            try:
                infer(SITE, "p", max_tokens=10)
            except LedgerFileError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 7
        with pytest.raises(LedgerFileError, match="was moved, deleted or replaced"):
            infer(SITE, "p", max_tokens=10)
        away.rename(path)
    ledger_of(account).close()
