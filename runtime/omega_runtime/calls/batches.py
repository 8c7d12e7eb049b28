"""Batches at the provider: sent once, found again after a crash, and collected.

A batch may be at the provider from the moment at which the file says that it is about to leave. Until it is known not
to be there, its calls stay held, and nothing is sent again.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import NamedTuple

from omega_runtime import settings
from omega_runtime.ledger.journal import journal_entry
from omega_runtime.ledger.sqlite import batches as stored
from omega_runtime.models.details import written_details
from omega_runtime.models.failures import AttemptFailed
from omega_runtime.models.prices import price_under
from omega_runtime.models.retry import seconds_to_wait
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection
    from typing import TypeVar

    from omega_runtime.ledger.sqlite.batches import Batch, OpenBatch, OpenCall
    from omega_runtime.ledger.sqlite.ledger import FileLedger
    from omega_runtime.models.batches import Batches, BatchState, Result
    from omega_runtime.models.prices import Price
    from omega_runtime.models.provider import Provider

    T = TypeVar("T")

ARRIVES_WITHIN = 3600.0
"""Seconds after which a request that isn't at the provider never comes there: no attempt may take longer."""

# So many results are booked in one transaction.
_TOGETHER = 100
# The provider has answered, and may have made the batch all the same.
_SERVER_ERROR = 500
_NOT_FOUND = 404


class Collected(NamedTuple):
    """What became of a batch: calls that were settled, voided, and booked whole as they may have been billed.

    `waiting` are the calls that are still held, and `why` says for what; `is_failure` that it could not be asked for.
    """

    name: str
    program: str
    settled: int = 0
    voided: int = 0
    unknown: int = 0
    waiting: int = 0
    why: str = ""
    is_failure: bool = False


def submit(batch: Batch) -> str:
    """Send a batch whole, once; the provider's id for it. Raises OmegaError when it may not be there.

    Then nothing is held any more where it surely isn't; otherwise it stays in the file, for `collect` to find.
    """
    provider: Provider = batch.provider
    most_calls, most_bytes = provider.batch_limits
    requests = [(batch.custom_id(number), params) for number, (params, _) in sorted(batch.requests.items())]
    texts = [prompt for _, prompt in batch.requests.values()]
    seconds = settings.active.timeout
    if len(requests) > most_calls or sum(len(json.dumps(each)) for each in requests) > most_bytes:
        batch.drop()
        raise OmegaError(
            f"a batch has at most {most_calls:,} calls and {most_bytes // 10**6} MB, and this one would have "
            f"{len(requests):,} calls; nothing was sent: divide the work among several runs"
        )
    try:
        there = provider.batches()
        newest = _tried(lambda: there.newest(seconds), batch.ledger)
        batch.submit(provider.identity, there.asker(batch.name), newest)
    except BaseException as error:
        batch.drop()
        if isinstance(error, (AttemptFailed, ImportError)):
            raise OmegaError(f"{_failure(error)}; nothing was sent") from None
        raise
    try:
        name = _tried(lambda: there.create(batch.name, requests, seconds, texts), batch.ledger)
    except AttemptFailed as error:
        if _is_surely_not_there(error):
            batch.drop()
            raise OmegaError(f"{_failure(error)}; there is no batch") from None
        raise OmegaError(f"{_failure(error)}; whether the batch is there is found out when it is collected") from None
    batch.ledger.write(lambda db: stored.name_at_provider(db, batch.id, name))
    return name


def _is_surely_not_there(error: AttemptFailed) -> bool:
    return error.failure.billed == "no" and error.failure.status != _SERVER_ERROR


def _tried(ask: Callable[[], T], ledger: FileLedger) -> T:
    """What is asked for, perhaps after some attempts. Raises AttemptFailed."""
    attempt = 1
    while True:
        try:
            return ask()
        except AttemptFailed as error:
            again = error.failure.transient and _is_surely_not_there(error)
            seconds = seconds_to_wait(attempt, error.failure, settings.active) if again else None
            if seconds is None:
                raise
        ledger.clock.sleep(seconds)
        attempt += 1


def _failure(error: AttemptFailed | ImportError) -> str:
    return error.failure.message if isinstance(error, AttemptFailed) else f"the SDK cannot be imported ({error})"


def collect(ledger: FileLedger, provider: Callable[[str], Provider]) -> Iterator[Collected]:
    """Ask for each batch of the file that is open, and book what has ended; it may be repeated, also after a crash.

    `provider` gives who is asked in place of the one of that identity, and raises OmegaError when there is none; it is
    called only if somebody is to be.
    """
    for batch in ledger.read(stored.open_batches):
        yield _collected(ledger, batch, provider)


def _collected(ledger: FileLedger, batch: OpenBatch, provider: Callable[[str], Provider]) -> Collected:
    waiting = len(ledger.read(lambda db: stored.open_calls(db, batch.id)))
    none = Collected(batch.remote or batch.name, batch.program, waiting=waiting)
    if batch.submitted is None:
        if batch.is_going_on:
            return none._replace(why=f"the run is going on in process {batch.pid}")
        return _dropped(ledger, batch, none)
    who = provider(batch.provider or "")
    if who.identity != batch.provider:
        return none._replace(why=f"it is at {batch.provider}, and asked would be {who.identity}", is_failure=True)
    try:
        return _Collecting(ledger, batch, who, none).collected()
    except AttemptFailed as error:
        return none._replace(why=error.failure.message, is_failure=True)


def _dropped(ledger: FileLedger, batch: OpenBatch, none: Collected) -> Collected:
    now = ledger.clock.time()
    ledger.write(lambda db: stored.drop(db, batch.id, now))
    return none._replace(voided=none.waiting, waiting=0, why="it was never sent")


class _Collecting:
    """The collection of one batch that may be at the provider."""

    def __init__(self, ledger: FileLedger, batch: OpenBatch, provider: Provider, none: Collected) -> None:
        self._ledger = ledger
        self._batch = batch
        self._provider = provider
        self._there: Batches = provider.batches()
        self._none = none
        self._seconds = settings.active.timeout
        self._settled = self._voided = self._unknown = 0

    def collected(self) -> Collected:
        """What became of it by now. Raises AttemptFailed."""
        found: BatchState | Collected = self._found() if self._batch.remote is None else self._state(self._batch.remote)
        if isinstance(found, Collected):
            return found
        self._none = self._none._replace(name=found.id)
        if not found.is_ended:
            # While the provider looks at what came, it doesn't say how many calls there are.
            why = f"{found.waiting:,} of {found.calls:,} calls are" if found.calls else "its calls are"
            return self._none._replace(why=f"{why} not answered yet")
        if not found.has_results:
            return self._given_up("its results are gone")
        return self._booked(found)

    def _state(self, name: str) -> BatchState | Collected:
        try:
            return _tried(lambda: self._there.state(name, self._seconds), self._ledger)
        except AttemptFailed as error:
            is_over = (self._batch.submitted or 0) + stored.LEASE < self._ledger.clock.time()
            if error.failure.status == _NOT_FOUND and error.failure.billed == "no" and is_over:
                return self._given_up("the provider has it no more")
            raise

    def _found(self) -> BatchState | Collected:
        """The batch of a process that was killed before it knew its name, among all that were made since."""
        batch, ledger = self._batch, self._ledger
        size = ledger.read(lambda db: stored.size(db, batch.id))
        known = ledger.read(stored.known_names)
        is_over = not batch.is_going_on and (batch.submitted or 0) + ARRIVES_WITHIN < ledger.clock.time()
        is_all_seen = self._there.asker(batch.name) == batch.asker
        candidates = 0
        for each in self._there.since(batch.newest, self._seconds):
            if each.id == batch.newest:
                is_all_seen = True
                continue
            if each.name is not None:
                if each.name == batch.name:
                    self._note(each.id)
                    return each
                continue
            if each.id in known or each.calls != size:
                continue
            if not each.is_ended or not each.has_results:
                candidates += 1
            elif self._is_mine(each.id):
                self._note(each.id)
                return each
        if candidates:
            which = "a batch of as many calls" if candidates == 1 else f"{candidates:,} batches of as many calls"
            return self._none._replace(why=f"{which} may be it, which is known once that has ended")
        if not is_all_seen:
            return self._none._replace(why="this key does not show whether it is at the provider", is_failure=True)
        if not is_over:
            return self._none._replace(why="it is not at the provider, and may still arrive there")
        return _dropped(ledger, batch, self._none)._replace(why="it never arrived at the provider")

    def _note(self, name: str) -> None:
        self._ledger.write(lambda db: stored.name_at_provider(db, self._batch.id, name))

    def _is_mine(self, name: str) -> bool:
        first = next(self._there.results(name, self._seconds), None)
        return first is not None and first.custom_id.startswith(f"{self._batch.name}-")

    def _booked(self, state: BatchState) -> Collected:
        """Book all results, some in each transaction; whoever is killed in between goes on with the others."""
        batch, ledger = self._batch, self._ledger
        calls = ledger.read(lambda db: stored.open_calls(db, batch.id))
        results = self._there.results(state.id, self._seconds)
        seen = 0
        while chunk := list(islice(results, _TOGETHER)):
            seen += len(chunk)
            mine = [(calls.pop(number), each) for each in chunk if (number := self._number(each)) in calls]
            self._book([self._booking(call, each) for call, each in mine])
        if seen < state.results:
            why = f"only {seen:,} of {state.results:,} results came; collect it again"
            return self._outcome(len(calls), why)._replace(is_failure=True)
        if state.is_broken_off:
            self._book([self._voiding(call) for call in calls.values()])
            return self._given_up("")
        return self._given_up("some calls had no result" if calls else "")

    def _book(self, work: list[Callable[[Connection], None]]) -> None:
        self._ledger.write(lambda db: [each(db) for each in work])

    def _number(self, result: Result) -> int:
        """The number of a call in this batch; 0 for another's."""
        name, _, number = result.custom_id.rpartition("-")
        return int(number) if name == self._batch.name and number.isdecimal() else 0

    def _booking(self, call: OpenCall, result: Result) -> Callable[[Connection], None]:
        """What books a call by its result, within a transaction."""
        batch, now = self._batch, self._ledger.clock.time()
        if result.kind in ("errored", "canceled", "expired"):
            return self._voiding(call)
        try:
            reply = self._provider.batched_reply(result.message) if result.kind == "succeeded" else None
        except (UnreadableAnswer, OmegaError):
            reply = None
        if reply is None:
            self._unknown += 1
            return lambda db: stored.mark_unknown(db, batch, call, now)
        self._settled += 1
        price = self._price(call)
        cost = (call.picodollars if price is None else price.of(reply)) if call.is_priced else 0
        entry = journal_entry(call.key, call.path, reply.text, reply.stop_reason, written_details(reply))
        return lambda db: stored.settle(db, batch, call, reply, cost, entry, now)

    def _voiding(self, call: OpenCall) -> Callable[[Connection], None]:
        batch, now = self._batch, self._ledger.clock.time()
        self._voided += 1
        return lambda db: stored.void(db, batch, call, now)

    def _price(self, call: OpenCall) -> Price | None:
        """The price of a call, as the settings of its run had it."""
        stated = settings.active.replaced(**{"prices": {}, "least_prices": {}, **json.loads(call.prices)})
        price = price_under(stated, self._provider, call.model)
        return None if price is None else self._provider.batch_price(stated, price, call.model)

    def _given_up(self, why: str) -> Collected:
        """Book what is left whole, as it may have been billed, and end the batch."""
        batch, now = self._batch, self._ledger.clock.time()

        def work(db: Connection) -> int:
            left = stored.open_calls(db, batch.id)
            for call in left.values():
                stored.mark_unknown(db, batch, call, now)
            stored.end(db, batch.id, now)
            return len(left)

        self._unknown += self._ledger.write(work)
        return self._outcome(0, why)

    def _outcome(self, waiting: int, why: str) -> Collected:
        none = self._none
        return Collected(none.name, none.program, self._settled, self._voided, self._unknown, waiting, why)
