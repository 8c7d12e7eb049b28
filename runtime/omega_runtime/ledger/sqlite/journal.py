"""The runs in a ledger file and the answers that they have paid for."""

from __future__ import annotations

import os

from omega_runtime.ledger.journal import Recorded, Run, Runs
from omega_runtime.ledger.living import living
from omega_runtime.ledger.sqlite import periods, queries
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from omega_runtime.ledger.journal import JournalEntry
    from omega_runtime.ledger.sqlite.ledger import FileLedger


class FileRuns(Runs):
    """The runs in a ledger file."""

    def __init__(self, ledger: FileLedger) -> None:
        super().__init__()
        self._ledger = ledger

    def may_keep_answers(self, resume: bool) -> bool:
        """Whether only the file's owner can read it."""
        path = self._ledger.path
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
            stacklevel=4,
        )
        return False

    def enter(self, program: str, source_hash: str, account: int) -> int:
        """As `Runs.enter`."""
        row = program, source_hash, account, self._ledger.process, self._ledger.clock.time()

        def work(db: Connection) -> int:
            done = db.execute(
                "INSERT INTO runs (program, source_hash, account, process, started) VALUES (?, ?, ?, ?, ?)", row
            )
            return int(done.lastrowid or 0)

        return self._ledger.write(work)

    def latest(self, program: str, account: int) -> Run | None:
        """As `Runs.latest`."""
        return self._ledger.read(lambda db: _latest(db, program, account))

    def claim(self, found: Run, source_hash: str) -> bool:
        """As `Runs.claim`."""
        process = self._ledger.process

        def work(db: Connection) -> bool:
            done = db.execute(
                "UPDATE runs SET process = ?, source_hash = ?, is_complete = 0 "
                "WHERE id = ? AND process = ? AND is_complete = ?",
                (process, source_hash, found.id, found.process, found.is_complete),
            )
            return bool(done.rowcount)

        return self._ledger.write(work)

    def check_collected(self, run: Run) -> None:
        """As `Runs.check_collected`."""
        from omega_runtime.ledger.sqlite.batches import check_collected

        check_collected(self._ledger, run.id)

    def holder(self, run: Run) -> str | None:
        """As `Runs.holder`."""
        find = "SELECT pid, started FROM processes WHERE id = ?"
        pid, started = self._ledger.read(lambda db: db.execute(find, (run.process,)).fetchone())
        is_alive = pid != os.getpid() and any(living([(pid, started)]))
        return f"process {pid}" if is_alive else None

    def finish(self, run: int) -> None:
        """As `Runs.finish`."""
        self._ledger.write(lambda db: db.execute("UPDATE runs SET is_complete = 1 WHERE id = ?", (run,)))

    def recorded(self, run: int, account: int) -> dict[str, list[Recorded]]:
        """As `Runs.recorded`."""
        return self._ledger.read(lambda db: _recorded(db, run, account))

    def in_flight(self, run: int, process: int) -> tuple[int, int]:
        """As `Runs.in_flight`."""
        find = (
            "SELECT count(*), coalesce(sum(tokens), 0) FROM calls "
            "WHERE run = ? AND process = ? AND state IN ('held', 'expired', 'unknown')"
        )
        calls, tokens = self._ledger.read(lambda db: db.execute(find, (run, process)).fetchone())
        return calls, tokens

    def latest_answer(self, run: int, account: int) -> int:  # noqa: ARG002
        """As `Runs.latest_answer`."""
        find = "SELECT coalesce(max(id), 0) FROM replies"
        return self._ledger.read(lambda db: int(db.execute(find).fetchone()[0]))

    def answers_elsewhere(self, run: int) -> int:
        """As `Runs.answers_elsewhere`."""
        return self._ledger.read(lambda db: _answers_elsewhere(db, run))


def book_replay(db: Connection, process: int, inner: list[int], found: Recorded, now: float) -> None:
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
    periods.replay(db, [row for row in rows if row.periods], tokens, picodollars, now)


def record(db: Connection, run: int, call: int, entry: JournalEntry) -> None:
    """Keep an answer, in the transaction that settles its call."""
    db.execute(
        "INSERT INTO replies (run, call, key, path, text, stop_reason, details) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, call, *entry),
    )


def _latest(db: Connection, program: str, account: int) -> Run | None:
    row = db.execute(
        "SELECT id, source_hash, process, is_complete FROM runs WHERE program = ? AND account = ? "
        "ORDER BY EXISTS (SELECT 1 FROM replies WHERE run = runs.id) "
        "OR EXISTS (SELECT 1 FROM batches WHERE run = runs.id AND ended IS NULL) DESC, id DESC LIMIT 1",
        (program, account),
    ).fetchone()
    return None if row is None else Run._make(row)


def _answers_elsewhere(db: Connection, run: int) -> int:
    program, account = db.execute("SELECT program, account FROM runs WHERE id = ?", (run,)).fetchone()
    found = _latest(db, program, account)
    (answers,) = db.execute("SELECT count(*) FROM replies WHERE run = ?", (found.id if found else run,)).fetchone()
    return int(answers)


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
        recorded.setdefault(key, []).append(Recorded(number, path, answer, *rest))
    return recorded
