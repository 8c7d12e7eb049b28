"""Opening a ledger file: a damaged or foreign one is an error, never overwritten."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.file.schema import APPLICATION_ID, MIGRATIONS, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Seconds to wait for another process that is writing.
BUSY_SECONDS = 60.0

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

    Raises LedgerFileError for a file that is no ledger, is damaged, was written by a newer version, or cannot be
    opened, and where Python's SQLite is too old. An older version's file is brought up to date.
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
    with file_errors(path):
        connection = connect(path)
        try:
            _check_kind(connection, path)
            _check_pages(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            _migrate(connection, path)
            _check_figures(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def file_errors(path: str) -> Iterator[None]:
    """Turn what SQLite says of a ledger file into LedgerFileError, which says what to do."""
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:  # what a damaged file says of itself may be no text
        raise _file_error(path, error) from error


def connect(path: str) -> sqlite3.Connection:
    """A connection that threads may share, one at a time, and that begins no transactions by itself."""
    connection = sqlite3.connect(
        f"file:{_quoted(path)}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(os.path.abspath(path)))  # noqa: PTH100


def identity(path: str) -> tuple[int, int] | None:
    """What tells a file from any other that has or gets the same path; None when there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


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
            with suppress(FileExistsError):  # another process was faster
                os.link(fresh, path)
        finally:
            os.unlink(fresh)  # noqa: PTH108
    except OSError as error:
        raise LedgerFileError(f'cannot make the ledger file "{path}": {error.strerror}') from error
    except sqlite3.Error as error:
        raise LedgerFileError(f'cannot make the ledger file "{path}": {error}') from error


def _check_kind(connection: sqlite3.Connection, path: str) -> None:
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
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for script in MIGRATIONS[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:  # a full disk may have ended it
            connection.execute("ROLLBACK")
        raise LedgerFileError(f'the ledger file "{path}" could not be brought up to date: {error}') from error


def _statements(script: str) -> list[str]:
    """The statements of a script; `executescript` would commit what is pending."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements


def _check_pages(connection: sqlite3.Connection, path: str) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise _damaged(path, "; ".join(found))


def _check_figures(connection: sqlite3.Connection, path: str) -> None:
    from omega_runtime.ledger.file.books import audit

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
