"""The ledger on a PostgreSQL server: each operation is one transaction, on its disk before the request leaves."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from typing import NamedTuple

from omega_runtime.ledger.claim import GRANTED, WAIT, Decision, decide
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.postgres import accounts, reading
from omega_runtime.ledger.postgres.commits import Commits, Operation, transact
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.leases import Lease, LeaseKeeper
from omega_runtime.ledger.postgres.rows import current_row, new_spans, stored_row
from omega_runtime.ledger.postgres.runs import ServerRuns
from omega_runtime.ledger.postgres.schema import bring_up_to_date
from omega_runtime.ledger.shared import LEASE, SharedAccount, SharedLedger
from omega_runtime.ledger.stored import ROOT, check_size, storable
from omega_runtime.ledger.urls import without_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.claim import Claim
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.journal import JournalEntry, Recorded
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.postgres.connection import Database
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.stored import AccountRow
    from omega_runtime.ledger.tasks import TaskRecord
    from omega_runtime.ledger.wish import Bill
    from omega_runtime.places import Site

    T = TypeVar("T")

_OUTCOMES = {each: each for each in (CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED)}

# For so long (seconds) a process that ends waits for a server that is away.
CLOSING_PATIENCE = 2.0

# Calls that find no room have leases looked through that have ended, this often (seconds) at most.
EXPIRE_EVERY = 0.2


class Look(NamedTuple):
    """What became of a claim that was looked at closely: a decision with a ticket's number, or the call's state."""

    decision: Decision[SharedAccount] | None
    number: int = 0
    state: str = ""


class ServerLedger(SharedLedger):
    """Keeps accounts on a server, for all processes that have it open.

    What fits as it is, a function on the server holds in one round trip; for everything else the accounts are locked,
    and `decide` says what becomes of the claim. `keep=False`: nobody renews the lease, and `renew` is called by hand.
    """

    __slots__ = ("_connections", "_doubtful", "_expired", "_keeper", "_reading", "_sites", "commits", "holds", "lease")

    def __init__(self, url: str, clock: SystemClock | None = None, *, lease: float = LEASE, keep: bool = True):
        super().__init__(clock)
        self.runs = ServerRuns(self)
        # Holds of this process, by the number of their call, until they are booked: with the process that has them.
        self.holds: dict[int, int] = {}
        # Calls that may be held although nobody has the hold, and their accounts.
        self._doubtful: list[tuple[int, SharedAccount]] = []
        self._sites: dict[Site, int] = {}
        self._expired = -EXPIRE_EVERY
        # For reading and for what needs several steps, for hearing, and for operations.
        self._connections = [self._connection(url) for _ in range(4)]
        self._reading, hearing = self._connections[:2]
        self.commits = Commits(self._connections[2:])
        self.lease = Lease(self, lease)
        self._keeper = LeaseKeeper(self, hearing, keep)
        try:
            self._reading.run(lambda db: bring_up_to_date(db, url))
            self.lease.enter(0)
            self.root = SharedAccount(self, self.stored_row(ROOT), None)
        except BaseException:
            self.commits.close()
            for each in self._connections:
                each.close()
            raise

    def _connection(self, url: str) -> Connection:
        return Connection(url)

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._reading.is_closed

    def forked(self) -> None:
        """Called in a forked child: holds, waiting calls, threads and connections are the parent's."""
        super().forked()
        self.holds.clear()
        self._doubtful.clear()
        self.commits.forget()
        for each in self._connections:
            each.forget()
        self.lease = Lease(self, self.lease.seconds)
        self._keeper = LeaseKeeper(self, self._connections[1], self._keeper.keep)

    @property
    def process(self) -> int:
        """This process's number on the server."""
        return self.lease.process or self.lease.enter(0)

    def close(self) -> None:
        """As `SharedLedger.close`."""
        self._keeper.stop()
        for each in self._connections:
            each.patience = min(each.patience, CLOSING_PATIENCE)
        with suppress(LedgerFileError):
            self.reclaim()
            if self.lease.process:
                self.commits.run(Operation("depart", self.lease.process))
        self.commits.close()
        for each in self._connections:
            each.close()

    def read(self, work: Callable[[Database], Any]) -> Any:
        """What `work` reads from the books as they are now. Raises LedgerFileError when that fails."""
        return self._reading.run(work)

    def transact(self, work: Callable[[Database], T]) -> T:
        """What `work` gives, in a transaction of its own; it may be done several times. Raises LedgerFileError."""
        return transact(self._reading, work)

    def ask(self, name: str, *arguments: Any) -> list[dict[str, Any]]:
        """The rows that a function of the books gives."""
        return self.read(lambda db: reading.rows(db, name, *arguments))  # type: ignore[no-any-return]

    # Accounts

    def open_account(
        self,
        name: str,
        limit_tokens: int | None,
        parent: SharedAccount,
        limit_picodollars: int | None = None,
        periods: Periods | None = None,
    ) -> SharedAccount:
        """A new account for one scope; see `Ledger.open_account`."""
        self._check_parent(parent)
        check_size(limit_tokens)
        limits = Limits(limit_tokens, limit_picodollars, periods)
        arguments = uuid.uuid4(), storable(name), parent.id, False, *accounts.columns(limits)
        account = self.commits.run(Operation("open_account", *arguments))
        return self._opened(self.stored_row(account), parent)

    def open_named(
        self,
        name: str,
        limit_tokens: int | None,
        limit_picodollars: int | None,
        parent: SharedAccount,
        raise_limit: bool,
        periods: Periods | None = None,
    ) -> SharedAccount:
        """As `SharedLedger.open_named`."""
        check_size(limit_tokens)
        wanted = Limits(limit_tokens, limit_picodollars, periods)
        row = self.transact(lambda db: accounts.open_named(db, storable(name), wanted, parent.id, raise_limit))
        return self._opened(row, parent)

    def _close_stored(self, account: SharedAccount) -> None:
        self.commits.run(Operation("close_account", account.id))

    # Reserving

    def attempt(self, claim: Claim[SharedAccount]) -> Decision[SharedAccount]:
        """Try to hold a claim's worst case on all its accounts, as one transaction; see `Ledger.attempt`."""
        self.reclaim()
        self._keeper.start()
        hold = claim.hold
        # A claim that waits has its place in the queue under the key of its call.
        key = hold.call if claim.ticket is not None else uuid.uuid4().int
        hold.call = key
        granted: list[Decision[SharedAccount]] = []
        try:
            while True:
                look = self._look_at(claim, key, self.process, granted)
                if look.decision is not None:
                    break
                if look.state == "ended":
                    self.lease.renew()
                    continue
                # The server knows a call by this key that has ended, as its lease did before anybody heard of it.
                self._doubtful.append((key, claim.account))
                self.withdraw(claim)
                key = hold.call = uuid.uuid4().int
                granted.clear()
        except BaseException:
            # What the server may have for the claim is given back, unless the claim has it.
            if not claim.is_granted:
                self.holds.pop(key, None)
                self._doubtful.append((key, claim.account))
            raise
        self._keeper.start()
        return look.decision

    def _look_at(
        self, claim: Claim[SharedAccount], key: int, process: int, granted: list[Decision[SharedAccount]]
    ) -> Look:
        """What becomes of a claim; `granted` are the decisions that the server may have been told of."""
        site = self._site_of(claim.request.site)
        look = Look(None, state="no")
        if claim.ticket is None and claim.beside is None and not granted:
            state = self.commits.run(_reserve(claim, key, process, site))
            if state in ("granted", "held"):
                look = Look(Decision(GRANTED, claim.account, claim.request.wanted))
            else:
                look = Look(None, state=state)
        if look.state == "no":
            self._expire_now_and_then()
            look = self.transact(lambda db: _look_closely(db, claim, key, process, site, granted))
        if look.decision is not None:
            if look.decision.outcome == GRANTED:
                self.holds[key] = process
            self._take_up(claim, look.decision, key, look.number)
        return look

    def _site_of(self, site: Site) -> int:
        """The number of a site on the server."""
        if site not in self._sites:
            place = storable(site.file), site.line, site.column, site.operation, storable(site.procedure), site.ordinal
            self._sites[site] = self.commits.run(Operation("site_of", *place))
        return self._sites[site]

    def _expire_now_and_then(self) -> None:
        now = self.clock.now()
        if now >= self._expired + EXPIRE_EVERY:
            self._expired = now
            self.expire()

    def expire(self) -> None:
        """Count as spent what processes hold whose leases have ended, and take their calls out of the queues."""
        while self.commits.run(Operation("expire_one")):
            pass
        self.commits.run(Operation("expire_tickets"))

    def _leave_stored(self, number: int) -> None:
        self.commits.run(Operation("leave", number))

    # Ending a hold

    def confirm(self, hold: Hold[SharedAccount]) -> bool:
        """As `Ledger.confirm`; a lease that may be over, and that nobody has ended yet, is renewed."""
        process = self.holds.get(hold.call)
        if process is None or process != self.lease.process:
            return False
        return self.lease.is_sure or (self.lease.renew() and process == self.lease.process)

    def is_held(self, hold: Hold[SharedAccount]) -> bool:
        """As `SharedLedger.is_held`."""
        return hold.call in self.holds

    def forget_hold(self, hold: Hold[SharedAccount]) -> None:
        """As `SharedLedger.forget_hold`."""
        self.holds.pop(hold.call, None)

    def _settle_stored(
        self, hold: Hold[SharedAccount], bill: Bill, picodollars: int, entry: JournalEntry | None
    ) -> Callable[[], str]:
        request, account = hold.request, hold.account
        journal = account.journal if entry is not None else None
        is_cut = bill.stop_reason == "max_tokens"
        whose = self.holds.get(hold.call, 0), account.id, self._sites.get(request.site, 0), storable(request.model)
        cost = bill.input_tokens, bill.output_tokens, picodollars, request.price is not None, is_cut
        kept = (journal.run, *entry) if journal is not None and entry is not None else (None,) * 6
        return self._end_of(hold, "settle", *whose, hold.attempt, *cost, *kept)

    def _mark_unknown_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        return self._end_of(hold, "mark_unknown", hold.request.price is not None)

    def _void_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        return self._end_of(hold, "void", self.holds.get(hold.call, 0), hold.account.id)

    def _end_of(self, hold: Hold[SharedAccount], name: str, *arguments: Any) -> Callable[[], str]:
        key = uuid.UUID(int=hold.call if self.is_held(hold) else 0)  # one that isn't held is never ended
        account = hold.account.id
        return lambda: _OUTCOMES[self.commits.run(Operation(name, key, *arguments, keys=(key,), accounts=(account,)))]

    def reclaim(self) -> None:
        """As `SharedLedger.reclaim`; also gives back what interrupted claims may hold."""
        for doubtful in list(self._doubtful):
            key, account = doubtful
            self.commits.run(_void(key, self.process, account))
            with suppress(ValueError):  # another thread was faster
                self._doubtful.remove(doubtful)
        super().reclaim()

    def _book_replay(self, inner: list[int], found: Recorded) -> None:
        key, process = uuid.uuid4(), self.process
        self.transact(lambda db: accounts.book_replay(db, key, process, inner, found))

    # Looking

    def stored_row(self, account: int) -> AccountRow:
        """As `SharedLedger.stored_row`."""
        return stored_row(self.ask("standing", account)[0])

    def current_row(self, account: int) -> AccountRow:
        """As `SharedLedger.current_row`."""
        return self.read(lambda db: accounts.current(db, account))  # type: ignore[no-any-return]

    def stored_entries(self) -> Iterable[Entry]:
        """As `SharedLedger.stored_entries`."""
        origins = {each for each in (self.lease.origin, *self.helpers) if each}
        return [entry for each in origins for entry in reading.entries(self.ask("entries", each))]

    @property
    def where(self) -> str:
        """As `SharedLedger.where`; without a password, which belongs to this process's environment."""
        return without_password(self._reading.url)

    @property
    def number(self) -> int:
        """As `SharedLedger.number`."""
        assert self.process
        return self.lease.origin or 0

    def account_lines(self) -> list[AccountLine]:
        """The figures of all accounts, the root first: those of open ones, and closed ones summed by name."""
        return self.read(reading.account_lines)  # type: ignore[no-any-return]

    # The history of tasks

    def record_task(self, task: TaskRecord) -> None:
        """Keep what a task has cost, for all processes."""
        figures = task.tokens, task.picodollars, task.calls, task.seconds, task.is_complete, task.ended
        self.commits.run(Operation("record_task", uuid.uuid4(), storable(task.description), *figures))

    def tasks(self) -> list[TaskRecord]:
        """All that was recorded, by any process, oldest first."""
        return [reading.task(row) for row in self.ask("all_tasks")]

    # For the lease keeper

    def renew(self) -> None:
        """Put off the end of the lease, and end those of processes that are gone."""
        self.reclaim()
        if not self.lease.renew():
            self.wake_all()  # their places in queues are gone
        self.expire()


def _arguments(claim: Claim[SharedAccount], key: int, process: int, site: int, output: int) -> tuple[Any, ...]:
    request = claim.request
    whose = uuid.UUID(int=key), process, claim.account.id, site, storable(request.model), claim.hold.attempt
    return *whose, claim.prompt + output, claim.picodollars(output), request.price is not None


def _run_of(claim: Claim[SharedAccount]) -> int | None:
    journal = claim.account.journal
    return None if journal is None else journal.run


def _reserve(claim: Claim[SharedAccount], key: int, process: int, site: int) -> Operation:
    """The operation that holds a claim if it fits as it is."""
    arguments = _arguments(claim, key, process, site, claim.request.wanted)
    return Operation("reserve", *arguments, _run_of(claim), accounts=(claim.account.id,), process=process)


def _void(key: int, process: int, account: SharedAccount) -> Operation:
    named = uuid.UUID(int=key)
    return Operation("void", named, process, account.id, keys=(named,), accounts=(account.id,))


def _look_closely(
    db: Database,
    claim: Claim[SharedAccount],
    key: int,
    process: int,
    site: int,
    granted: list[Decision[SharedAccount]],
) -> Look:
    """Decide what becomes of a claim and do it, with its accounts locked.

    When this is done again, as nobody heard whether it was, the last of `granted` is what the server has.
    """
    named, account = uuid.UUID(int=key), claim.account.id
    beside = claim.beside
    other = None if beside is None else uuid.UUID(int=beside.hold.call)
    found = reading.value(db, "look", named, process, account, other)
    if found is None:
        return Look(None, state="ended")
    if found["state"] == "held" and granted:
        return Look(granted[-1])
    if found["state"] is not None:
        return Look(None, state=found["state"])
    if beside is not None and not found["is_beside"]:
        beside = claim.beside = None  # its lease has ended, and all of it counts as spent
    now, ticket = found["time"], found["ticket"]
    standings = {each["id"]: each for each in found["accounts"]}
    figures = [(each, current_row(standings[each.id], now)) for each in claim.account.chain]

    def is_queued_before(each: SharedAccount) -> bool:
        first = standings[each.id]["first"]
        return first is not None and (ticket is None or first < ticket)

    decision = decide(claim, figures, is_queued_before)
    if decision.outcome == GRANTED:
        is_clamped = decision.output < claim.request.wanted
        spans = json.dumps(new_spans(found["accounts"], now))
        arguments = _arguments(claim, key, process, site, decision.output)
        granted.append(decision)
        if beside is not None:
            reading.value(db, "cut_down", other, beside.tokens, beside.picodollars)
        state = reading.value(db, "grant_hold", *arguments, is_clamped, _run_of(claim), spans)
        return Look(decision) if state == "granted" else Look(None, state=state)
    if decision.outcome == WAIT:
        return Look(decision, reading.value(db, "queue", named, process, decision.account.id))
    return Look(decision)
