"""Accounts in a ledger file."""

from __future__ import annotations

import os

from omega_runtime.ledger.account import Account
from omega_runtime.ledger.sqlite import periods, queries
from omega_runtime.ledger.sqlite.journal import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.account import Figures
    from omega_runtime.ledger.sqlite.journal import Journal
    from omega_runtime.ledger.sqlite.ledger import FileLedger


class FileAccount(Account):
    """An account in a ledger file; `id` is its row. Reading a figure reads the file."""

    __slots__ = ("id", "is_named", "journal", "pid")

    ledger: FileLedger
    parent: FileAccount | None
    chain: tuple[FileAccount, ...]

    def __init__(self, ledger: FileLedger, row: queries.AccountRow, parent: FileAccount | None) -> None:
        super().__init__(ledger, row.name, row.limit_tokens, row.limit_picodollars, parent, row.periods)
        self.id = row.id
        self.is_named = row.is_named
        self.pid = os.getpid()
        # The journal of the run, if answers are kept; accounts inside have the same.
        self.journal: Journal | None = None if parent is None else parent.journal

    def is_same(self, other: Account) -> bool:
        """Whether both stand for one account of the file, which each scope opens for itself."""
        return self is other or (isinstance(other, FileAccount) and other.ledger is self.ledger and other.id == self.id)

    def around_inherited(self, name: str) -> FileAccount:
        """Where the account of a name is to be opened here: this one, but around the very account in a forked child.

        The child has inherited it with its parent's context, and opens it for itself.
        """
        is_inherited = self.is_named and self.name == name and self.pid != os.getpid()
        return self.parent if is_inherited and self.parent is not None else self

    @property
    def figures(self) -> Figures:
        """The numbers as the file has them now."""
        return self._row

    @property
    def all_time(self) -> Figures:
        """The numbers of all periods together."""
        return self.ledger.read(lambda db: queries.account_row(db, self.id))

    @property
    def _row(self) -> queries.AccountRow:
        now = self.ledger.clock.time()
        row = self.ledger.read(lambda db: periods.figures_at(db, queries.account_row(db, self.id), now))
        self.limit_tokens, self.limit_picodollars, self.periods = row.limit_tokens, row.limit_picodollars, row.periods
        return row

    def keep_answers(self, program: str, source_hash: str, resume: bool) -> Journal | None:
        """Keep the answers that are paid for here, and by accounts inside, in a journal; see `open_journal`."""
        self.journal = open_journal(self.ledger, self, program, source_hash, resume)
        return self.journal

    @property
    def journal_counts(self) -> tuple[int, int]:
        """How many calls of the run around were replayed, and how many were paid for, in this process."""
        journal = self.journal
        return (0, 0) if journal is None else (journal.replayed, journal.performed)

    @property
    def credit(self) -> tuple[int, int]:
        """What answers that wait to be replayed have cost here, before this execution, in the current periods."""
        journal = self.journal
        if journal is None or self.periods is None or self.all_credit == (0, 0):
            return self.all_credit
        row = self._row
        return journal.credit_since(row.first_call)[0], journal.credit_since(row.dollar_first_call)[1]

    @property
    def all_credit(self) -> tuple[int, int]:
        """The same, over all time."""
        journal = self.journal
        if journal is None or self not in journal.account.chain:
            return 0, 0
        return journal.credit_since(0)
