"""Connections to the server: verified, retried when they are lost, and silent about passwords."""

from __future__ import annotations

import logging
import time
from threading import Lock
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.urls import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

    Database = psycopg.Connection[tuple[Any, ...]]

# For so long (seconds) a server that was there may be away, as when it restarts, before that is an error.
PATIENCE = 15.0

# The driver warns of each connection that is lost, which here is no news, on stderr where nobody has set up logging.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

# What a server says that starts or stops; one that isn't there at all, from the beginning, is an error at once.
_COMING = "the database system is"

_LOCAL = ("", "localhost", "127.0.0.1", "::1")


class Unreachable(LedgerFileError):
    """The server was away for too long."""


class Connection:
    """One connection, for one thread at a time; what is done with it is done again when it was lost."""

    __slots__ = ("_db", "_has_been_there", "_only_reads", "is_closed", "lock", "patience", "url")

    def __init__(self, url: str, patience: float = PATIENCE, *, only_reads: bool = False) -> None:
        self.url = url
        self._only_reads = only_reads
        self.patience = patience
        self.lock = Lock()
        self._db: Database | None = None
        self._has_been_there = False
        self.is_closed = False

    def run(self, work: Callable[[Database], T]) -> T:
        """What `work` gives, which may be run several times. Raises LedgerFileError for a server that can't be used."""
        with self.lock:
            return self.run_locked(work)

    def run_locked(self, work: Callable[[Database], T]) -> T:
        """The same, for who has the lock."""
        deadline = time.monotonic() + self.patience
        pause = 0.01
        while True:
            try:
                result = work(self._connected())
            except psycopg.OperationalError as error:
                is_there = self._has_been_there or _COMING in str(error)
                is_over = time.monotonic() + pause > deadline or not is_there
                self.drop()
                if is_over:
                    raise Unreachable(*self.failure(error).args) from None
            except psycopg.Error as error:
                self.drop()
                raise self.failure(error) from None
            except BaseException:
                self.drop()
                raise
            else:
                return result
            time.sleep(pause)
            pause = min(2 * pause, 0.5)

    def _connected(self) -> Database:
        if self._db is None or self._db.closed:
            if self.is_closed:
                raise LedgerFileError(f"the ledger {shown(self.url)} was closed by this process")
            self._db = psycopg.connect(
                self.url, autocommit=True, prepare_threshold=0, client_encoding="UTF8", **self._defaults()
            )
            self._db.adapters.register_dumper(int, Int8Dumper)
            if self._only_reads:
                self._db.execute("SET default_transaction_read_only = on")
            self._check(self._db)
            self._has_been_there = True
        return self._db

    def _defaults(self) -> dict[str, Any]:
        found = defaults(self.url)
        if self._only_reads:
            found.pop("target_session_attrs", None)  # a standby will do
        return found

    def _check(self, db: Database) -> None:
        """Raise LedgerFileError for a server that is set up so that the books could not be relied on."""
        settings = "SELECT current_setting('default_transaction_isolation'), current_setting('fsync')"
        isolation, fsync = db.execute(settings.encode()).fetchone() or ("", "")
        if isolation != "read committed":
            raise LedgerFileError(
                f"the ledger {shown(self.url)} needs the default isolation of transactions, but the server has "
                f"{isolation}; ALTER ROLE … SET default_transaction_isolation = 'read committed' mends that"
            )
        if fsync != "on" and not self._has_been_there:
            import warnings

            warnings.warn(
                f"the server of the ledger {shown(self.url)} has fsync off: what it has said may be lost when its "
                "machine stops",
                RuntimeWarning,
                stacklevel=2,
            )

    def failure(self, error: psycopg.Error) -> LedgerFileError:
        """What the server or the way to it says, for people."""
        return LedgerFileError(f"the ledger {shown(self.url)} cannot be used: {without_secrets(str(error), self.url)}")

    def drop(self) -> None:
        """Close the connection; the next use opens another."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def forget(self) -> None:
        """In a forked child: leave the connection to the parent, whose it is, and open another at the next use."""
        _inherited.append(self._db)
        self._db = None
        self.lock = Lock()

    def close(self) -> None:
        """Close the connection for good, once nobody uses it."""
        with self.lock:
            self.is_closed = True
            self.drop()


_inherited: list[Database | None] = []


def defaults(url: str) -> dict[str, Any]:
    """What connections are made with where the URL doesn't say it: other machines must prove who they are."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error as error:
        problem = without_secrets(str(error), url)
        message = f"this is no URL of a ledger: {problem}; write postgresql://HOST/DATABASE"
        raise LedgerFileError(message) from None
    wanted: dict[str, Any] = {
        "application_name": "omegac",
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "tcp_user_timeout": 30_000,
        "target_session_attrs": "read-write",
    }
    hosts = str(given.get("host") or "").split(",")
    if any(host not in _LOCAL and not host.startswith("/") for host in hosts):
        wanted["sslmode"] = "verify-full"
        if "sslmode" not in given:
            wanted["sslrootcert"] = "system"
    return {name: value for name, value in wanted.items() if name not in given}


def without_secrets(text: str, url: str) -> str:
    """A message without the password of the URL, however it's written, and on one line."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return "it cannot be read"
    for secret in {url, password, unquote(password), *_option_passwords(url)}:
        if secret:
            text = text.replace(secret, "…")
    return " ".join(text.split())


def _option_passwords(url: str) -> list[str]:
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        return []
    return [str(given[name]) for name in ("password", "sslpassword") if given.get(name)]
