"""Ledger files in tests: made, looked into and used by other processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite import queries
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.opening import open_ledger_file
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure

from tests.support.ledgers import SITE

WORKER = Path(__file__).with_name("ledger_worker.py")


def used(path: Path, calls: int = 3, name: str = "job") -> Path:
    """A ledger file with an account of this name, whose limit is 1000 tokens, and calls of 10 tokens each."""
    with use_model(lambda prompt: Reply("answer", 6, 4)), budget(tokens=1000, ledger=path, name=name) as account:
        for _ in range(calls):
            infer(SITE, "p", max_tokens=20)
    ledger_of(account).close()
    return path


def ledger_of(account: Account) -> FileLedger:
    """The open ledger file of an account."""
    assert isinstance(account.ledger, FileLedger)
    return account.ledger


@contextmanager
def opened(path: Path, tokens: int | None = None, name: str = "job", **limits: Any) -> Iterator[Account]:
    """A named account for the time of a test; the books must balance at the end, and the file is closed."""
    with budget(tokens=tokens, ledger=path, name=name, **limits) as account:
        yield account
    ledger_of(account).close()
    assert audit(path) == []


@contextmanager
def failing(path: Path, message: str, tokens: int | None = None) -> Iterator[Account]:
    """As `opened`, for an account whose file the test makes unusable: the end of the budget says so."""
    with pytest.raises(LedgerFileError, match=message), budget(tokens=tokens, ledger=path, name="job") as account:
        yield account
    ledger_of(account).close()


def audit(path: Path) -> list[str]:
    """What does not agree in a file."""
    with closing(open_ledger_file(str(path), create=False)) as db:
        return queries.audit(db)


def query(path: Path, sql: str) -> list[Any]:
    """What another program reads from the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(sql).fetchall()


def change(path: Path, sql: str) -> None:
    """Change the file behind the ledger's back."""
    with closing(sqlite3.connect(path, timeout=30)) as db, db:
        db.execute(sql)


class Worker:
    """Another process that makes calls from an account of a ledger file; see `ledger_worker.py`."""

    def __init__(self, path: Path, limit: int | None, **options: Any) -> None:
        told = json.dumps({"path": str(path), "limit": limit, **options})
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_for(self, word: str) -> None:
        """Read on until the worker says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == word:
                return
        raise AssertionError(f"the worker ended before it said {word!r}")

    def go(self) -> None:
        """Tell a worker that waits for it to go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def billed(self) -> int:
        """Tokens that the worker's calls were billed, as far as it could say; it has ended then."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.process.stdin, self.process.stdout as lines:
            billed = sum(int(line.split()[1]) for line in lines if line.startswith("billed ") and line.endswith("\n"))
        self.process.wait()
        return billed


@contextmanager
def lease(seconds: float) -> Iterator[None]:
    """Holds count as spent so soon after their process has gone."""
    with configure(lease=seconds):
        yield
