"""Batches in a ledger file: calls of a run that are sent together, and stay held until their answers are collected."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from omega_runtime.ledger.errors import HoldEnded
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.living import living
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.ledger.sqlite import operations
from omega_runtime.ledger.stored import storable
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection
    from typing import Any

    from omega_runtime.ledger.journal import JournalEntry
    from omega_runtime.ledger.sqlite.ledger import FileLedger
    from omega_runtime.ledger.wish import Bill

LEASE = 32 * 24 * 3600.0
"""Seconds after which calls of a batch count as spent; the provider keeps its results for 29 days."""


class Batch:
    """The batch of a run that goes on: its calls are in the file as soon as they are put in.

    `requests` has by number what is to be sent, which the file hasn't, as it holds no prompts; `provider` gets it once
    the run has left its calls to the batch (`is_left`).
    `kind` is what its calls have in common there. It `takes_all` calls of the run, or only those that are deferred.
    `keys` are those of calls whose answers are kept for others that ask the same.
    """

    __slots__ = ("_numbers", "id", "is_left", "keys", "kind", "ledger", "name", "provider", "requests", "takes_all")

    def __init__(self, ledger: FileLedger, run: int, *, takes_all: bool = True) -> None:
        from uuid import uuid4

        self.ledger = ledger
        self.name = uuid4().hex
        self.requests: dict[int, Any] = {}
        self.provider: Any = None
        self.kind: str | None = None
        self.takes_all = takes_all
        self.keys: set[str] = set()
        self.is_left = False
        self._numbers = count(1)
        process = ledger.process
        self.id = ledger.write(lambda db: _begin(db, self.name, run, process))

    def put(self, hold: Hold[Any], request: Any, key: str, path: str, prices: str) -> None:
        """Put in a call, whose hold ends for this process. Raises HoldEnded when it has ended in the file."""
        number = next(self._numbers)
        until = self.ledger.clock.time() + LEASE
        self.ledger.hand_over(hold, lambda db: _put(db, (self.id, number, hold.call, key, path, prices), until))
        self.requests[number] = request

    def custom_id(self, number: int) -> str:
        """The provider's name for a call."""
        return f"{self.name}-{number}"

    def submit(self, provider: str, asker: str, newest: str | None) -> None:
        """Note that it is about to leave: from here on it may be at the provider, whose latest batch is given.

        Raises OmegaError when another process took this one for gone, and dropped the batch.
        """
        row = provider, asker, newest, self.ledger.clock.time(), self.id
        self.ledger.write(lambda db: _submit(db, row))

    def drop(self) -> None:
        """Void all of its calls: none is at the provider."""
        now = self.ledger.clock.time()
        self.ledger.write(lambda db: drop(db, self.id, now))

    def held(self) -> Held:
        """What its calls may cost."""
        return self.ledger.read(lambda db: held(db, self.id))


class Held(NamedTuple):
    """How many calls are held, with their tokens and picodollars, and whether the price of each is known."""

    calls: int
    tokens: int
    picodollars: int
    is_priced: bool


class OpenBatch(NamedTuple):
    """A batch with calls to collect, as the file has it; see the table. `pid` and `seen` are those of its process."""

    id: int
    name: str
    run: int
    provider: str | None
    asker: str | None
    newest: str | None
    remote: str | None
    submitted: float | None
    pid: int
    seen: float
    program: str

    @property
    def is_going_on(self) -> bool:
        """Whether the process that puts it together, or sends it, still lives."""
        return any(living([(self.pid, self.seen)]))


class OpenCall(NamedTuple):
    """A call of a batch that is not collected."""

    number: int
    call: int
    key: str
    path: str
    prices: str
    model: str
    is_priced: bool
    picodollars: int


def open_batches(db: Connection, run: int | None = None) -> list[OpenBatch]:
    """The batches that have calls to collect, of one run or of all."""
    rows = db.execute(
        "SELECT batches.id, name, run, provider, asker, newest, remote, submitted, pid, processes.started, program "
        "FROM batches JOIN processes ON processes.id = batches.process JOIN runs ON runs.id = run "
        "WHERE ended IS NULL AND (? IS NULL OR run = ?) ORDER BY batches.id",
        (run, run),
    )
    return [OpenBatch._make(row) for row in rows]


def open_calls(db: Connection, batch: int) -> dict[int, OpenCall]:
    """The calls of a batch that are not collected, by number."""
    rows = db.execute(
        "SELECT number, call, key, path, prices, model, is_priced, cost FROM batch_calls "
        "JOIN calls ON calls.id = call WHERE batch = ? AND NOT is_collected",
        (batch,),
    )
    return {row[0]: OpenCall._make(row) for row in rows}


def size(db: Connection, batch: int) -> int:
    """How many calls it has altogether."""
    return int(db.execute("SELECT count(*) FROM batch_calls WHERE batch = ?", (batch,)).fetchone()[0])


def known_names(db: Connection) -> set[str]:
    """What the provider calls the batches of this file, as far as that is known."""
    return {row[0] for row in db.execute("SELECT remote FROM batches WHERE remote IS NOT NULL")}


def check_collected(ledger: FileLedger, run: int) -> None:
    """Raise OmegaError for a run with calls in batches, which would be paid for again.

    Those of a process that is gone, and that never began to send them, are free again.
    """
    for each in ledger.read(lambda db: open_batches(db, run)):
        _check_collected(ledger, each)


def _check_collected(ledger: FileLedger, batch: OpenBatch) -> None:
    if batch.submitted is not None:
        calls = len(ledger.read(lambda db: open_calls(db, batch.id)))
        raise OmegaError(
            f"run {batch.run} has calls in a batch whose answers are not collected ({calls:,}), and would pay for them "
            f'again; collect them first: omegac ledger collect "{ledger.path}"'
        )
    if batch.is_going_on:
        raise OmegaError(f"run {batch.run} is about to send a batch in process {batch.pid}; resume it after that")
    now = ledger.clock.time()
    ledger.write(lambda db: drop(db, batch.id, now))


def _begin(db: Connection, name: str, run: int, process: int) -> int:
    done = db.execute("INSERT INTO batches (name, run, process) VALUES (?, ?, ?)", (name, run, process))
    return int(done.lastrowid or 0)


def _put(db: Connection, row: tuple[int, int, int, str, str, str], until: float) -> None:
    call = row[2]
    if not db.execute("UPDATE calls SET lease = ? WHERE id = ? AND state = 'held'", (until, call)).rowcount:
        raise HoldEnded("this process was suspended for longer than its lease")
    db.execute("INSERT INTO batch_calls (batch, number, call, key, path, prices) VALUES (?, ?, ?, ?, ?, ?)", row)


def _submit(db: Connection, row: tuple[str, str, str | None, float, int]) -> None:
    sql = (
        "UPDATE batches SET provider = ?, asker = ?, newest = ?, submitted = ? "
        "WHERE id = ? AND submitted IS NULL AND ended IS NULL"
    )
    if not db.execute(sql, row).rowcount:
        raise OmegaError("another process has dropped this run's batch, as it took this process for gone")


def held(db: Connection, batch: int) -> Held:
    """What the calls of a batch that are not collected may cost."""
    row = db.execute(
        "SELECT count(*), ifnull(sum(tokens), 0), ifnull(sum(cost), 0), ifnull(min(is_priced), 1) FROM batch_calls "
        "JOIN calls ON calls.id = call WHERE batch = ? AND NOT is_collected",
        (batch,),
    ).fetchone()
    return Held(row[0], row[1], row[2], bool(row[3]))


def name_at_provider(db: Connection, batch: int, remote: str) -> None:
    """Note what the provider calls a batch."""
    db.execute("UPDATE batches SET remote = ? WHERE id = ?", (storable(remote), batch))


def settle(
    db: Connection, batch: OpenBatch, call: OpenCall, bill: Bill, picodollars: int, entry: JournalEntry, now: float
) -> None:
    """Book what a call really cost, and keep its answer; nothing when that was done before."""
    from omega_runtime.ledger.sqlite.journal import record

    if _collect(db, batch, call):
        outcome = operations.settle(db, _hold(call), bill, picodollars, now)
        if outcome != CLOSED:
            record(db, batch.run, call.call, entry)


def void(db: Connection, batch: OpenBatch, call: OpenCall, now: float) -> None:
    """Release the hold of a call that was not billed; nothing when that was done before."""
    if _collect(db, batch, call):
        operations.void(db, _hold(call), now)


def mark_unknown(db: Connection, batch: OpenBatch, call: OpenCall, now: float) -> None:
    """Book the whole hold of a call that may have been billed; nothing when that was done before."""
    if _collect(db, batch, call):
        operations.mark_unknown(db, _hold(call), now)


def _collect(db: Connection, batch: OpenBatch, call: OpenCall) -> bool:
    sql = "UPDATE batch_calls SET is_collected = 1 WHERE batch = ? AND number = ? AND NOT is_collected"
    return bool(db.execute(sql, (batch.id, call.number)).rowcount)


def end(db: Connection, batch: int, now: float) -> None:
    """Note that nothing of a batch is open any more, if that is so."""
    sql = "SELECT 1 FROM batch_calls WHERE batch = ? AND NOT is_collected LIMIT 1"
    if db.execute(sql, (batch,)).fetchone() is None:
        db.execute("UPDATE batches SET ended = ? WHERE id = ?", (now, batch))


def drop(db: Connection, batch: int, now: float) -> None:
    """Void what is open of a batch, which the provider hasn't got; one without calls is removed."""
    for call in open_calls(db, batch).values():
        operations.void(db, _hold(call), now)
    db.execute("UPDATE batch_calls SET is_collected = 1 WHERE batch = ?", (batch,))
    db.execute("UPDATE batches SET ended = ? WHERE id = ?", (now, batch))
    db.execute(
        "DELETE FROM batches WHERE id = ? AND NOT EXISTS (SELECT 1 FROM batch_calls WHERE batch = ?)", (batch,) * 2
    )


class _Booked:
    """What is known of the request of a call that is only in the file."""

    __slots__ = ("price",)

    def __init__(self, price: bool | None) -> None:
        self.price = price


def _hold(call: OpenCall) -> Hold[Any]:
    """The hold of a call, as far as booking needs it."""
    hold: Any = Hold()
    hold.call = call.call
    hold.request = _Booked(True if call.is_priced else None)
    return hold  # type: ignore[no-any-return]
