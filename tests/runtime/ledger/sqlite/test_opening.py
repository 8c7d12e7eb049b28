"""Opening a ledger file: a new one is made whole, an older one is brought up to date, any other stays as it is."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite import busy
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.opened import file_ledger
from omega_runtime.ledger.sqlite.opening import open_ledger_file
from omega_runtime.ledger.sqlite.schema import APPLICATION_ID, MIGRATIONS, VERSION, statements
from omega_runtime.ledger.sqlite.show import contents, reset

from tests.support.ledger_files import Worker, audit, change, opened, query, used


def test_a_new_file_is_its_owners_only_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    FileLedger(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    assert query(path, "PRAGMA user_version") == [(VERSION,)]


def test_an_sqlite_that_is_too_old_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.37.2")
    with pytest.raises(LedgerFileError, match=r"needs SQLite 3.38.0 or newer, and this Python \(.*\) has 3.37.2; use"):
        FileLedger(str(tmp_path / "ledger"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["a b", "50%", "what?", "no#1", "100%25", "Ω λ.db", "a'b\"c", "new\nline", "-x", "a\udcff"]
)
def test_odd_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert audit(used(path)) == []
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name)]  # noqa: PTH208


def test_bytes_are_a_path(tmp_path: Path) -> None:
    file_ledger(os.fsencode(tmp_path / "ledger")).close()  # type: ignore[arg-type]
    assert audit(tmp_path / "ledger") == []


def _text(path: Path) -> None:
    path.write_text("a shopping list\n" * 400)


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY)")


def _newer(path: Path) -> None:
    change(used(path), f"PRAGMA user_version = {VERSION + 1}")


def _other_figures(path: Path) -> None:
    change(used(path), "UPDATE accounts SET used = 0, committed = 0 WHERE name = 'job'")


def _lost_call(path: Path) -> None:
    change(used(path), "DELETE FROM calls WHERE id = 2")


def _circle(path: Path) -> None:
    change(used(path), "UPDATE accounts SET parent = id WHERE name = 'job'")


def _no_root(path: Path) -> None:
    change(used(path), "DELETE FROM accounts WHERE id = 1")


def _negative(limit: str) -> Callable[[Path], None]:
    return lambda path: change(used(path), f"UPDATE accounts SET {limit} = -5 WHERE name = 'job'")


def _no_account(path: Path) -> None:
    change(used(path), "UPDATE calls SET account = 99 WHERE id = 2")


def _no_table(path: Path) -> None:
    change(used(path), "DROP TABLE resets")


def _truncated(path: Path) -> None:
    os.truncate(used(path), path.stat().st_size // 2)


def _overwritten(offset: int) -> Callable[[Path], None]:
    def overwrite(path: Path) -> None:
        with used(path).open("r+b") as file:
            file.seek(offset)
            file.write(b"\xa5" * 4096)

    return overwrite


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (Path.touch, "is empty, not a ledger; give another path, or move that file away"),
    "text": (_text, "is not a ledger; give another path, or move that file away"),
    "another program's": (_foreign, "is a database of another program, not a ledger; give another path"),
    "newer": (_newer, f"has version {VERSION + 1}, and this omegac knows versions up to {VERSION}; use a newer omegac"),
    "figures changed": (_other_figures, 'is damaged (the account "job" does not agree with its calls); nothing was'),
    "call deleted": (_lost_call, 'is damaged (the account "job" does not agree with its calls); nothing was changed'),
    "account in itself": (_circle, "is damaged (an account is inside a later one); nothing was changed: restore it"),
    "no account of all calls": (_no_root, "is damaged (the account of all calls is missing); nothing was changed"),
    "negative tokens": (_negative('"limit"'), 'is damaged (the account "job" has a limit below 0); nothing was'),
    "negative dollars": (_negative("dollar_limit"), 'is damaged (the account "job" has a limit below 0); nothing'),
    "call of no account": (_no_account, "is damaged (calls of account 99, which is not there"),
    "table dropped": (_no_table, "is damaged"),
    "truncated": (_truncated, "is damaged"),
    "header overwritten": (_overwritten(0), "is not a ledger; give another path, or move that file away"),
    "page overwritten": (_overwritten(4096 * 2), "is damaged"),
    "folder": (Path.mkdir, "is a folder; give the path of a file in it"),
}


@pytest.mark.parametrize(("make", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_file_is_named_and_stays_as_it_is(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "ledger"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerFileError) as caught:
        FileLedger(str(path))
    assert str(path) in caught.value.message
    assert message in caught.value.message
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("look", [contents, reset])
def test_a_file_that_stays_busy_is_named(
    tmp_path: Path, look: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = used(tmp_path / "ledger")
    monkeypatch.setattr(busy, "BUSY_SECONDS", 0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerFileError, match=f'the ledger file "{path}" was not free for 0 s: another program'):
            look(path)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(LedgerFileError, match="cannot make the ledger file .*none/ledger.*No such file or directory"):
        FileLedger(str(tmp_path / "none" / "ledger"))


def test_a_file_that_is_not_to_be_made(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with pytest.raises(LedgerFileError, match=f'there is no ledger file "{path}"'):
        open_ledger_file(str(path), create=False)
    assert not path.exists()


def test_links(tmp_path: Path) -> None:
    path, link, nowhere = tmp_path / "ledger", tmp_path / "link", tmp_path / "nowhere"
    link.symlink_to(used(path, 1))
    nowhere.symlink_to(tmp_path / "missing")
    used(link, 1)
    assert query(path, "SELECT used FROM accounts WHERE name = 'job'") == [(20,)]
    with pytest.raises(LedgerFileError, match="nowhere"):
        FileLedger(str(nowhere))
    assert not (tmp_path / "missing").exists()


RESTRICTED = """
import os, sys
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.ledger import FileLedger
FileLedger(sys.argv[2]).close()  # imports what is needed
if os.getuid() == 0:
    os.setuid(65534)
try:
    FileLedger(sys.argv[1])
except LedgerFileError as error:
    print(error.message)
"""


@pytest.mark.parametrize(
    ("file", "folder", "message"),
    [
        (0o444, 0o777, "readonly database"),
        (0o000, 0o777, "check the path and its permissions"),
        (0o666, 0o000, "check the path and its permissions|Permission denied"),
        (None, 0o555, "cannot make the ledger file .*: Permission denied"),
    ],
)
def test_what_the_user_must_not_touch(tmp_path: Path, file: int | None, folder: int, message: str) -> None:
    """In another process, as tests may run as root."""
    place = Path(tempfile.mkdtemp())
    try:
        path = place / "inner" / "ledger"
        path.parent.mkdir()
        if file is not None:
            used(path).chmod(file)
        place.chmod(0o755)
        path.parent.chmod(folder)
        told = subprocess.check_output(
            [sys.executable, "-c", RESTRICTED, str(path), str(tmp_path / "other")], text=True
        )
        assert str(path) in told
        assert re.search(message, told)
    finally:
        (place / "inner").chmod(0o755)
        shutil.rmtree(place)


def _flipped(path: Path, chance: random.Random) -> None:
    damaged = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 8))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    path.write_bytes(damaged)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_are_an_error_or_harmless(tmp_path: Path, seed: int) -> None:
    """Whatever is damaged: the file opens with books that balance, or it is an error that leaves it alone."""
    chance = random.Random(seed)
    whole = used(tmp_path / "whole")
    path = tmp_path / "ledger"
    for _ in range(40):
        shutil.copy(whole, path)
        _flipped(path, chance)
        before = path.read_bytes()
        try:
            open_ledger_file(str(path)).close()
        except LedgerFileError:
            assert path.read_bytes() == before
        else:
            assert audit(path) == []


def _of_version(path: Path, version: int) -> None:
    """A file as an older omegac left it, with an account that has spent 10 of 100 tokens."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for script in MIGRATIONS[:version]:
            for statement in statements(script):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("INSERT INTO processes VALUES (1, 1, 0)")
        db.execute("INSERT INTO sites VALUES (1, 'f', 1, 1, 'infer.op', 'p', 1)")
        db.execute(
            'INSERT INTO accounts (id, name, parent, is_named, "limit", used, committed, opened) '
            "VALUES (2, 'job', 1, 1, 100, 10, 10, 0)"
        )
        db.execute(
            "INSERT INTO calls (account, process, site, model, attempt, state, tokens, cost, is_priced, is_clamped, "
            "lease, started, spent_tokens) VALUES (2, 1, 1, 'm', 1, 'settled', 10, 0, 1, 0, 0, 0, 10)"
        )


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_older_files_keep_their_data(tmp_path: Path, version: int) -> None:
    path = tmp_path / "ledger"
    _of_version(path, version)
    with opened(path) as account:
        assert (account.limit, account.spent) == (100, 10)
    assert query(path, "PRAGMA user_version") == [(VERSION,)]


OPEN = """
import sys
from omega_runtime.ledger.sqlite.ledger import FileLedger
for path in sys.argv[1:]:
    FileLedger(path).close()
"""


def _open_in_processes(paths: list[Path], processes: int) -> None:
    running = [subprocess.Popen([sys.executable, "-c", OPEN, *map(str, paths)]) for _ in range(processes)]
    assert [each.wait(60) for each in running] == [0] * processes


def test_processes_make_the_same_files_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"ledger{index}" for index in range(12)]
    _open_in_processes(paths, 4)
    # SQLite leaves these when the last two close a file at once.
    made = {each.name.removesuffix("-shm").removesuffix("-wal") for each in tmp_path.iterdir()}
    assert made == {path.name for path in paths}
    for path in paths:
        assert query(path, "SELECT count(*) FROM processes") == [(4,)]
        assert query(path, "SELECT count(*) FROM accounts") == [(1,)]


def test_processes_bring_the_same_files_up_to_date_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"ledger{index}" for index in range(8)]
    for path in paths:
        _of_version(path, 1)
    _open_in_processes(paths, 3)
    for path in paths:
        assert query(path, "SELECT used FROM accounts WHERE name = 'job'") == [(10,)]
        assert audit(path) == []


def test_a_file_is_checked_as_of_one_moment_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    worker = Worker(path, None, latency=0, threads=2, calls=150)
    worker.wait_for("open")
    times = 0
    while worker.process.poll() is None and times < 40:
        open_ledger_file(str(path)).close()
        times += 1
    assert worker.billed()
    assert times > 5
