"""The journal of a run: the answers that were paid for, so that a resumed run does not pay for them again."""

from __future__ import annotations

import os
from typing import NamedTuple

from omega_runtime import forks
from omega_runtime.ledger.sqlite import batches, periods, queries
from omega_runtime.ledger.sqlite.runs import living
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from omega_runtime.ledger.sqlite.account import FileAccount
    from omega_runtime.ledger.sqlite.batches import Batch
    from omega_runtime.ledger.sqlite.ledger import FileLedger


class JournalEntry(NamedTuple):
    """What the journal keeps of an answer: what was asked, the procedures around, the text, and why it ended.

    `details` are what else it came with, as JSON.
    """

    key: str
    path: str
    text: bytes
    stop_reason: str | None
    details: str | None


def journal_entry(key: str, path: str, text: str, stop_reason: str | None, details: str | None = None) -> JournalEntry:
    """An entry as the file takes it; made before the file is locked."""
    reason = None if stop_reason is None else queries.storable(stop_reason)
    return JournalEntry(key, path, text.encode("utf-8", "surrogatepass"), reason, details)


class Recorded(NamedTuple):
    """An answer in the journal: its number, the procedures around its call, its text, and what it cost.

    `is_counted` is whether the run's account has that cost, in picodollars as well, among what is spent: a reset
    takes it off. `call` is the number of the call that paid for it.
    """

    number: int
    path: str
    text: str
    input_tokens: int
    output_tokens: int
    stop_reason: str | None
    model: str
    picodollars: int
    is_counted: int = True
    call: int = 0
    details: str | None = None

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens


class Journal:
    """The answers of one run of a program, kept under an account of a ledger file.

    A call is known again by who is asked (a provider at its address, the offline model, a function), its procedure,
    its prompt, its model and its options; of several like it, those with the same number there and the same procedures
    around come first, in the order in which they were answered. `replayed` and `performed` count the calls of this
    process; what is left in `recorded` was not asked for again. With a `batch`, calls without an answer go into that.
    """

    def __init__(self, ledger: FileLedger, account: FileAccount, run: int) -> None:
        self.ledger = ledger
        self.account = account
        self.run = run
        self.recorded: dict[str, list[Recorded]] = {}
        self.batch: Batch | None = None
        self.is_changed = False
        self.in_flight = (0, 0)
        self.replayed = 0
        self.performed = 0
        # Of answers that wait to be replayed, what those from a call on have cost, for the calls that were asked for.
        self._credits: dict[int, tuple[int, int]] = {}
        self._pid = os.getpid()
        self._lock = forks.fresh_lock()

    def expect(self, recorded: dict[str, list[Recorded]], in_flight: tuple[int, int], *, is_changed: bool) -> None:
        """Take up what an earlier execution has left: its answers, and the calls that it got none for."""
        self.recorded = recorded
        self.in_flight = in_flight
        self.is_changed = is_changed
        self._credits.clear()

    @property
    def dropped(self) -> int:
        """How many recorded answers were not asked for again."""
        return sum(map(len, self.recorded.values()))

    def earlier(self) -> int:
        """How many answers the run has that a resumption goes on with, while this one has none."""
        return self.ledger.read(lambda db: _answers_elsewhere(db, self.run))

    def credit_since(self, call: int) -> tuple[int, int]:
        """What answers that wait to be replayed have cost from this call on: for the program it's not spent yet.

        Tokens and picodollars.
        """
        with self._lock:
            if call not in self._credits:
                waiting = [each for replies in self.recorded.values() for each in replies]
                counted = [each for each in waiting if each.is_counted and each.call >= call]
                self._credits[call] = sum(each.tokens for each in counted), sum(each.picodollars for each in counted)
            return self._credits[call]

    def take(self, key: str, path: Callable[[], str]) -> Recorded | None:
        """The recorded answer to what was asked, which is used up by this; None when it has to be paid for.

        `path` tells the procedures around; it is asked for only when there are answers.
        """
        with self._lock:
            candidates = self.recorded.get(key)
            if not candidates:
                return None
            around = path()
            found = next((each for each in candidates if each.path == around), candidates[0])
            candidates.remove(found)
            self.replayed += 1
            for call, (tokens, picodollars) in self._credits.items() if found.is_counted else ():
                if found.call >= call:
                    self._credits[call] = tokens - found.tokens, picodollars - found.picodollars
        return found

    def book(self, db: Connection, process: int, inner: list[int], found: Recorded) -> None:
        """Count a replayed answer in the budgets that were opened within the run; the others have it already."""
        tokens, picodollars = found.tokens, found.picodollars
        db.execute(
            "INSERT INTO replays (reply, process, account, tokens, cost) VALUES (?, ?, ?, ?, ?)",
            (found.number, process, inner[0], tokens, picodollars),
        )
        queries.change(
            db,
            inner,
            spent_tokens=tokens,
            committed_tokens=tokens,
            spent_picodollars=picodollars,
            committed_picodollars=picodollars,
        )
        queries.allow_for_replays(db, inner)
        rows = [queries.account_row(db, each) for each in inner]
        periods.replay(db, [row for row in rows if row.periods], tokens, picodollars, self.ledger.clock.time())

    def note_performed(self) -> None:
        """Count a call of this process that was paid for."""
        self.performed += 1

    def record(self, db: Connection, call: int, entry: JournalEntry) -> None:
        """Keep an answer, in the transaction that settles its call."""
        record(db, self.run, call, entry)

    def finish(self) -> None:
        """Note that this execution has ended, well or not, so that another one may go on with the run."""
        if self._pid != os.getpid():
            return  # a forked child leaves its copy of the scope; the run is its parent's
        try:
            self.ledger.write(lambda db: db.execute("UPDATE runs SET is_complete = 1 WHERE id = ?", (self.run,)))
        finally:
            self.ledger.runs.discard(self.run)


def record(db: Connection, run: int, call: int, entry: JournalEntry) -> None:
    """Keep an answer to a call of a run."""
    db.execute(
        "INSERT INTO replies (run, call, key, path, text, stop_reason, details) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, call, *entry),
    )


def inner_accounts(account: FileAccount) -> list[int]:
    """The accounts around a call that this execution has opened: those inside the first one with a stored name."""
    inner: list[int] = []
    for each in account.chain:
        if each.is_named:
            break
        inner.append(each.id)
    return inner


class _Run(NamedTuple):
    """A run as the file has it."""

    id: int
    source_hash: str
    process: int
    is_complete: bool


def open_journal(
    ledger: FileLedger, account: FileAccount, program: str, source_hash: str, resume: bool
) -> Journal | None:
    """A journal for a run of a program on an account: a new one, or with `resume` that of its latest run.

    None when others could read the file, and so the answers in it. Raises OmegaError when the run to be resumed is
    still going on.
    """
    if not _is_private(ledger.path, resume):
        return None
    with ledger.opening_run:
        run, found = _begin(ledger, account, queries.storable(program), source_hash, resume)
        journal = Journal(ledger, account, run)
        if found is not None:
            journal.expect(
                ledger.read(lambda db: _recorded(db, run, account.id)),
                ledger.read(lambda db: _in_flight(db, run, found.process)),
                is_changed=found.source_hash != source_hash,
            )
        ledger.runs.add(run)
    return journal


def _begin(
    ledger: FileLedger, account: FileAccount, program: str, source_hash: str, resume: bool
) -> tuple[int, _Run | None]:
    """Make a new run, or an earlier one, this process's: its id, and the earlier one as it was."""
    now = ledger.clock.time()
    process = ledger.process
    while True:
        found = ledger.read(lambda db: _latest(db, program, account.id)) if resume else None
        if found is None:
            return ledger.write(lambda db: _enter(db, program, source_hash, account.id, process, now)), None
        _check_ended(ledger, found)
        batches.check_collected(ledger, found.id)
        if _claim(ledger, found, source_hash, process):
            return found.id, found


def _is_private(path: str, resume: bool) -> bool:
    """Whether answers can be kept in the file. Where others could read them: a warning, or an error to resume."""
    if not os.stat(path).st_mode & 0o077:  # noqa: PTH116
        return True
    if resume:
        raise OmegaError(
            f'the ledger file "{path}" can be read by others, so its answers are not used; '
            "make it yours alone (chmod 600) to resume"
        )
    import warnings

    warnings.warn(
        f'the ledger file "{path}" can be read by others, so answers are not kept in it (chmod 600 mends '
        "that); this run cannot be resumed",
        RuntimeWarning,
        stacklevel=3,
    )
    return False


def _latest(db: Connection, program: str, account: int) -> _Run | None:
    """The latest run of a program that has answers, or waits for some: a later one without any hides nothing.

    Where none has answers it's the latest of all, for the calls that it may have sent.
    """
    row = db.execute(
        "SELECT id, source_hash, process, is_complete FROM runs WHERE program = ? AND account = ? "
        "ORDER BY EXISTS (SELECT 1 FROM replies WHERE run = runs.id) "
        "OR EXISTS (SELECT 1 FROM batches WHERE run = runs.id AND ended IS NULL) DESC, id DESC LIMIT 1",
        (program, account),
    ).fetchone()
    return None if row is None else _Run._make(row)


def _answers_elsewhere(db: Connection, run: int) -> int:
    """How many answers the latest run has that would be resumed rather than this one, which has none."""
    program, account = db.execute("SELECT program, account FROM runs WHERE id = ?", (run,)).fetchone()
    found = _latest(db, program, account)
    (answers,) = db.execute("SELECT count(*) FROM replies WHERE run = ?", (found.id if found else run,)).fetchone()
    return int(answers)


def _enter(db: Connection, program: str, source_hash: str, account: int, process: int, now: float) -> int:
    done = db.execute(
        "INSERT INTO runs (program, source_hash, account, process, started) VALUES (?, ?, ?, ?, ?)",
        (program, source_hash, account, process, now),
    )
    return int(done.lastrowid or 0)


def _claim(ledger: FileLedger, found: _Run, source_hash: str, process: int) -> bool:
    """Make a run this process's, unless another process was faster."""

    def work(db: Connection) -> bool:
        done = db.execute(
            "UPDATE runs SET process = ?, source_hash = ?, is_complete = 0 "
            "WHERE id = ? AND process = ? AND is_complete = ?",
            (process, source_hash, found.id, found.process, found.is_complete),
        )
        return bool(done.rowcount)

    return ledger.write(work)


def _recorded(db: Connection, run: int, account: int) -> dict[str, list[Recorded]]:
    (reset,) = db.execute("SELECT coalesce(max(time), 0) FROM resets WHERE account = ?", (account,)).fetchone()
    rows = db.execute(
        "SELECT replies.id, key, path, text, input_tokens, output_tokens, stop_reason, model, spent_cost, "
        "started > ?, call, details FROM replies JOIN calls ON calls.id = call "
        "WHERE replies.run = ? ORDER BY replies.id",
        (reset, run),
    )
    recorded: dict[str, list[Recorded]] = {}
    for number, key, path, text, *rest in rows:
        answer = bytes(text).decode("utf-8", "surrogatepass")
        recorded.setdefault(key, []).append(Recorded._make((number, path, answer, *rest)))
    return recorded


def _in_flight(db: Connection, run: int, process: int) -> tuple[int, int]:
    """Calls that the process that had the run sent without getting an answer, and the tokens that count for them."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(tokens), 0) FROM calls "
        "WHERE run = ? AND process = ? AND state IN ('held', 'expired', 'unknown')",
        (run, process),
    ).fetchone()
    return row[0], row[1]


def _check_ended(ledger: FileLedger, run: _Run) -> None:
    """Raise OmegaError while the scope that has the run, in this process or another, is open."""
    if run.is_complete:
        return
    if run.id in ledger.runs:
        raise OmegaError(
            f"run {run.id} is still going on in this process; it can be resumed once its budget has been left"
        )
    pid, started = ledger.read(
        lambda db: db.execute("SELECT pid, started FROM processes WHERE id = ?", (run.process,)).fetchone()
    )
    is_alive = pid != os.getpid() and any(living([(pid, started)]))
    if is_alive:
        raise OmegaError(f"run {run.id} is still going on in process {pid}; it can be resumed once that has ended")
