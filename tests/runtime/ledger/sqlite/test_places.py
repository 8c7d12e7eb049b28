"""One file, one name: a ledger that is reached by two, or whose parts are deleted in use, is noticed within a call."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.show import contents
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply

from tests.support.ledger_files import Worker, audit, change, failing, ledger_of, opened, query, used
from tests.support.ledgers import SITE

LIMIT = 150


def ask() -> object:
    with use_model(lambda prompt: Reply("a", 5, 45)):
        return infer(SITE, "p", max_tokens=45)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "ledger"


def refused(path: Path, message: str) -> None:
    for look in (lambda: FileLedger(str(path)), lambda: contents(path)):
        with pytest.raises(LedgerFileError, match=message):
            look()  # type: ignore[no-untyped-call]


def test_a_file_of_two_names_is_not_opened(path: Path) -> None:
    other = path.with_name("other")
    other.hardlink_to(used(path))
    for name in (path, other):
        refused(name, r"has 2 names \(hard links\), and by each of them its limits would be spent again; remove the")
    other.unlink()
    assert audit(path) == []


def test_a_second_name_in_use_is_noticed_at_the_next_call(path: Path) -> None:
    other = path.with_name("other")
    with opened(path, LIMIT) as account:
        ask()
        other.hardlink_to(path)
        with pytest.raises(LedgerFileError, match="has 2 names"):
            ask()
        refused(other, "has 2 names")
        other.unlink()
        ask()
        assert account.spent == 100


def swap_in_a_link(path: Path) -> Path:
    """Two names that came one after the other."""
    other = path.with_name("other")
    other.hardlink_to(path)
    path.unlink()
    return other


def delete_beside(path: Path) -> Path:
    Path(f"{path}-wal").unlink()
    Path(f"{path}-shm").unlink()
    return path


def delete_index(path: Path) -> Path:
    Path(f"{path}-shm").unlink()
    return path


HAZARDS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "renamed": (lambda path: path.rename(path.with_name("other")), "was moved, deleted or replaced"),
    "linked, and the first name removed": (swap_in_a_link, "was moved, deleted or replaced"),
    "what is beside deleted": (delete_beside, 'ledger-wal", which belongs to the ledger file .* was deleted or repl'),
    "index deleted": (delete_index, 'ledger-shm", which belongs to the ledger file .* was deleted or replaced'),
}


@pytest.mark.parametrize(("hazard", "message"), HAZARDS.values(), ids=HAZARDS)
def test_a_file_in_use_that_is_reached_otherwise_is_not_opened(
    path: Path, hazard: Callable[[Path], Path], message: str
) -> None:
    """Another process holds and spends from what it has open; nothing of that may be spent here again."""
    worker = Worker(path, LIMIT, stop_at=2)
    worker.wait_for("calling")
    other = hazard(path)
    before = sorted(path.parent.iterdir())
    refused(other, f"is in use by process {worker.process.pid} under another name, or what was beside it was deleted")
    assert sorted(path.parent.iterdir()) == before
    worker.go()
    worker.billed()
    assert worker.process.returncode == 1  # its next call was refused


@pytest.mark.parametrize(("hazard", "message"), HAZARDS.values(), ids=HAZARDS)
def test_the_process_that_has_it_open_notices(path: Path, hazard: Callable[[Path], Path], message: str) -> None:
    with failing(path, message, LIMIT):
        ask()
        other = hazard(path)
        with pytest.raises(LedgerFileError, match=message):
            ask()
    # Its end saves what it had booked, as nobody else had the file.
    if other == path:
        with opened(path) as account:
            assert account.spent == 50


def test_an_answer_on_its_way_reaches_the_caller(path: Path) -> None:
    def answer(prompt: str) -> Reply:
        delete_beside(path)
        return Reply("paid", 5, 45)

    with pytest.raises(LedgerFileError) as caught, budget(LIMIT, ledger=path, name="job") as account:
        with use_model(answer):
            assert infer(SITE, "p", max_tokens=45) == "paid"
    assert caught.value.partial == ("paid",)
    with suppress(LedgerFileError):
        ledger_of(account).close()


def test_new_parts_beside_are_not_mixed_with_the_old_ones(path: Path) -> None:
    """As SQLite's page on corrupting a file has it: two journals of one file in use at once."""
    with failing(path, "deleted or replaced", LIMIT):
        ask()
        delete_beside(path)
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").touch(0o600)
        with pytest.raises(LedgerFileError, match="was deleted or replaced while it was in use"):
            ask()


def test_symbolic_links_are_names_of_the_same_books(path: Path) -> None:
    link, elsewhere, worker = path.parent.parent / "link", used(path.with_name("other")), Worker(path, 150, stop_at=1)
    worker.wait_for("calling")
    link.symlink_to(path)
    with opened(link) as account:
        assert account.held == 56
        link.unlink()
        link.symlink_to(elsewhere)
        with pytest.raises(LedgerFileError, match="was moved, deleted or replaced"):
            ask()
        link.unlink()
        link.symlink_to(path)
    worker.process.kill()
    worker.billed()


def test_a_renamed_folder(path: Path) -> None:
    away = path.parent.with_name("away")
    with failing(path, "was moved", LIMIT):
        ask()
        path.parent.rename(away)
    with opened(away / "ledger") as account:
        assert account.spent == 50


MOUNTED = """
import subprocess, sys
from pathlib import Path
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.ledger import FileLedger
path, other = sys.argv[1:]
Path(other).touch()
if subprocess.run(["mount", "--bind", path, other]).returncode:
    sys.exit(77)
try:
    FileLedger(other)
except LedgerFileError as error:
    print(error.message)
"""


def test_a_file_that_is_mounted_by_itself(path: Path) -> None:
    """As containers have it: what SQLite keeps beside it would be another file inside and outside."""
    command = ["unshare", "--mount", sys.executable, "-c", MOUNTED, str(used(path)), str(path.with_name("a b"))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("mounting is not permitted here")
    assert "is mounted by itself, without what SQLite keeps beside it; mount its folder" in done.stdout


# Making a file


def test_a_file_is_made_where_there_are_no_hard_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*names: object, **options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    FileLedger(str(path)).close()
    assert [each.name for each in path.parent.iterdir()] == ["ledger"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_somebody_has_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr("omega_runtime.ledger.sqlite.opening.FOLDER_SECONDS", 0.05)
    folder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(LedgerFileError, match="cannot make the ledger file .*: another program has locked its folder"):
        FileLedger(str(path))
    os.close(folder)
    assert list(path.parent.iterdir()) == []


def test_a_process_that_is_killed_while_it_makes_a_file_leaves_no_half_of_one(path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom omega_runtime.ledger.sqlite import opening\n"
        "opening._rename = lambda *names: os.kill(os.getpid(), signal.SIGKILL)\n"
        "opening.open_ledger_file(sys.argv[1])"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -signal.SIGKILL
    assert not path.exists()
    assert audit(used(path)) == []


# Whose file it is

TRUST: dict[str, tuple[Callable[[Path], object], str]] = {
    "another user's": (lambda path: os.chown(path, 12345, 12345), r"belongs to another user \(12345\), who may have"),
    "a group's": (lambda path: path.chmod(0o660), r"others may write to .*; make it yours alone \(chmod 600\)"),
    "everybody's": (lambda path: path.chmod(0o606), r"others may write to .*; make it yours alone \(chmod 600\)"),
    "another user's entries": (
        lambda path: (shutil.copy(path, f"{path}-wal"), os.chown(f"{path}-wal", 12345, 12345)),
        'ledger-wal" belongs to another user',
    ),
    "entries that lead elsewhere": (
        lambda path: Path(f"{path}-wal").symlink_to(path.with_name("elsewhere")),
        'ledger-wal" is no regular file',
    ),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), "is no regular file"),
}


@pytest.mark.parametrize(("make", "message"), TRUST.values(), ids=TRUST)
def test_what_others_may_have_written_is_not_trusted(path: Path, make: Callable[[Path], object], message: str) -> None:
    used(path)
    try:
        make(path)
    except PermissionError:
        pytest.skip("only root may give files away")
    before = path.read_bytes() if path.is_file() else None
    refused(path, message)
    assert (path.read_bytes() if path.is_file() else None) == before


FORGED = {
    "trigger": "CREATE TRIGGER t AFTER UPDATE ON accounts BEGIN UPDATE accounts SET used = 0, committed = 0; END",
    "view": "CREATE VIEW v AS SELECT * FROM accounts",
    "index": "CREATE INDEX i ON accounts (used)",
    "table": "CREATE TABLE x (y)",
    "generated column": "ALTER TABLE accounts ADD COLUMN free INTEGER AS (0)",
    "column": "ALTER TABLE calls ADD COLUMN note TEXT",
}


@pytest.mark.parametrize("sql", FORGED.values(), ids=FORGED)
def test_what_omegac_did_not_make_is_refused(path: Path, sql: str) -> None:
    change(used(path), sql)
    before = path.read_bytes()
    refused(path, r'is damaged \(the \w+ "\w+" was (added|changed)\); nothing was changed: restore it from a backup')
    assert path.read_bytes() == before


def test_connections_run_nothing_that_a_file_brings(path: Path) -> None:
    with opened(path, LIMIT) as account:
        for pragma, value in (("trusted_schema", 0), ("cell_size_check", 1)):
            assert ledger_of(account).read(lambda db, name=pragma: db.execute(f"PRAGMA {name}").fetchone()) == (value,)


def test_the_same_account_by_two_processes_goes_on(path: Path) -> None:
    """Nothing of the above is in the way of processes that come and go by the same path."""
    workers = [Worker(path, 3000, calls=10, seed=seed, latency=0) for seed in range(4)]
    billed = sum(worker.billed() for worker in workers)
    assert [worker.process.returncode for worker in workers] == [0] * 4
    assert query(path, "SELECT used FROM accounts WHERE name = 'job'") == [(billed,)]
