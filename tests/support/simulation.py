"""A simulated world around a ledger: processes, calls, a provider and its failures, on a clock that is moved by hand.

Everything happens in one thread and follows from the seed. After each event an independent auditor compares all
figures with its own. What goes wrong is an AssertionError with the seed and the end of the log.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any

from omega_runtime.calls.report import report
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.claim import COUNT, GRANTED, WAIT, Claim
from omega_runtime.ledger.hold import ENDED, SENT, Hold
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.limits import UNITS, Limits, Periods
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.ledger.statistics import Statistics
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request
from omega_runtime.testing import FakeClock

from tests.support.auditor import Auditor, Call, FlatPrice, Rates, Wish, books_of
from tests.support.ledgers import Asked, Figures, request, settle

LEASE = 3.0
LOOK_AGAIN = 0.5
MODELS = {
    "unpriced": None,
    "free": Rates(0, 0, 0, 0),
    "small": Rates(100, 125, 10, 500),
    "large": Rates(3000, 3750, 300, 15000),
}


EPOCH = datetime.fromtimestamp(FakeClock().time(), UTC)
NO_LIMITS = Limits(None, None, None)
# A time zone, and a moment (UTC) at which some of its periods end.
BOUNDARIES = (
    ("UTC", datetime(2026, 7, 5, 9, 31, tzinfo=UTC)),
    ("UTC", datetime(2027, 3, 1, tzinfo=UTC)),
    ("UTC", datetime(2028, 2, 29, tzinfo=UTC)),
    ("UTC", datetime(2028, 3, 1, tzinfo=UTC)),
    ("UTC", datetime(2027, 1, 4, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 12, 31, 23, tzinfo=UTC)),
)


class ShiftingClock(FakeClock):
    """A clock whose time of day can be put back, while seconds go on."""

    __slots__ = ("shift",)

    def __init__(self, time: float) -> None:
        super().__init__(time)
        self.shift = 0.0

    def time(self) -> float:
        return super().time() + self.shift


class Process:
    """A process that shares the ledger: what it has open, what waits there, what it must still book."""

    def __init__(self, number: int, ledger: Ledger) -> None:
        self.number = number
        self.ledger = ledger
        self.accounts: dict[int, Account] = {0: ledger.root}
        self.waiting: dict[int, Asking] = {}
        self.running: dict[int, Running] = {}
        self.state = "awake"
        # On a server, the end of the lease that all its calls have, and whether they count as spent since.
        self.lease_end = 0.0
        self.is_over = False
        # What happened while the process was suspended, and what it hears of it when it goes on.
        self.late: list[Callable[[], None]] = []


@dataclass
class Asking:
    """A call on its way to a hold."""

    key: int
    wish: Wish
    exact: int | None
    claim: Claim
    is_counting: bool = False


@dataclass
class Running:
    """A call under way."""

    key: int
    hold: Hold
    call: Call
    wish: Wish


class World:
    """One run: `open_ledger(clock)` gives each process its ledger; those of one file share accounts by name."""

    def __init__(
        self,
        seed: int,
        open_ledger: Callable[[FakeClock], Ledger],
        processes: int = 1,
        calls: int = 40,
        has_periods: bool = False,
        has_process_leases: bool = False,
    ):
        self.random = random.Random(seed)
        self.seed = seed
        self.has_periods = has_periods
        self.has_process_leases = has_process_leases
        self.timezone, boundary = self.random.choice(BOUNDARIES) if has_periods else ("UTC", EPOCH)
        before = self.random.uniform(0, 12) if has_periods else 0.0
        self.clock = ShiftingClock((boundary - EPOCH).total_seconds() - before)
        self.turns: list[Any] = []
        self.open_ledger = open_ledger
        self.is_shared = processes > 1
        self.auditor = Auditor(time=self.clock.time)
        self.log: list[str] = []
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = 0
        # In some worlds the provider bills more than was held now and then.
        self.is_honest = self.random.random() < 0.7
        self.has_dollars = self.random.random() < 0.6
        self.billed = [(0, 0)]
        self.has_changed = False
        self.shared: list[int] = []
        self.processes: list[Process] = []
        for _ in range(processes):
            self._start_process()
        for _ in range(self.random.randint(1, 5)):
            self._open_account()
        self._plan(calls)

    # The plan

    def _plan(self, calls: int) -> None:
        chance = self.random
        hurry = chance.choice((1, 4, 12))
        for _ in range(calls):
            self._at(chance.uniform(0, hurry), self._arrive)
        for _ in range(chance.randint(0, 4)):
            self._at(chance.uniform(0, 12), self._open_account)
            self._at(chance.uniform(2, 14), self._close_account)
        if self.is_shared:
            for _ in range(chance.randint(0, 3)):
                self._at(chance.uniform(1, 12), chance.choice((self._crash, self._suspend)))
            self._at(LEASE / 3, self._keep)
        for _ in range(chance.randint(0, 2) if self.has_periods else 0):
            self._at(chance.uniform(0, 14), self._set_clock)
        self._at(LOOK_AGAIN, self._look_again)

    def _set_clock(self) -> None:
        """Somebody puts the machine's clock back, or on again."""
        self.clock.shift = self.random.choice((-self.random.uniform(0, 20), 0.0))
        self._say("clock shifted by", self.clock.shift)
        self.has_changed = True

    def _at(self, delay: float, event: Callable[[], None]) -> None:
        self.numbers += 1
        heappush(self.events, (self.clock.now() + delay, self.numbers, event))

    def run(self) -> None:
        """Let everything happen; raises AssertionError with the seed when the auditor disagrees."""
        try:
            while self.events:
                time, _, event = heappop(self.events)
                self.clock.advance(time - self.clock.now())
                event()
                self._wake()
                self._check()
            self._check_end()
        except Exception as error:
            tail = "\n".join(self.log[-40:])
            raise AssertionError(f"OMEGA_SEED={self.seed}: {error!r}\n{tail}") from error
        finally:
            for process in self.processes:
                for running in process.running.values():
                    running.hold.open = ENDED
                with suppress(AttributeError):  # a ledger in memory has no file to close
                    process.ledger.close()  # type: ignore[attr-defined]

    def _say(self, *words: Any) -> None:
        self.log.append(f"{self.clock.now():8.3f} {' '.join(map(str, words))}")

    # Processes and accounts

    def _awake(self) -> list[Process]:
        return [each for each in self.processes if each.state == "awake"]

    def _start_process(self) -> None:
        process = Process(len(self.processes), self.open_ledger(self.clock))
        process.lease_end = self.clock.time() + LEASE
        for index in self.shared:
            self._open_shared(process, index, None, None)
        self.processes.append(process)
        self._say("process", process.number, "starts")

    def _open_account(self) -> None:
        """Shared accounts stand below shared ones; others belong to one process."""
        chance = self.random
        tokens = chance.choice((None, chance.randint(0, 400), chance.randint(400, 4000)))
        dollars = None
        if self.has_dollars:
            dollars = chance.choice((None, chance.randint(0, 400_000), chance.randint(400_000, 20_000_000)))
        awake = self._awake()
        if not awake:
            return
        process = chance.choice(awake)
        periods = self._periods(tokens, dollars) if self.has_periods else None
        is_shared = self.is_shared and chance.random() < 0.7
        parent = chance.choice([0, *self.shared] if is_shared else list(process.accounts))
        index = self.auditor.open(parent, tokens, dollars, periods)
        self.billed.append((0, 0))
        self._say("account", index, "under", parent, "limits", tokens, dollars, periods, "shared" if is_shared else "")
        if is_shared:
            self.shared.append(index)
            for each in self.processes:
                if each.state != "crashed":
                    self._open_shared(each, index, tokens, dollars, periods)
        else:
            around = process.accounts[parent]
            process.accounts[index] = process.ledger.open_account(f"a{index % 3}", tokens, around, dollars, periods)

    def _open_shared(
        self, process: Process, index: int, tokens: int | None, dollars: int | None, periods: Periods | None = None
    ) -> None:
        parent = process.accounts[self.auditor.chains[index][1]]
        named: Any = process.ledger
        process.accounts[index] = named.open_named(f"n{index}", tokens, dollars, parent, False, periods)

    def _periods(self, tokens: int | None, dollars: int | None) -> Periods | None:
        """Over what the limits of a new account are: most often those of one kind are per period."""
        units = [self.random.choice((None, *UNITS)), self.random.choice((None, *UNITS))]
        return Limits(tokens, dollars, Periods(units[0], units[1], self.timezone)).completed_by(NO_LIMITS).periods

    def _close_account(self) -> None:
        """The end of a scope; calls that are under way or still come go on."""
        awake = self._awake()
        if awake:
            process = self.random.choice(awake)
            index = self.random.choice(list(process.accounts))
            if index:
                self._say("process", process.number, "closes", index)
                process.ledger.close_account(process.accounts[index])

    def _crash(self) -> None:
        """A process is gone, without a word."""
        process = self.random.choice(self._awake() or [None])  # type: ignore[list-item]
        if process is None or len(self._awake()) < 2:
            return
        self._say("process", process.number, "crashes with", list(process.running), "waiting", list(process.waiting))
        process.state = "crashed"
        for running in process.running.values():
            running.hold.open = ENDED
        process.running.clear()
        process.waiting.clear()
        if self.random.random() < 0.6:
            self._at(self.random.uniform(0, 2 * LEASE), self._start_process)

    def _suspend(self) -> None:
        process = self.random.choice(self._awake() or [None])  # type: ignore[list-item]
        if process is not None:
            self._say("process", process.number, "is suspended")
            process.state = "suspended"
            self._at(self.random.uniform(0, 3 * LEASE), lambda: self._resume(process))

    def _resume(self, process: Process) -> None:
        self._say("process", process.number, "goes on")
        process.state = "awake"
        late, process.late = process.late, []
        for event in late:
            event()
        self.has_changed = True

    def _keep(self) -> None:
        """Each process that can renews its leases."""
        lease = self.clock.time() + LEASE
        for process in self._awake():
            process.ledger.renew()  # type: ignore[attr-defined]
            process.lease_end, process.is_over = lease, False
            for running in process.running.values():
                if running.call.state == "held":
                    running.call.lease = lease
            for key in process.waiting:
                if key in self.auditor.places and self.auditor.places[key].listed:
                    self.auditor.places[key].lease = lease
            if self.has_process_leases:
                self._expire()  # after its own renewal, which is taken until somebody counts its calls as spent
        if self._has_work():
            self._at(LEASE / 3, self._keep)

    def _has_work(self) -> bool:
        return len(self.events) > 1 or any(each.waiting or each.running for each in self.processes)

    # Calls

    def _arrive(self) -> None:
        chance = self.random
        awake = self._awake()
        if not awake:
            return
        process = chance.choice(awake)
        index = chance.choice(list(process.accounts))
        bound = chance.randint(0, 120)
        exact = chance.choice((None, bound, bound * 3 // 4, bound // 2))
        model = chance.choices(tuple(MODELS), (1 if self.has_dollars else 9, 3, 6, 3))[0]
        wish = Wish(index, bound, chance.randint(1, 200), chance.random() < 0.8, MODELS[model])
        self.numbers += 1
        claim = Claim(Asked(process.accounts[index], _request(wish, model), exact), bound, self.auditor.floor)
        asking = Asking(self.numbers, wish, exact, claim)
        self._say("call", asking.key, "of", process.number, wish, "exactly", exact)
        self._attempt(process, asking)

    def _attempt(self, process: Process, asking: Asking) -> None:
        """One attempt, whose outcome must be the auditor's."""
        wish, key, ledger, claim = asking.wish, asking.key, process.ledger, asking.claim
        lease = float("inf")
        if self.is_shared:
            self._expire()
            lease = self.clock.time() + LEASE
        if self.has_process_leases:
            ledger.expire()  # type: ignore[attr-defined]
            if process.is_over:
                process.lease_end, process.is_over = lease, False
            lease = process.lease_end
        verdict = self.auditor.judge(wish, key)
        if verdict == (GRANTED, wish.wanted) and claim.ticket is None and not self.is_shared:
            ledger.reserve(claim.hold, claim.prompt, claim.floor, 0)
            outcome, at = GRANTED, None
        else:
            decision = ledger.attempt(claim)
            outcome, at = decision.outcome, decision.account
        self._say("call", key, outcome, at or "")
        assert outcome == verdict.outcome, f"call {key}: {outcome}, but the auditor says {verdict}"
        if outcome == WAIT:
            self._wait(process, asking, verdict.output, at, lease)
            return
        if outcome == COUNT:
            asking.is_counting = True
            self._at(self.random.choice((0.0, 0.05)), lambda: self._counted(process, asking))
            return
        self._leave(process, asking)
        if outcome == GRANTED:
            self._grant(process, asking, verdict.output, lease)

    def _expire(self) -> None:
        self.has_changed |= self.auditor.expire(self.clock.time())
        for process in self.processes:
            process.is_over |= process.lease_end < self.clock.time()

    def _counted(self, process: Process, asking: Asking) -> None:
        """The provider has counted the prompt."""
        if process.state == "suspended":
            process.late.append(lambda: self._counted(process, asking))
        elif process.state == "awake":
            claim, wish = asking.claim, asking.wish
            claim.counted = wish.counted = True
            asking.is_counting = False
            claim.prompt = wish.prompt = claim.prompt if asking.exact is None else asking.exact
            self._attempt(process, asking)

    def _wait(self, process: Process, asking: Asking, output: int, at: Account | None, lease: float) -> None:
        """The call waits at an account of its chain that keeps it from going on."""
        key, wish = asking.key, asking.wish
        index = next(index for index, account in process.accounts.items() if account is at)
        assert index in self.auditor.chains[wish.account]
        books = self.auditor.books()[index]
        assert self.auditor.blocks(index, books, wish, output, key), f"call {key} waits at {index} for nothing"
        self.has_changed |= self.auditor.wait(key, index, lease)
        if key not in process.waiting:
            process.waiting[key] = asking
            if self.random.random() < 0.2:
                self._at(self.random.uniform(0, 3), lambda: self._give_up(process, asking))

    def _give_up(self, process: Process, asking: Asking) -> None:
        if asking.key in process.waiting and process.state == "awake":
            self._say("call", asking.key, "gives up")
            self._leave(process, asking)

    def _leave(self, process: Process, asking: Asking) -> None:
        if asking.claim.ticket is not None:
            process.ledger.withdraw(asking.claim)
        self.has_changed |= process.waiting.pop(asking.key, None) is not None
        self.auditor.leave(asking.key)

    def _grant(self, process: Process, asking: Asking, output: int, lease: float) -> None:
        hold, key = asking.claim.hold, asking.key
        asking.claim.hold = None  # type: ignore[assignment]
        call = self.auditor.hold(asking.wish, output, lease)
        assert (hold.tokens, hold.picodollars, hold.output) == (call.tokens, call.cost, output)
        running = process.running[key] = Running(key, hold, call, asking.wish)
        ends = [(70, self._answered), (10, self._failed), (10, self._doubtful), (8, self._lost)]
        (end,) = self.random.choices([end for _, end in ends], [weight for weight, _ in ends])
        self._at(self.random.expovariate(1.5), lambda: end(process, running))

    # How calls end

    def _hear(
        self, process: Process, running: Running, book: Callable[[Hold], str], expected: Callable[[], str]
    ) -> None:
        """The process books the end of a call, now or when it goes on; a dead one never does."""

        def event() -> None:
            process.running.pop(running.key, None)
            outcome = book(running.hold)
            self._say("call", running.key, outcome)
            assert outcome == expected()
            assert not running.hold.open
            if self.random.random() < 0.1:
                assert book(running.hold) == process.ledger.void(running.hold) == CLOSED
            self.has_changed = True

        if process.state == "suspended":
            process.late.append(event)
        elif running.key in process.running:
            event()

    def _answered(self, process: Process, running: Running) -> None:
        chance, hold, wish = self.random, running.hold, running.wish
        most = hold.tokens - wish.prompt
        produced = chance.choice((most, chance.randint(0, most)))
        extra = 0 if self.is_honest else chance.choice((0, 0, chance.randint(1, 100)))
        fresh = chance.randint(0, wish.prompt)
        written = chance.randint(0, wish.prompt - fresh)
        reply = Reply(
            "answer",
            chance.randint(fresh + written, wish.prompt),
            produced + extra,
            "max_tokens" if produced == most else None,
            None,
            chance.choice((0, written)),
            chance.choice((0, fresh)),
        )
        cost = 0 if wish.rates is None else wish.rates.of(reply)
        self._bill(running, reply.tokens, cost)
        self._hear(
            process,
            running,
            lambda hold: settle(hold, reply),
            lambda: self.auditor.settle(running.call, reply, cost),
        )

    def _failed(self, process: Process, running: Running) -> None:
        self._hear(process, running, process.ledger.void, lambda: self.auditor.void(running.call))

    def _doubtful(self, process: Process, running: Running) -> None:
        hold = running.hold
        self._bill(running, self.random.randint(0, hold.tokens), self.random.randint(0, hold.picodollars))
        self._hear(process, running, process.ledger.mark_unknown, lambda: self.auditor.unknown(running.call))

    def _lost(self, process: Process, running: Running) -> None:
        """The code around the call loses the hold, before or after it was sent."""
        if process.state == "suspended":
            process.late.append(lambda: self._lost(process, running))
        if process.state != "awake" or running.key not in process.running:
            return
        del process.running[running.key]
        if self.random.random() < 0.5:
            running.hold.open = SENT
            self._bill(running, self.random.randint(0, running.hold.tokens), 0)
            self.auditor.unknown(running.call)
        else:
            self.auditor.void(running.call)
        self._say("call", running.key, "loses its hold")
        del running.hold
        process.ledger.reclaim()
        self.has_changed = True

    def _bill(self, running: Running, tokens: int, cost: int) -> None:
        for each in self.auditor.chains[running.wish.account]:
            self.billed[each] = (self.billed[each][0] + tokens, self.billed[each][1] + cost)

    # Waking

    def _wake(self) -> None:
        """Every waiting call that was told to look again does so, in any order."""
        turns = [self.auditor.turn(*each) for each in sorted(self.auditor.turns)]
        if turns != self.turns:
            # Waiting calls look at the clock themselves.
            for _, asking in self._waiting():
                asking.claim.ticket.is_called = True  # type: ignore[union-attr]
            self.turns = turns
        for _ in range(1000):
            if self.has_changed:
                self.has_changed = False
                if self.is_shared:
                    for process in self._awake():
                        process.ledger.wake_all()  # type: ignore[attr-defined]
            called = [(process, asking) for process, asking in self._waiting() if _is_called(asking)]
            if not called:
                return
            process, asking = self.random.choice(called)
            asking.claim.ticket.is_called = False  # type: ignore[union-attr]
            self._attempt(process, asking)
        raise AssertionError("waiting calls are told to look again and again")

    def _waiting(self) -> list[tuple[Process, Asking]]:
        return [
            (process, asking)
            for process in self._awake()
            for asking in process.waiting.values()
            if not asking.is_counting
        ]

    def _look_again(self) -> None:
        """Nobody tells a process when another one's leases end; calls in memory need no second look."""
        self.has_changed |= self.is_shared
        if self._has_work():
            self._at(LOOK_AGAIN, self._look_again)

    # Checks

    def _check(self) -> None:
        books, all_books = self.auditor.books(), self.auditor.books(all_time=True)
        for process in self._awake():
            for index, account in process.accounts.items():
                found = books_of(account)
                assert found == books[index], f"account {index}: {found}, but the auditor has {books[index]}"
                assert not self.has_periods or books_of(account, all_time=True) == all_books[index]
        self.auditor.check_periods()
        for index, (tokens, dollars) in enumerate(self.auditor.limits):
            each, (billed, cost) = books[index], self.billed[index]
            assert tokens is None or each.spent + each.held <= tokens + each.overrun
            assert dollars is None or each.dollars_spent + each.dollars_held <= dollars + each.dollars_overrun
            if self.is_honest:
                assert billed <= all_books[index].spent + all_books[index].held
                assert cost <= all_books[index].dollars_spent + all_books[index].dollars_held
                assert (each.overrun, each.dollars_overrun) == (0, 0)
        for process, asking in self._waiting():
            # Whoever stands behind a call that asks the provider for its count is woken after that.
            if not any(each.is_counting for each in process.waiting.values()):
                verdict = self.auditor.judge(asking.wish, asking.key)
                assert verdict.outcome != GRANTED, f"call {asking.key} could go on, and was not woken"

    def _check_end(self) -> None:
        """Nobody waits any more, and what all processes counted is what happened."""
        assert not self._waiting(), "calls wait for ever"
        for process in self._awake():
            for index, account in process.accounts.items():
                if index:
                    process.ledger.close_account(account)
        self._check()
        total = Statistics()
        for process in self.processes:
            for _, _, each in process.ledger.entries():
                total.add(each)
        counters = self.auditor.counters()
        assert {name: getattr(total, name) for name in counters} == counters
        books = self.auditor.books()
        for process in self._awake():
            rows = report(process.ledger)["accounts"]
            assert rows[0]["spent"] == books[0].spent
            if self.has_periods:
                continue  # accounts whose scopes have ended are told over all time, others in their periods
            assert sum(row["spent"] for row in rows[1:]) == sum(each.spent for each in books[1:])
            assert sum(row["overrun"] for row in rows[1:]) == sum(each.overrun for each in books[1:])


def _request(wish: Wish, model: str) -> Request:
    price = None if wish.rates is None else FlatPrice(wish.rates)
    made = request(wish.wanted, Figures(wish.prompt), wish.clamp, price)
    made.model = model
    return made


def _is_called(asking: Asking) -> bool:
    return asking.claim.ticket is not None and asking.claim.ticket.is_called
