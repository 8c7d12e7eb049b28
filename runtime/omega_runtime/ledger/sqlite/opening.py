"""Opening a ledger file: a damaged or foreign one is an error, never overwritten."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from time import sleep

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.busy import TRY_SECONDS, begin, patiently
from omega_runtime.ledger.sqlite.place import BESIDE, Place, check_trust
from omega_runtime.ledger.sqlite.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    VERSION,
    expected_objects,
    objects,
    statements,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Seconds to wait for others that make a file in the same folder, which takes them microseconds.
FOLDER_SECONDS = 10.0

# The first with `unixepoch()`; STRICT tables came before it.
_SQLITE = (3, 38, 0)

# What keeps SQLite from a file that may be in order.
_NO_ACCESS = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
)


def open_ledger_file(path: str, *, create: bool = True) -> sqlite3.Connection:
    """A connection to a checked ledger file of the current version; a missing file is made, for its owner only.

    Raises LedgerFileError for a file that is no ledger, is damaged, was changed by another program or written by a
    newer version, that others may write to or reach by another name, that cannot be opened, and where Python's SQLite
    is too old. An older version's file is brought up to date.
    """
    if sqlite3.sqlite_version_info < _SQLITE:
        raise LedgerFileError(
            f'the ledger file "{path}" needs SQLite {".".join(map(str, _SQLITE))} or newer, and this Python '
            f"({sys.executable}) has {sqlite3.sqlite_version}; use another Python, or a budget without a ledger file"
        )
    if os.path.isdir(path):  # noqa: PTH112
        raise LedgerFileError(f'"{path}" is a folder; give the path of a file in it')
    if not os.path.lexists(path):
        if not create:
            raise LedgerFileError(f'there is no ledger file "{path}"')
        _create(path)
    check_trust(path)
    real = os.path.realpath(path)
    fresh = [real + end for end in BESIDE if not os.path.lexists(real + end)]
    with file_errors(path):
        connection = connect(path)
        try:
            patiently(path, lambda: check_kind(connection, path))
            _check_pages(connection, path)
            check_schema(connection, path)
            _check_place(connection, path, fresh)
            _migrate(connection, path)
            _check_figures(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_place(connection: sqlite3.Connection, path: str, fresh: list[str]) -> None:
    """Check that nobody has the file open elsewhere; `fresh` is what this connection has made beside it."""
    patiently(path, lambda: connection.execute("PRAGMA journal_mode = WAL"))
    patiently(path, lambda: connection.execute("SELECT count(*) FROM accounts").fetchone())
    try:
        Place(path).take_up()
    except LedgerFileError:
        for each in fresh:
            with suppress(OSError):
                os.unlink(each)  # noqa: PTH108
        raise


@contextmanager
def file_errors(path: str) -> Iterator[None]:
    """Turn what SQLite says of a ledger file into LedgerFileError, which says what to do."""
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:  # what a damaged file says of itself may be no text
        raise _file_error(path, error) from error


def connect(path: str, how: str = "mode=rw") -> sqlite3.Connection:
    """A connection that threads may share, one at a time, and that begins no transactions by itself."""
    connection = sqlite3.connect(
        f"file:{_quoted(path)}?{how}", uri=True, timeout=TRY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        for setting in ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(os.path.abspath(path)))  # noqa: PTH100


def _create(path: str) -> None:
    """Make a whole file under another name first, so that nobody ever sees half a ledger."""
    rest = f"{path}-wal"
    if os.path.lexists(rest) and not os.path.lexists(path):  # unless another process is faster
        raise LedgerFileError(
            f'the ledger file "{path}" is not there, but its last entries are in "{rest}"; bring the file back, or '
            "move those away, too, to begin a new one"
        )
    fresh = f"{path}.new-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(connect(fresh)) as connection:
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute("PRAGMA journal_mode = WAL")
                _migrate(connection, fresh)
            _rename(fresh, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(fresh)  # noqa: PTH108
    except OSError as error:
        raise LedgerFileError(f'cannot make the ledger file "{path}": {error.strerror}') from error
    except sqlite3.Error as error:
        raise LedgerFileError(f'cannot make the ledger file "{path}": {error}') from error


def _rename(fresh: str, path: str) -> None:
    """Give a file its path, unless another process was faster.

    Under a lock of the folder: a hard link would do without, but not all file systems have them, and while it has two
    names the file could not be opened.
    """
    import fcntl

    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)  # noqa: PTH100, PTH120
    try:
        for _ in range(round(FOLDER_SECONDS / 0.01)):
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                sleep(0.01)
        else:
            raise OSError(0, "another program has locked its folder; end that, or use another folder")
        if not os.path.lexists(path):
            os.rename(fresh, path)  # noqa: PTH104
            os.fsync(folder)
    finally:
        os.close(folder)


def check_kind(connection: sqlite3.Connection, path: str) -> None:
    """Raise LedgerFileError for what is no ledger, or one of a newer version."""
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    if kind != APPLICATION_ID:
        empty = not os.path.getsize(path)  # noqa: PTH202
        what = "is empty" if empty else "is a database of another program"
        raise LedgerFileError(f'"{path}" {what}, not a ledger; give another path, or move that file away')
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise LedgerFileError(
            f'the ledger file "{path}" has version {version}, and this omegac knows versions up to {VERSION}; '
            "use a newer omegac"
        )


def _migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring an older file up to date, in one transaction; processes that come at the same time wait."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    begin(connection, path)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for script in MIGRATIONS[version:]:
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:  # a full disk may have ended it
            connection.execute("ROLLBACK")
        raise LedgerFileError(f'the ledger file "{path}" could not be brought up to date: {error}') from error


def _check_pages(connection: sqlite3.Connection, path: str) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise _damaged(path, "; ".join(found))


def check_schema(connection: sqlite3.Connection, path: str) -> None:
    """Nothing may be there that omegac did not make: triggers and views could forge figures as they are used."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found, expected = objects(connection), expected_objects(version)
    wrong = [f'the {kind} "{name}" was added' for kind, name in found if (kind, name) not in expected]
    wrong += [f'the {kind} "{name}" is missing' for kind, name in expected if (kind, name) not in found]
    wrong += [
        f'the {key[0]} "{key[1]}" was changed' for key in found if key in expected and found[key] != expected[key]
    ]
    if wrong:
        raise _damaged(path, "; ".join(wrong[:3]))


def _check_figures(connection: sqlite3.Connection, path: str) -> None:
    from omega_runtime.ledger.sqlite.queries import audit

    connection.execute("BEGIN")  # others may be writing: all sums are to be of one moment
    wrong = audit(connection)
    connection.execute("ROLLBACK")
    if wrong:
        raise _damaged(path, "; ".join(wrong))


def _damaged(path: str, why: str) -> LedgerFileError:
    return LedgerFileError(
        f'the ledger file "{path}" is damaged ({why}); nothing was changed: restore it from a backup, or move it away '
        "to begin a new one"
    )


def _file_error(path: str, error: sqlite3.Error | UnicodeError) -> LedgerFileError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _NO_ACCESS:
        return LedgerFileError(f'cannot use the ledger file "{path}": {error}; check the path and its permissions')
    if code == sqlite3.SQLITE_NOTADB:
        return LedgerFileError(f'"{path}" is not a ledger; give another path, or move that file away')
    return _damaged(path, str(error))
