"""Threads share transactions; whatever happens to one of them, the others' operations are done once or fail clearly."""

from __future__ import annotations

import random
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerFileError
from omega_runtime.ledger.sqlite import commits as commits_module
from omega_runtime.ledger.sqlite.commits import MOST_JOBS, Commits, Job
from omega_runtime.ledger.sqlite.connection import Connection
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.opening import connect
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.values.errors import OmegaError

from tests.support.interrupts import Interrupt
from tests.support.ledger_files import audit, ledger_of, opened, query
from tests.support.ledgers import SITE, Thread, cost, eventually, hold, settle


class Table:
    """A file with a table of numbers, written through group commits; `transactions` are the commits that it saw."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        self.transactions = 0
        database = connect(str(path))
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE numbers (number INTEGER UNIQUE)")
        database.set_trace_callback(self._trace)
        self.connection = Connection(str(path), database)
        self.commits = Commits(self.connection)

    def _trace(self, statement: str) -> None:
        self.transactions += statement == "COMMIT"

    def add(self, number: int) -> Callable[[sqlite3.Connection], int]:
        def work(db: sqlite3.Connection) -> int:
            db.execute("INSERT INTO numbers VALUES (?)", (number,))
            return number * number

        return work

    @property
    def numbers(self) -> list[int]:
        return [row[0] for row in query(self.path, "SELECT number FROM numbers ORDER BY number")]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    table = Table(tmp_path / "table")
    yield table
    table.connection.close()


def together(table: Table, works: list[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
    """Bring these at the same time, from threads; their results or errors."""

    def bring(work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            return table.commits.run(work)
        except Exception as error:
            return error

    with table.connection.lock:
        threads = [Thread(lambda work=work: bring(work)) for work in works]  # type: ignore[misc]
        eventually(lambda: len(table.commits._jobs) == len(works))
    return [thread.result() for thread in threads]


def test_threads_share_a_transaction(table: Table) -> None:
    assert together(table, [table.add(number) for number in range(20)]) == [number**2 for number in range(20)]
    assert table.numbers == list(range(20))
    assert table.transactions == 1


def test_many_threads_need_fewer_transactions_than_operations(table: Table) -> None:
    def add_some(first: int) -> None:
        for number in range(first, first + 25):
            assert table.commits.run(table.add(number)) == number**2

    threads = [Thread(lambda first=first: add_some(first)) for first in range(0, 200, 25)]  # type: ignore[misc]
    for thread in threads:
        thread.result()
    assert table.numbers == list(range(200))
    assert table.transactions <= 200


def test_what_comes_while_a_transaction_is_open_goes_along(table: Table) -> None:
    begun, go_on = threading.Event(), threading.Event()
    first = Thread(lambda: table.commits.run(_pausing(begun, go_on)))
    begun.wait(10)
    others = [Thread(lambda number=number: table.commits.run(table.add(number))) for number in range(3)]  # type: ignore[misc]
    eventually(lambda: len(table.commits._jobs) == 4)
    go_on.set()
    first.result()
    assert [other.result() for other in others] == [0, 1, 4]
    assert table.transactions == 1


def test_a_transaction_takes_so_many_and_no_more(table: Table) -> None:
    assert together(table, [table.add(number) for number in range(MOST_JOBS + 1)])[-1] == MOST_JOBS**2
    assert table.transactions == 2


def test_who_looks_by_itself_and_finds_many_before_it_waits_on(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "MOST_JOBS", 1)
    monkeypatch.setattr(commits_module, "PATIENCE", 0.001)
    before = [Job(table.add(number)) for number in range(3)]
    table.commits._jobs.extend(before)  # of threads that don't wake up
    assert table.commits.run(table.add(3)) == 9
    assert table.numbers == [0, 1, 2, 3]
    assert all(job.is_done for job in before)


def test_who_is_done_does_not_wait_for_the_next_transaction(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "MOST_JOBS", 2)
    begun, go_on, next_begun, next_go_on = (threading.Event() for _ in range(4))
    first = Thread(lambda: table.commits.run(_pausing(begun, go_on)))
    begun.wait(10)
    second = Thread(lambda: table.commits.run(table.add(2)))
    eventually(lambda: len(table.commits._jobs) == 2)
    third = Thread(lambda: table.commits.run(_pausing(next_begun, next_go_on)))
    eventually(lambda: len(table.commits._jobs) == 3)
    go_on.set()
    assert next_begun.wait(10)
    assert second.result() == 4
    first.result()
    next_go_on.set()
    third.result()


def _pausing(begun: threading.Event, go_on: threading.Event) -> Callable[[sqlite3.Connection], None]:
    def work(db: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait(10)

    return work


@pytest.mark.parametrize("seed", range(5))
def test_threads_get_what_they_would_get_one_after_another(table: Table, tmp_path: Path, seed: int) -> None:
    """Each has numbers of its own, some of which it adds twice or takes back."""
    alone = Table(tmp_path / "alone")
    plans = [_plan(random.Random(f"{seed} {thread}"), 1000 * thread) for thread in range(8)]
    expected = [[_outcome(alone, *step) for step in plan] for plan in plans]
    threads = [Thread(lambda plan=plan: [_outcome(table, *step) for step in plan]) for plan in plans]  # type: ignore[misc]
    assert [thread.result() for thread in threads] == expected
    assert table.numbers == alone.numbers
    assert table.transactions <= alone.transactions
    alone.connection.close()


def _plan(chance: random.Random, first: int) -> list[tuple[int, bool]]:
    return [(first + chance.randrange(20), chance.random() < 0.3) for _ in range(40)]


def _outcome(table: Table, number: int, is_refused: bool) -> object:
    add = table.add(number)

    def refuse(db: sqlite3.Connection) -> int:
        add(db)
        raise OmegaError(f"not {number}")

    try:
        return table.commits.run(refuse if is_refused else add)
    except (OmegaError, LedgerFileError) as error:
        return type(error), error.message.replace(str(table.path), "PATH")


def _refuse(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO numbers VALUES (99)")
    raise OmegaError("no")


def _twice(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO numbers VALUES (98)")
    db.execute("INSERT INTO numbers VALUES (98)")


def _too_large(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO numbers VALUES (97)")
    db.execute("INSERT INTO numbers VALUES (?)", (2**70,))


@pytest.mark.parametrize(
    ("wrong", "kind"), [(_refuse, OmegaError), (_twice, LedgerFileError), (_too_large, OverflowError)]
)
def test_who_fails_is_undone_alone(table: Table, wrong: Any, kind: type[Exception]) -> None:
    before, error, after = together(table, [table.add(1), wrong, table.add(2)])
    assert (before, after) == (1, 4)
    assert isinstance(error, kind)
    assert table.numbers == [1, 2]
    assert table.transactions == 1


def test_a_full_disk_is_an_error_for_those_concerned_only(table: Table) -> None:
    database = table.connection.database
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")

    def large(db: sqlite3.Connection) -> None:
        db.executemany("INSERT INTO numbers VALUES (?)", ((number,) for number in range(10_000)))

    error, small = together(table, [large, table.add(5)])
    assert isinstance(error, LedgerFileError)
    assert "could not be written: database or disk is full" in error.message
    # SQLite may have to undo the whole transaction; nobody is told that something was done which was not.
    assert table.numbers == ([5] if small == 25 else [])
    assert table.commits.run(table.add(6)) == 36


def test_a_closed_file_is_an_error(table: Table) -> None:
    table.connection.close()
    with pytest.raises(LedgerFileError, match="was closed by this process"):
        table.commits.run(table.add(1))


def interrupted_leader(table: Table, moment: int) -> tuple[bool, Job, list[Job]]:
    """Whether the interrupt came; the leader's job, and those of threads that wait for their turn meanwhile."""
    commits = table.commits
    mine, others = Job(table.add(100)), [Job(table.add(number)) for number in range(3)]
    commits._jobs.extend(others)
    interrupt = Interrupt(moment, ("omega_runtime.ledger.sqlite",))
    sys.settrace(interrupt)
    try:
        commits.do(mine)
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    for job in others:
        # What their threads do once it is their turn.
        with table.connection.lock:
            commits._recover()
            if not job.is_done:
                commits._commit()
    return interrupt.happened, mine, others


def test_an_interrupted_leader_neither_loses_nor_doubles_what_others_brought(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits_module, "PATIENCE", 0)  # those in front have no threads here
    moments = committed = 0
    happened = True
    while happened:
        moments += 1
        table.commits.run(lambda db: db.execute("DELETE FROM numbers"))
        happened, mine, others = interrupted_leader(table, moments)
        assert [job.result for job in others if job.is_committed] == [0, 1, 4]
        assert table.numbers == [0, 1, 2] + [100] * mine.is_committed
        assert not table.commits._jobs
        committed += happened and mine.is_committed
    assert moments > 20
    assert 0 < committed < moments


def test_an_interrupted_leader_wakes_those_behind_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "PATIENCE", 60.0)
    commits, moment, happened = table.commits, 0, True
    waited = 0
    while happened:
        moment += 1
        commits.run(lambda db: db.execute("DELETE FROM numbers"))
        others: list[Thread] = []

        def bring_others(db: sqlite3.Connection, others: list[Thread] = others) -> None:
            db.execute("INSERT INTO numbers VALUES (100)")
            if not others:
                others += [Thread(lambda number=number: commits.run(table.add(number))) for number in range(2)]  # type: ignore[misc]
                eventually(lambda: len(commits._jobs) == 3)

        mine = Job(bring_others)
        interrupt = Interrupt(moment, ("omega_runtime.ledger.sqlite",))
        sys.settrace(interrupt)
        try:
            commits.do(mine)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        happened = interrupt.happened
        assert [other.result() for other in others] == [0, 1][: len(others)], moment
        assert table.numbers == [0, 1][: len(others)] + [100] * mine.is_committed
        waited += happened and len(others) > 0
    assert waited > 10


def test_an_interrupt_while_another_leads(table: Table) -> None:
    """The one who waits learns whether its operation was done, before it gives up."""

    class InterruptedWait:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

        def locked(self) -> bool:
            return False

    begun, go_on = threading.Event(), threading.Event()
    leader = Thread(lambda: table.commits.run(_pausing(begun, go_on)))
    begun.wait(10)
    job = Job(table.add(7))
    job.turn = InterruptedWait()  # type: ignore[assignment]
    follower = Thread(lambda: table.commits.do(job))
    eventually(lambda: len(table.commits._jobs) == 2)
    go_on.set()
    leader.result()
    with pytest.raises(KeyboardInterrupt):
        follower.result()
    assert job.is_done
    assert table.numbers == [7]


def test_an_interrupt_at_any_moment_of_a_call_leaves_nothing_held(tmp_path: Path) -> None:
    """Nothing is half booked, nobody stands in a queue for ever, and what was not sent is not spent."""
    path = tmp_path / "ledger"
    ledger = FileLedger(str(path), lease=1000, keep=False)
    spent: set[int] = set()
    sent: list[str] = []
    with use_model(lambda prompt: sent.append(prompt) or Reply("ok", 20, 30)):
        for moment in range(1, 3000):
            account = ledger.open_named(f"a{moment}", 1000, None, ledger.root, False)
            happened, tokens = interrupted_call(account, moment, sent)
            if not happened:
                break
            spent.add(tokens)
    assert not happened
    assert moment > 150
    assert {0, 50} <= spent
    assert query(path, "SELECT * FROM tickets") == []
    ledger.close()
    assert audit(path) == []


def test_an_interrupt_at_any_moment_of_waiting_leaves_the_queue(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = FileLedger(str(path), lease=1000, keep=False)
    account = ledger.open_named("job", 100, None, ledger.root, False)
    first = hold(account, 0, 100)
    moment, happened = 0, True
    while happened:
        moment += 1
        # Not on the threshold of the clean-up itself.
        interrupt = Interrupt(moment, ("omega_runtime.ledger",), skip=("withdraw",))
        sys.settrace(interrupt)
        try:
            hold(account, 0, 50, max_wait=0)
        except (KeyboardInterrupt, BudgetTimeout):
            pass
        finally:
            sys.settrace(None)
        happened = interrupt.happened
        assert (account.waiters, ledger.tickets) == ([], {}), moment
        standing = query(path, "SELECT number FROM tickets")
        if standing:  # the interrupt came while leaving: the end of the lease does the rest
            ledger._commits.run(lambda db: db.execute("DELETE FROM tickets"))
    assert moment > 100
    settle(first, cost(0, 100))
    ledger.close()


def interrupted_call(account: Account, moment: int, sent: list[str]) -> tuple[bool, int]:
    sent.clear()
    interrupt = Interrupt(moment, ("omega_runtime.calls", "omega_runtime.ledger"))
    with account:
        sys.settrace(interrupt)
        try:
            infer(SITE, "prompt", max_tokens=100)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
    account.ledger.reclaim()
    assert account.held == 0, moment
    # 106: the worst case, when it cannot be told any more whether the provider got the call.
    assert account.spent in ((50, 106) if sent else (0, 106)), moment
    assert not account.ledger.lock.locked()
    return interrupt.happened, account.spent


# Full disks


def test_on_a_full_disk_nothing_is_sent(tmp_path: Path) -> None:
    asked: list[str] = []
    with use_model(lambda prompt: asked.append(prompt) or "a"), opened(tmp_path / "ledger", 100_000) as account:
        database = ledger_of(account)._commits.connection.database
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        full = "could not be written: database or disk is full"
        with pytest.raises(LedgerFileError, match=full):  # noqa: PT012
            while True:  # what is free inside the pages is used up first
                infer(SITE, "p", max_tokens=5, model="m" * 300)
        asked.clear()
        with pytest.raises(LedgerFileError, match=full):
            infer(SITE, "p", max_tokens=5, model="m" * 300)
        assert asked == []
        database.execute(f"PRAGMA max_page_count = {2**30}")
        infer(SITE, "p", max_tokens=5)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Settling, voiding and marking fail as on a full disk while this list is not empty."""
    from omega_runtime.ledger.sqlite import queries

    fails: list[bool] = []
    find = queries.find_call

    def find_call(db: sqlite3.Connection, call: int) -> Any:
        if fails:
            raise sqlite3.OperationalError("database or disk is full")
        return find(db, call)

    monkeypatch.setattr(queries, "find_call", find_call)
    return fails


def test_an_answer_reaches_the_caller_though_the_disk_is_full(tmp_path: Path, failing: list[bool]) -> None:
    """Its worst case stays held; it is booked before the next call, or at the end of the budget."""

    def answer(prompt: str) -> Reply:
        failing.append(True)
        return Reply("paid for", 3, 4)

    with use_model(answer), opened(tmp_path / "ledger", 1000) as account:
        assert infer(SITE, "p", max_tokens=50) == "paid for"
        assert (account.spent, account.held) == (0, 6 - 5 + 50)
        with pytest.raises(LedgerFileError, match="database or disk is full"):
            infer(SITE, "p", max_tokens=50)
        failing.clear()
        account.ledger.reclaim()
        assert (account.spent, account.held) == (7, 0)


def test_a_budget_that_ends_unbooked_says_so_with_its_answers(tmp_path: Path, failing: list[bool]) -> None:
    path = tmp_path / "ledger"

    def answer(prompt: str) -> Reply:
        failing.append(True)
        return Reply("paid for", 3, 4)

    with use_model(answer), pytest.raises(LedgerFileError, match="disk is full") as caught:
        with budget(tokens=1000, ledger=path, name="job") as account:
            infer(SITE, "p", max_tokens=50)
    assert caught.value.partial == ("paid for",)
    failing.clear()
    account.ledger.close()  # type: ignore[attr-defined]
    with opened(path) as account:
        assert (account.spent, account.held) == (7, 0)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("own"), SystemExit(3)])
def test_errors_come_out_as_they_are_though_the_disk_is_full(
    tmp_path: Path, failing: list[bool], error: BaseException
) -> None:
    def fail(prompt: str) -> str:
        failing.append(True)
        raise error

    kind = OmegaError if isinstance(error, Exception) else type(error)
    with use_model(fail), pytest.raises(kind) as caught, budget(tokens=1000, ledger=tmp_path / "ledger") as account:
        infer(SITE, "p", max_tokens=50)
    assert "database or disk is full" in caught.value.__notes__[0]
    failing.clear()
    account.ledger.reclaim()
    assert (account.spent, account.held) == (51, 0)
    account.ledger.close()  # type: ignore[attr-defined]


def test_a_refusal_is_told_though_the_queue_cannot_be_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from omega_runtime.ledger.sqlite import operations

    def leave(db: sqlite3.Connection, number: int | None) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with opened(tmp_path / "ledger", 100) as account:
        first = hold(account, 0, 100)
        monkeypatch.setattr(operations, "leave", leave)
        with pytest.raises(BudgetTimeout):
            hold(account, 0, 50, max_wait=0)
        monkeypatch.undo()
        assert account.ledger.tickets == {}
        settle(first, cost(0, 100))
        with pytest.raises(BudgetExceeded):
            hold(account, 0, 50)
