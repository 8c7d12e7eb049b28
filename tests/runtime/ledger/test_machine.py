"""Random histories of a ledger, checked by an auditor that only adds up what happened."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from omega_runtime.calls.report import report
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.hold import HELD, SENT, Hold
from omega_runtime.ledger.limits import UNITS, Limits, Periods
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.models.reply import Reply
from omega_runtime.values.errors import OmegaError

from tests.support.auditor import Auditor, Call, FlatPrice, Rates, Wish, books_of
from tests.support.ledgers import Asked, Figures, opened, request, settle
from tests.support.periods import Clock

PERIOD = st.sampled_from([None, *UNITS])
PRICES = st.sampled_from([None, Rates(0, 0, 0, 0), Rates(2, 3, 1, 5)])


class LedgerMachine(RuleBasedStateMachine):
    """Opens and closes accounts, reserves, and ends holds in every way."""

    backend = "memory"

    @initialize()
    def start(self) -> None:
        self.cleanup = ExitStack()
        folder = Path(tempfile.mkdtemp()) if self.backend == "file" else Path()
        if self.backend == "file":
            self.cleanup.callback(shutil.rmtree, folder)
        self.clock = Clock(2026, 12, 31, 22, 59, 30)
        self.ledger = self.cleanup.enter_context(opened(self.backend, folder, self.clock, lease=1e12))
        self.auditor = Auditor(time=self.clock.time)
        self.ended: set[int] = set()
        self.accounts: list[Account] = [self.ledger.root]
        self.holds: dict[int, tuple[Hold, Call]] = {}
        self.closed: list[Hold] = []
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "cleanup"):
            for hold, call in self.holds.values():
                self.ledger.void(hold)
                self.auditor.void(call)
            self.cleanup.close()

    @rule(
        data=st.data(),
        limit=st.none() | st.integers(0, 400),
        dollars=st.none() | st.integers(0, 1500),
        periods=st.none() | st.builds(Periods, PERIOD, PERIOD, st.sampled_from(["UTC", "Europe/Berlin"])),
    )
    @precondition(lambda self: len(self.accounts) < 6)
    def open_account(self, data: Any, limit: int | None, dollars: int | None, periods: Periods | None) -> None:
        parent = data.draw(st.integers(0, len(self.accounts) - 1))
        name = f"a{len(self.accounts) % 2}"
        periods = Limits(limit, dollars, periods).completed_by(Limits(None, None, None)).periods
        self.accounts.append(self.ledger.open_account(name, limit, self.accounts[parent], dollars, periods))
        self.auditor.open(parent, limit, dollars, periods)

    @rule(seconds=st.sampled_from([1, 30, 60, 3600, 86_400, 7 * 86_400, 400 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400]))
    def the_clock_is_put_back(self, seconds: int) -> None:
        self.clock.shift -= seconds

    @rule(data=st.data())
    @precondition(lambda self: len(self.accounts) > 1)
    def close_account(self, data: Any) -> None:
        """Also more than once, and with calls under way; accounts inside may stay open."""
        account = data.draw(st.integers(1, len(self.accounts) - 1))
        self.ledger.close_account(self.accounts[account])
        self.ended.add(account)

    @rule(
        data=st.data(),
        bound=st.integers(0, 80),
        less=st.none() | st.integers(0, 30),
        wanted=st.integers(1, 120),
        clamp=st.booleans(),
        rates=PRICES,
    )
    def reserve(self, data: Any, bound: int, less: int | None, wanted: int, clamp: bool, rates: Rates | None) -> None:
        account = data.draw(st.integers(0, len(self.accounts) - 1))
        exact = None if less is None else max(0, bound - less)
        wish = Wish(account, bound, wanted, clamp, rates)
        expected = self.auditor.judge(wish, 0)
        if expected.outcome == "count":
            wish.counted, wish.prompt = True, bound if exact is None else exact
            expected = self.auditor.judge(wish, 0)
        price = None if rates is None else FlatPrice(rates)
        asked = request(wanted, Figures(bound, exact), clamp, price)
        try:
            hold = self.ledger.reserve(Asked(self.accounts[account], asked, exact), bound, self.auditor.floor, 0)
        except BudgetExceeded:
            assert expected.outcome == "refused"
        except BudgetTimeout:
            assert expected.outcome == "wait"
        except OmegaError:
            assert expected.outcome == "unpriced"
        else:
            assert (expected.outcome, expected.output) == ("granted", hold.output)
            call = self.auditor.hold(wish, expected.output)
            assert (hold.tokens, hold.picodollars) == (call.tokens, call.cost)
            self.number += 1
            self.holds[self.number] = hold, call

    def _take(self, data: Any) -> tuple[Hold, Call]:
        return self.holds.pop(data.draw(st.sampled_from(sorted(self.holds))))

    @rule(data=st.data(), used=st.tuples(st.integers(0, 90), st.integers(0, 120)), cached=st.floats(0, 1))
    @precondition(lambda self: self.holds)
    def settle(self, data: Any, used: tuple[int, int], cached: float) -> None:
        hold, call = self._take(data)
        written = int(used[0] * cached)
        reply = Reply("", *used, cache_write_tokens=written, cache_read_tokens=(used[0] - written) // 2)
        price = hold.request.price
        cost = price.rates.of(reply) if isinstance(price, FlatPrice) else 0
        assert settle(hold, reply) == self.auditor.settle(call, reply, cost)
        self.closed.append(hold)

    @rule(data=st.data())
    @precondition(lambda self: self.holds)
    def unknown(self, data: Any) -> None:
        hold, call = self._take(data)
        assert self.ledger.mark_unknown(hold) == self.auditor.unknown(call)
        self.closed.append(hold)

    @rule(data=st.data())
    @precondition(lambda self: self.holds)
    def void(self, data: Any) -> None:
        hold, call = self._take(data)
        assert self.ledger.void(hold) == self.auditor.void(call)
        self.closed.append(hold)

    @rule(data=st.data(), sent=st.booleans())
    @precondition(lambda self: self.holds)
    def lose(self, data: Any, sent: bool) -> None:
        hold, call = self._take(data)
        (self.auditor.unknown if sent else self.auditor.void)(call)
        hold.open = SENT if sent else HELD
        del hold
        self.ledger.reclaim()

    @rule(data=st.data())
    @precondition(lambda self: self.closed)
    def end_again(self, data: Any) -> None:
        hold = data.draw(st.sampled_from(self.closed))
        again = Reply("", 7, 7)
        assert settle(hold, again) == self.ledger.void(hold) == self.ledger.mark_unknown(hold) == CLOSED

    @invariant()
    def the_books_agree(self) -> None:
        for books, (tokens, dollars), account in zip(
            self.auditor.books(), self.auditor.limits, self.accounts, strict=True
        ):
            assert books_of(account) == books
            assert tokens is None or books.spent + books.held <= tokens + books.overrun
            most = None if dollars is None else dollars + books.dollars_overrun
            assert most is None or books.dollars_spent + books.dollars_held <= most
        self.auditor.check_periods()

    @invariant()
    def reports_agree(self) -> None:
        """Also when calls end after their scopes have."""
        told = report(self.ledger)
        totals, rows, books = told["totals"], told["accounts"], self.auditor.books()
        for account, whole in enumerate(self.auditor.books(all_time=True)):
            if account in self.ended and not whole.held:
                # What has ended is told over all time.
                books[account] = whole
        counters = self.auditor.counters()
        del counters["picodollars"]
        assert {name: totals[name] for name in counters} == counters
        assert totals["tokens"] == self.ledger.root.spent == rows[0]["spent"]
        assert totals["dollars"] == self.ledger.root.dollars.spent == rows[0]["dollars_spent"]
        for name in {account.name for account in self.accounts[1:]}:
            mine = [each for each, account in zip(books, self.accounts, strict=True) if account.name == name]
            told_of_name = [row for row in rows if row["name"] == name]
            assert sum(row["scopes"] for row in told_of_name) == len(mine)
            assert sum(row["spent"] for row in told_of_name) == sum(each.spent for each in mine)
            assert sum(row["held"] for row in told_of_name) == sum(each.held for each in mine)
            assert sum(row["overrun"] for row in told_of_name) == sum(each.overrun for each in mine)


class FileLedgerMachine(LedgerMachine):
    """The same on a ledger file."""

    backend = "file"


QUIET = [HealthCheck.too_slow]

TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = hypothesis_settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=QUIET
)
TestFileLedgerMachine = FileLedgerMachine.TestCase
TestFileLedgerMachine.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=QUIET
)
