"""Suspended processes (SIGSTOP, Ctrl-Z): none sends on a hold that has ended, none keeps others waiting unsaid."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.calls import infer, perform, reserve, settle, void
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.hold import ENDED
from omega_runtime.ledger.sqlite import busy
from omega_runtime.ledger.sqlite.show import contents, reset
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply

from tests.support.ledger_files import audit, failing, lease, opened, query
from tests.support.ledgers import SITE, Thread, eventually
from tests.support.messages_api import Server, message

LEASE = 0.3

# Says when it has reserved, and is suspended there; then sends, unless its hold has ended.
CHILD = """
import sys
from omega_runtime import Reply, budget, configure, use_model
from omega_runtime.calls import infer
from omega_runtime.places import Site
from omega_runtime.ledger.sqlite.ledger import FileLedger

def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\\n")
    sys.stdout.flush()

reserve = FileLedger.reserve
def reserved(*arguments):
    hold = reserve(*arguments)
    say("reserved", hold.call)
    sys.stdin.readline()
    return hold
FileLedger.reserve = reserved

def answer(prompt):
    say("sent")
    return Reply("answer", 6, 44)

configure(lease=float(sys.argv[2]))
with use_model(answer), budget(150, ledger=sys.argv[1], name="job"):
    say(infer(Site("child.omega", 1, 2, "infer.op", "main", 1), "p", max_tokens=49))
"""


class Child:
    """A process that is stopped once it has reserved."""

    def __init__(self, path: Path, code: str = CHILD, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def stop_at_rest(self, path: Path) -> None:
        """Stop it once more if its thread was writing to the ledger file, for which everybody would wait."""
        for _ in range(100):
            if is_free(path):
                return
            self.process.send_signal(signal.SIGCONT)
            time.sleep(0.01)
            self.stop()
        raise AssertionError("it writes all the time")

    def go_on(self) -> list[str]:
        """What it says from here to its end."""
        self.process.send_signal(signal.SIGCONT)
        output, errors = self.process.communicate("go\n" * 9, timeout=60)
        assert self.process.returncode == 0, errors
        return output.splitlines()


def is_free(path: Path) -> bool:
    """Whether nobody is writing to a ledger file."""
    with closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


@contextmanager
def stopped(path: Path, code: str = CHILD, *arguments: str) -> Iterator[Child]:
    child = Child(path, code, *arguments)
    try:
        child.stop()
        yield child
    finally:
        child.process.kill()
        child.process.communicate()


def test_a_hold_that_has_expired_is_reserved_anew_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with stopped(path, CHILD, str(LEASE)) as child, use_model(lambda prompt: "a"):

        def is_expired() -> bool:
            infer(SITE, "p", max_tokens=1)
            return query(path, "SELECT state FROM calls WHERE id = 1") == [("expired",)]

        with opened(path, name="other"):
            eventually(is_expired)
        assert child.said == "reserved 1\n"
        (again, *rest) = child.go_on()
        assert re.fullmatch(r"reserved \d+", again)
        assert rest == ["sent", "answer"]
        assert query(path, "SELECT state, spent_tokens FROM calls WHERE id = 1") == [("voided", 0)]
        assert query(path, "SELECT sum(spent_tokens) FROM calls WHERE site = 1 AND state = 'settled'") == [(50,)]
        with opened(path, 150) as account:
            assert (account.spent, account.held) == (50, 0)


# Says when it connects, with its hold confirmed already, and is suspended there.
CONNECTING = """
import sys
from omega_runtime import BudgetExceeded, budget, configure
from omega_runtime.calls import infer
from omega_runtime.models import connections
from omega_runtime.places import Site

def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\\n")
    sys.stdout.flush()

addresses = connections._addresses
def slowly(*arguments):
    say("connecting")
    sys.stdin.readline()
    return addresses(*arguments)
connections._addresses = slowly

configure(lease=float(sys.argv[2]), model="claude-sonnet-4-6")
with budget(150, ledger=sys.argv[1], name="job"):
    try:
        say(infer(Site("child.omega", 1, 2, "infer.op", "main", 1), "p", max_tokens=49))
    except BudgetExceeded:
        say("refused")
"""


@pytest.mark.parametrize("is_left", [True, False])
def test_nothing_is_sent_on_a_hold_that_ends_while_the_provider_connects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_left: bool
) -> None:
    path = tmp_path / "ledger"
    with Server(message("answer", 20, 30)) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        with stopped(path, CONNECTING, str(LEASE)) as child:
            child.stop_at_rest(path)
            time.sleep(LEASE + 0.1)
            reset(path, ["job"])
            with opened(path, 150) as account, use_model(lambda prompt: Reply("a", 50, 50 if is_left else 100)):
                infer(SITE, "p", max_tokens=100)
                assert child.go_on()[-1] == ("answer" if is_left else "refused")
                assert account.spent == 150
        assert len(server.bodies()) == is_left
    audit(path)


def test_what_a_reset_gave_away_is_not_spent_on_an_old_hold(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with stopped(path, CHILD, str(LEASE)) as child:
        time.sleep(LEASE + 0.1)
        reset(path, ["job"])
        with opened(path, 150) as account, use_model(lambda prompt: Reply("a", 50, 100)):
            infer(SITE, "p" * 50, max_tokens=100)
            assert account.spent == 150
            child.process.send_signal(signal.SIGCONT)
            output, errors = child.process.communicate("go\n" * 9, timeout=60)
            assert "sent" not in output
            assert "Budget exceeded" in errors
            assert (account.spent, account.held) == (150, 0)


def test_a_lease_that_nobody_has_ended_is_renewed(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with stopped(path, CHILD, str(LEASE)) as child:
        time.sleep(LEASE + 0.1)
        assert child.go_on() == ["sent", "answer"]
    assert query(path, "SELECT state FROM calls") == [("settled",)]
    assert audit(path) == []


def test_the_next_attempt_has_its_own_hold(tmp_path: Path) -> None:
    """As woven code has it."""
    path, asked = tmp_path / "ledger", []

    def answer(prompt: str) -> Reply:
        asked.append(prompt)
        return Reply("a", 1, 1)

    with use_model(answer), lease(60), opened(path, 100) as account:
        hold = first = reserve(SITE, "p", max_tokens=40)
        account.ledger.holds[first.call] = (0.0, 0.0)  # type: ignore[attr-defined]
        account.ledger.write(lambda db: db.execute("UPDATE calls SET lease = 0"))  # type: ignore[attr-defined]
        contents(path)  # as another process's look does, it ends leases
        while hold.open:
            try:
                reply = perform(hold)
            except BaseException as error:
                hold = void(hold, error)
            else:
                settle(hold, reply)
        assert (hold is not first, first.open, hold.value) == (True, ENDED, "a")
        assert (len(asked), account.spent, account.held) == (1, 2, 0)


def test_a_file_that_fails_before_the_call_is_sent_leaves_nothing_unknown(tmp_path: Path) -> None:
    path, asked = tmp_path / "ledger", []
    with use_model(lambda prompt: asked.append(prompt) or "a"), failing(path, "was deleted", 100) as account:
        hold = reserve(SITE, "p", max_tokens=40)
        account.ledger.holds[hold.call] = (0.0, 0.0)  # type: ignore[attr-defined]
        Path(f"{path}-wal").unlink()
        with pytest.raises(LedgerFileError) as caught:
            perform(hold)
        with pytest.raises(LedgerFileError):
            void(hold, caught.value)
    assert asked == []


# Stopped while it writes

WRITER = """
import os, signal, sys
from omega_runtime.ledger.sqlite.ledger import FileLedger
ledger = FileLedger(sys.argv[1], keep=False)
def work(db):
    db.execute("INSERT INTO resets VALUES (1, 0, 0, 0)")
    print("writing", flush=True)
    sys.stdin.readline()
ledger.write(work)
ledger.close()
"""


def test_who_keeps_others_from_writing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger"
    monkeypatch.setattr(busy, "NOTICE_SECONDS", 0.1)
    monkeypatch.setattr(busy, "BUSY_SECONDS", 1.2)
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(path, 100) as account, stopped(path, WRITER) as child:
        process = child.process.pid
        mend = f"process {process} is stopped while it writes to it; let it go on (kill -CONT {process}), or end it"
        with pytest.raises(LedgerFileError, match=re.escape(f"was not free for 1.2 s: {mend}")):
            infer(SITE, "p", max_tokens=5)
        assert f'omegac: waiting for the ledger file "{path}": {mend}' in capsys.readouterr().err
        assert account.spent == 0  # reading goes on
        child.process.send_signal(signal.SIGCONT)
        with pytest.raises(LedgerFileError, match=f"process {process} is writing to it; wait for it, or end it"):
            infer(SITE, "p", max_tokens=5)
        monkeypatch.setattr(busy, "BUSY_SECONDS", 60)
        waiting = Thread(lambda: infer(SITE, "p", max_tokens=5))
        time.sleep(0.2)
        child.go_on()
        assert waiting.result() == "a"
        assert account.spent == 2


def test_a_process_that_is_killed_while_it_writes_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(path, 100), stopped(path, WRITER) as child:
        waiting = Thread(lambda: infer(SITE, "p", max_tokens=5))
        time.sleep(0.2)
        child.process.kill()
        assert waiting.result() == "a"


def test_an_answer_that_cannot_be_booked_reaches_the_caller_and_is_booked_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger"
    children: list[Child] = []

    def answer(prompt: str) -> Reply:
        if not children:
            children.append(Child(path, WRITER))
            children[0].stop()
            monkeypatch.setattr(busy, "BUSY_SECONDS", 0.6)
        return Reply("paid", 1, 1)

    with use_model(answer), opened(path, 100) as account:
        assert infer(SITE, "p", max_tokens=5) == "paid"
        assert (account.spent, account.held) == (0, 6)
        children[0].go_on()
        monkeypatch.setattr(busy, "BUSY_SECONDS", 60)
        assert infer(SITE, "p", max_tokens=5) == "paid"
        assert (account.spent, account.held) == (4, 0)


IMPATIENT = """
import sys
from omega_runtime import budget, use_model
from omega_runtime.calls import infer
from omega_runtime.places import Site
with budget(100, ledger=sys.argv[1], name="job"), use_model(lambda prompt: "a"):
    print("open", flush=True)
    sys.stdin.readline()
    infer(Site("child.omega", 1, 2, "infer.op", "main", 1), "p", max_tokens=9)
"""


def test_who_waits_can_be_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    waiting = Child(path, IMPATIENT)
    with stopped(path, WRITER):
        assert waiting.process.stdin is not None
        assert waiting.process.stderr is not None
        waiting.process.stdin.write("go\n")
        waiting.process.stdin.flush()
        assert "omegac: waiting for the ledger file" in waiting.process.stderr.readline()
        waiting.process.send_signal(signal.SIGINT)
        # At its end the account is closed in the file, which has to wait again.
        eventually(lambda: has_interrupted(waiting))
        waiting.process.communicate()


def has_interrupted(child: Child) -> bool:
    child.process.send_signal(signal.SIGINT)
    return child.process.poll() is not None


def test_a_run_is_claimed_in_short_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a process lives is asked, and its answers are read, while others may write."""
    from omega_runtime.budgets.scope import budget
    from omega_runtime.ledger import journal
    from omega_runtime.ledger.sqlite import journal as file_journal

    path = tmp_path / "ledger"
    with use_model(lambda prompt: Reply("a", 1, 1)):
        with budget(100, ledger=path, run="job") as account:
            infer(SITE, "p", max_tokens=5)

        def free(function: Any) -> Any:
            def checked(*arguments: Any) -> Any:
                assert not account.ledger._commits.connection.in_transaction  # type: ignore[attr-defined]
                return function(*arguments)

            return checked

        for module, name in ((journal, "_check_ended"), (file_journal, "_recorded")):
            monkeypatch.setattr(module, name, free(getattr(module, name)))
        with budget(100, ledger=path, run="job", resume=True):
            assert infer(SITE, "p", max_tokens=5) == "a"
    account.ledger.close()  # type: ignore[attr-defined]


def test_suspension_counts_as_time() -> None:
    """Also of the whole machine, which the monotonic clock leaves out on Linux."""
    from omega_runtime.clock import SystemClock

    clock = time.CLOCK_BOOTTIME if hasattr(time, "CLOCK_BOOTTIME") else time.CLOCK_MONOTONIC
    assert abs(SystemClock().now() - time.clock_gettime(clock)) < 60
