"""The journal of a run: the answers that were paid for, so that a resumed run does not pay for them again."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from omega_runtime import forks
from omega_runtime.ledger.sqlite import periods, queries
from omega_runtime.ledger.sqlite.runs import living
from omega_runtime.models.reply import Reply
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection
    from types import FrameType

    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.sqlite.ledger import FileLedger
    from omega_runtime.models.request import Request


class Recorded:
    """An answer in the journal: its number, the procedures around its call, and what it cost.

    `is_counted` is whether the run's account has that cost among what is spent: a reset takes it off. `call` is the
    number of the call that paid for it.
    """

    __slots__ = ("call", "cost", "is_counted", "number", "path", "reply")

    def __init__(self, number: int, path: str, reply: Reply, cost: int, is_counted: bool = True, call: int = 0) -> None:
        self.call = call
        self.number = number
        self.path = path
        self.reply = reply
        self.cost = cost
        self.is_counted = is_counted


class Journal:
    """The answers of one run of a program, kept under an account of a ledger file.

    A call is known again by who is asked (a provider at its address, the offline model, a function), its procedure,
    its prompt, its model and its options; of several like it, those with the same number there and the same procedures
    around come first, in the order in which they were answered. `replayed` and `performed` count the calls of this
    process; what is left in `recorded` was not asked for again.
    """

    def __init__(self, ledger: FileLedger, account: Account, run: int) -> None:
        self.ledger = ledger
        self.account = account
        self.run = run
        self.recorded: dict[str, list[Recorded]] = {}
        self.is_changed = False
        self.in_flight = (0, 0)
        self.replayed = 0
        self.performed = 0
        # Of answers that wait to be replayed, what those from a call on have cost, for the calls that were asked for.
        self._credits: dict[int, tuple[int, int]] = {}
        self._pid = os.getpid()
        self._lock = forks.fresh_lock()

    def expect(self, recorded: dict[str, list[Recorded]]) -> None:
        """Take up the answers that an earlier execution has left."""
        self.recorded = recorded
        self._credits.clear()

    @property
    def dropped(self) -> int:
        """How many recorded answers were not asked for again."""
        return sum(map(len, self.recorded.values()))

    def credit_since(self, call: int) -> tuple[int, int]:
        """What answers that wait to be replayed have cost from this call on: for the program it's not spent yet.

        Tokens, and trillionths of a dollar.
        """
        with self._lock:
            if call not in self._credits:
                waiting = [each for replies in self.recorded.values() for each in replies]
                counted = [each for each in waiting if each.is_counted and each.call >= call]
                self._credits[call] = sum(each.reply.tokens for each in counted), sum(each.cost for each in counted)
            return self._credits[call]

    def take(self, request: Request) -> Recorded | None:
        """The recorded answer to a request, which is used up by this; None when it has to be paid for."""
        key = call_key(request)
        with self._lock:
            candidates = self.recorded.get(key)
            if not candidates:
                return None
            path = call_path(request)
            found = next((each for each in candidates if each.path == path), candidates[0])
            candidates.remove(found)
            self.replayed += 1
            for call, (tokens, cost) in self._credits.items() if found.is_counted else ():
                if found.call >= call:
                    self._credits[call] = tokens - found.reply.tokens, cost - found.cost
        return found

    def book(self, db: Connection, process: int, inner: list[int], found: Recorded) -> None:
        """Count a replayed answer in the budgets that were opened within the run; the others have it already."""
        tokens, cost = found.reply.tokens, found.cost
        db.execute(
            "INSERT INTO replays (reply, process, account, tokens, cost) VALUES (?, ?, ?, ?, ?)",
            (found.number, process, inner[0], tokens, cost),
        )
        queries.change(db, inner, used=tokens, committed=tokens, cost=cost, cost_committed=cost)
        queries.allow_for_replays(db, inner)
        rows = [queries.account_row(db, each) for each in inner]
        periods.replay(db, [row for row in rows if row.periods], tokens, cost, self.ledger.clock.time())

    def record(self, db: Connection, call: int, entry: tuple[str, str, bytes, str | None]) -> None:
        """Keep an answer, as `entry` gives it, in the transaction that settles its call."""
        db.execute(
            "INSERT INTO replies (run, call, key, path, text, stop_reason) VALUES (?, ?, ?, ?, ?, ?)",
            (self.run, call, *entry),
        )

    def finish(self) -> None:
        """Note that this execution has ended, well or not, so that another one may go on with the run."""
        if self._pid != os.getpid():
            return  # a forked child leaves its copy of the scope; the run is its parent's
        try:
            self.ledger.write(lambda db: db.execute("UPDATE runs SET is_complete = 1 WHERE id = ?", (self.run,)))
        finally:
            self.ledger.runs.discard(self.run)


def entry(request: Request, reply: Reply) -> tuple[str, str, bytes, str | None]:
    """What the journal keeps of an answer: key, path, text and stop reason; made before the file is locked."""
    reason = None if reply.stop_reason is None else queries.storable(reply.stop_reason)
    return call_key(request), call_path(request), reply.text.encode("utf-8", "surrogatepass"), reason


def inner_accounts(context: Context) -> list[int]:
    """The accounts around a call that this execution has opened: those inside the first one with a stored name."""
    inner: list[int] = []
    for account in context.account.chain:
        if account.is_named:  # type: ignore[attr-defined]
            break
        inner.append(account.id)  # type: ignore[attr-defined]
    return inner


def call_key(request: Request) -> str:
    """A hash of who is asked, by which procedure and what, but for what budgets change about it."""
    import hashlib
    import json

    asked = (
        request.provider.identity,
        request.site.procedure,
        request.prompt,
        request.asked or request.instead_of or request.model,
        request.system,
        request.stop,
        request.wanted,
        request.clamp,
    )
    return hashlib.sha256(json.dumps(asked, ensure_ascii=True).encode()).hexdigest()


def call_path(request: Request) -> str:
    """A hash of the call's number in its procedure and of the names of the procedures around, without lines.

    It tells calls apart that ask the same. A hash, so that a deep recursion is not written out.
    """
    import hashlib
    import re

    names = [str(request.site.ordinal)]
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if "__omega_source__" in frame.f_globals:
            names.append(frame.f_code.co_qualname)
        frame = frame.f_back
    return hashlib.sha256(re.sub(r"\b_line_\d+", "_line", "/".join(names)).encode()).hexdigest()


class _Run(NamedTuple):
    """A run as the file has it."""

    id: int
    source_hash: str
    process: int
    is_complete: bool


def open_journal(ledger: FileLedger, account: Account, program: str, source_hash: str, resume: bool) -> Journal | None:
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
            journal.is_changed = found.source_hash != source_hash
            journal.expect(ledger.read(lambda db: _recorded(db, run, account.id)))  # type: ignore[attr-defined]
            journal.in_flight = ledger.read(lambda db: _in_flight(db, run, found.process))
        ledger.runs.add(run)
    return journal


def _begin(
    ledger: FileLedger, account: Account, program: str, source_hash: str, resume: bool
) -> tuple[int, _Run | None]:
    """Make a new run, or an earlier one, this process's: its id, and the earlier one as it was."""
    now = ledger.clock.time()
    number: int = account.id  # type: ignore[attr-defined]
    process = ledger.process
    while True:
        found = ledger.read(lambda db: _latest(db, program, number)) if resume else None
        if found is None:
            return ledger.write(lambda db: _enter(db, program, source_hash, number, process, now)), None
        _check_ended(ledger, found)
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
    row = db.execute(
        "SELECT id, source_hash, process, is_complete FROM runs WHERE program = ? AND account = ? "
        "ORDER BY id DESC LIMIT 1",
        (program, account),
    ).fetchone()
    return None if row is None else _Run._make(row)


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
        "started > ?, call FROM replies JOIN calls ON calls.id = call WHERE replies.run = ? ORDER BY replies.id",
        (reset, run),
    )
    recorded: dict[str, list[Recorded]] = {}
    for number, key, path, text, input_tokens, output_tokens, stop_reason, model, cost, is_counted, call in rows:
        answer = bytes(text).decode("utf-8", "surrogatepass")
        reply = Reply(answer, input_tokens, output_tokens, stop_reason, model)
        recorded.setdefault(key, []).append(Recorded(number, path, reply, cost, bool(is_counted), call))
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
