"""One map whose calls workers make: who makes which, what they report, and what becomes of those that are lost."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic

from omega_runtime import settings
from omega_runtime.calls.context import current
from omega_runtime.calls.replay import procedures_around
from omega_runtime.concurrent.maps import is_sequential
from omega_runtime.concurrent.work import complete
from omega_runtime.control.deep import is_deep
from omega_runtime.control.positions import position
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.shared import SharedAccount
from omega_runtime.ledger.urls import is_url
from omega_runtime.lib.ports import current_output_port
from omega_runtime.remote.engine import WorkerLost
from omega_runtime.remote.setup import identity_of
from omega_runtime.remote.team import AHEAD, raise_in
from omega_runtime.remote.wire import CannotTravel
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.parameters import is_any_replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any

    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.journal import Journal
    from omega_runtime.remote.team import Member, Team
    from omega_runtime.values import Value

# An element that has been lost with so many workers is not given to another one.
_MOST_LOSSES = 3
# After an interrupt, calls under way have so many seconds to end by themselves, so that what they cost is known.
_GRACE_SECONDS = 1.0
# How often (seconds) the waiting thread looks up, for interrupts.
_LOOK_UP_EVERY = 0.25


class Mapping:
    """Calls of a procedure for items, given out in order; after an error nothing more is begun where it is known.

    An element that was lost with its worker is begun again by the one that takes its place, which is given the answers
    that were paid for.
    """

    def __init__(self, team: Team, procedure: Value, items: list[tuple[Value, ...]]) -> None:
        self._team = team
        self._context = current.get()
        self._account = _checked(self._context)
        self._number = next(team.maps)
        self._told = self._begin(procedure)
        self._items = items
        self._next = 0
        self._ended: SimpleQueue[tuple[Member, int, Future[bytes]]] = SimpleQueue()
        self._under_way: dict[Member, set[int]] = {}
        # What is to begin again, and who is to do it.
        self._again: dict[Member, list[int]] = {}
        self._losses: dict[int, int] = {}
        self._results: list[Value] = [None] * len(items)
        self._texts: dict[int, str] = {}
        self._written = 0
        self._failed: tuple[int, BaseException] | None = None

    def _begin(self, procedure: Value) -> dict[str, Any]:
        """What every worker has to know of this map."""
        account, here = self._account, position.get()
        journal = account.journal
        ledger = account.ledger
        # The latest answer before this map; None where no lost element could be begun again.
        self._latest = None if journal is None else _latest_answer(journal)
        return {
            "map": self._number,
            "procedure": procedure,
            "ledger": ledger.where,
            "file": None if is_url(ledger.where) else identity_of(ledger.where),
            "lease": settings.active.lease,
            "account": account.id,
            "run": None if journal is None else journal.run,
            "recorded": [] if journal is None else [(key, *each) for key, each in journal.waiting()],
            "indices": () if here is None else here.indices,
            "around": tuple(procedures_around()),
            "tracks": bool(self._context.trackers),
            "deep": is_deep(),
        }

    def results(self) -> list[Value]:
        """The results in order. Raises the first error by number, and OmegaError for what cannot travel."""
        try:
            members = self._team.members()
            self._have_begun(members)
            while self._fill() or any(self._under_way.values()):
                self._take_one(None)
        except CannotTravel as error:
            raise OmegaError(f"parallel-map: {error.message}") from None
        except BaseException:
            self._give_up()
            raise
        for each in self._under_way:
            each.send("end", {"map": self._number})
        if self._failed is not None:
            failure, self._failed = self._failed[1], None
            complete(failure)
            raise failure
        return self._results

    def _have_begun(self, members: list[Member], told: dict[str, Any] | None = None) -> None:
        """Have workers know of this map, all before any call is made."""
        begun = [(each, each.send("begin", told or self._told)) for each in members]
        for member, future in begun:
            try:
                answer = member.answer(future)
            except WorkerLost as error:
                self._team.dismiss(member)
                raise OmegaError(f"parallel-map: a worker was lost before its first call: {error}") from None
            raise_in(answer)
            self._account.ledger.helpers.add(answer["process"])
            self._under_way[member] = set()

    def _fill(self) -> bool:
        """Begin what there is room for; whether anything was."""
        has_begun = False
        while True:
            free = [each for each, numbers in self._under_way.items() if len(numbers) < self._team.jobs + AHEAD]
            member = next((each for each in free if self._again.get(each)), None)
            if member is not None:
                number = self._again[member].pop(0)
            elif free and self._failed is None and self._next < len(self._items):
                member, number = min(free, key=lambda each: len(self._under_way[each])), self._next
                self._next += 1
            else:
                return has_begun
            has_begun = True
            if self._failed is None or number < self._failed[0]:
                self._send(member, number)

    def _send(self, member: Member, number: int) -> None:
        told = {"map": self._number, "number": number, "arguments": self._items[number]}
        try:
            future = member.send("call", told)
        except CannotTravel as error:
            self._fail(number, OmegaError(f"parallel-map: an argument of call {number + 1}: {error.message}"))
            return
        self._under_way[member].add(number)
        future.add_done_callback(lambda done: self._ended.put((member, number, done)))

    def _take_one(self, seconds: float | None) -> None:
        """Wait for the next report, for so many seconds at most."""
        until = None if seconds is None else monotonic() + seconds
        while any(self._under_way.values()) and (until is None or monotonic() < until):
            with suppress(Empty):
                self._take(*self._ended.get(timeout=_LOOK_UP_EVERY))
                return

    def _take(self, member: Member, number: int, future: Future[bytes]) -> None:
        if member not in self._under_way:
            return  # it is lost, and what it did begins again
        try:
            report = member.answer(future)
        except WorkerLost as error:
            self._lose(member, error)
            return
        self._under_way[member].discard(number)
        self._accept(number, report)

    def _accept(self, number: int, report: dict[str, Any]) -> None:
        """Note what became of an element."""
        account, journal = self._account, self._account.journal
        account.ledger.note_answers(account, report.get("answers", ()))
        if journal is not None:
            journal.note_performed(report.get("performed", 0))
            journal.note_replayed(set(report.get("replayed", ())))
        self._texts[number] = report.get("text", "")
        if "error" in report:
            raised = report["error"]
            if getattr(raised, "raised_at", None) is not None:
                raised.add_note(f"a worker raised this, at {raised.raised_at}")
            self._fail(number, raised)
        else:
            self._results[number] = report["value"]
        self._tell(number, report.get("tokens", ()))
        self._write()

    def _tell(self, number: int, tokens: list[int]) -> None:
        """Have the trackers around hear of calls, within which nothing goes on at once."""
        outside = is_sequential.set(True)
        try:
            for each in tokens:
                for tracker in self._context.trackers:
                    tracker(each)
        except Exception as error:
            self._fail(number, error)
        finally:
            is_sequential.reset(outside)

    def _write(self) -> None:
        """Write what elements have printed, in their order."""
        while self._written in self._texts:
            text = self._texts.pop(self._written)
            if text:
                current_output_port().write(text)
            self._written += 1

    def _fail(self, number: int, error: BaseException) -> None:
        if self._failed is None or number < self._failed[0]:
            self._failed = number, error
            for member, numbers in self._under_way.items():
                if numbers:
                    member.send("fail", {"map": self._number, "number": number})

    # Workers that are lost

    def _lose(self, member: Member, error: WorkerLost) -> None:
        """A worker is gone: another one takes its place, and begins again what it had begun."""
        lost = {*self._under_way.pop(member), *self._again.pop(member, ())}
        others = []
        with suppress(Empty):
            while True:
                others.append(self._ended.get_nowait())
        for other, number, future in others:
            if other is not member:
                self._ended.put((other, number, future))
            elif future.exception() is None:  # its answer was there in time
                lost.discard(number)
                self._accept(number, member.answer(future))
        self._team.dismiss(member)
        self._check_may_repeat(lost, error)
        if self._failed is not None:
            lost = {each for each in lost if each < self._failed[0]}
        if not lost:
            return
        known = set(self._under_way)
        new = [each for each in self._team.members() if each not in known]
        self._have_begun(new, {**self._told, "recorded": self._paid()})
        self._again[new[0]] = sorted(lost)

    def _check_may_repeat(self, lost: set[int], error: WorkerLost) -> None:
        """Raise OmegaError where calls would be paid for twice, or elements seem to end their workers."""
        if self._latest is None:
            raise OmegaError(
                "parallel-map: a worker was lost, and no answers are kept by which its calls could go on; keep them "
                "with a run: budget(ledger=…, run=NAME), or omegac run without --no-journal; on a server, the role "
                f"must be able to read them: omegac ledger allow URL ROLE --answers ({error})"
            )
        for each in lost:
            self._losses[each] = self._losses.get(each, 0) + 1
            if self._losses[each] >= _MOST_LOSSES:
                raise OmegaError(
                    f"parallel-map: call {each + 1} was under way each time when {_MOST_LOSSES} workers were lost; "
                    f"does it end its process? ({error})"
                )

    def _paid(self) -> list[tuple[Any, ...]]:
        """The answers that wait to be replayed, and those that were paid for within this map."""
        journal = self._account.journal
        assert journal is not None
        paid = journal.runs.recorded(journal.run, journal.account.id)
        within = [
            (key, *each._replace(within=self._account.id))
            for key, replies in paid.items()
            for each in replies
            if each.number > (self._latest or 0)
        ]
        return [(key, *each) for key, each in journal.waiting()] + within

    def _give_up(self) -> None:
        """An interrupt or a fault: begin nothing more, and end workers that are not done soon."""
        self._again.clear()
        self._fail(-1, OmegaError("parallel-map: it has been given up"))
        until = monotonic() + _GRACE_SECONDS
        with suppress(Exception):
            while any(self._under_way.values()) and monotonic() < until:
                self._take_one(until - monotonic())
        for member, numbers in self._under_way.items():
            if numbers:
                self._team.dismiss(member)


def _latest_answer(journal: Journal) -> int | None:
    """The number of the latest answer of a run; None for a role that may not read answers."""
    try:
        return journal.runs.latest_answer(journal.run, journal.account.id)
    except LedgerFileError:
        raise
    except OmegaError:
        return None


def _checked(context: Context) -> SharedAccount:
    """The account around. Raises OmegaError where something around could not be heard by workers."""
    account = context.account
    if not isinstance(account, SharedAccount) or account.parent is None:
        raise OmegaError(
            "parallel-map: workers need a budget that they share, in a ledger file on this machine or on a server: "
            "omegac run --ledger FILE, or budget(ledger=…) around workers(…)"
        )
    for is_there, what, mend in (
        (context.handlers is not None, "handle", "put it into the procedure"),
        (context.policy.is_active, "an emergency mode", "end it before"),
        (is_any_replaced(current_output_port), "parameterize", "hand the value to the procedure"),
        (account.journal is not None and account.journal.batch is not None, "--batch", "run the program without"),
    ):
        if is_there:
            raise OmegaError(f"parallel-map: {what} is around, of which workers know nothing; {mend}")
    return account
