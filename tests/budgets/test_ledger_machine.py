"""Random histories of a ledger, checked by an auditor that only adds up what happened."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledgers import Figures, cost, request
from omega_runtime.budgets import settings
from omega_runtime.effects.context import Context
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.hold import HELD, SENT, Hold
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.ledger.report import report
from omega_runtime.testing import FakeClock

FLOOR = 16


class Auditor:
    """Knows limits, parents and a journal of bookings; works every figure out from the beginning."""

    def __init__(self) -> None:
        self.limits: list[int | None] = [None]
        self.parents: list[int | None] = [None]
        self.held: dict[int, tuple[int, int]] = {}
        self.journal: list[tuple[int, int, int]] = []

    def chain(self, account: int | None) -> list[int]:
        return [] if account is None else [account, *self.chain(self.parents[account])]

    def figures(self, account: int) -> tuple[int, int, int]:
        """spent, held, overrun"""
        below = [entry for entry in self.journal if account in self.chain(entry[0])]
        spent = sum(actual for _, _, actual in below)
        held = sum(amount for at, amount in self.held.values() if account in self.chain(at))
        return spent, held, sum(max(0, actual - amount) for _, amount, actual in below)

    def expect(self, account: int, bound: int, exact: int | None, wanted: int, clamp: bool) -> int | str:
        """Tokens to be held, or "refused" or "wait"."""
        rows = [
            (limit, *self.figures(each)) for each in self.chain(account) if (limit := self.limits[each]) is not None
        ]
        if all(spent + held + bound + wanted <= limit for limit, spent, held, _ in rows):
            return bound + wanted
        prompt = bound if exact is None else exact
        left = min(limit - spent for limit, spent, _, _ in rows)
        if left < prompt + (min(FLOOR, wanted) if clamp else wanted):
            return "refused"
        amount = min(prompt + wanted, left)
        return amount if all(spent + held + amount <= limit for limit, spent, held, _ in rows) else "wait"


class LedgerMachine(RuleBasedStateMachine):
    """Opens accounts, reserves, and ends holds in every way."""

    @initialize()
    def start(self) -> None:
        self.ledger = MemoryLedger(FakeClock())
        self.auditor = Auditor()
        self.accounts: list[Account] = [self.ledger.root]
        self.holds: dict[int, Hold] = {}
        self.closed: list[Hold] = []
        self.number = 0
        self.settings = settings.active.replaced(max_wait=0, floor=FLOOR)

    @rule(data=st.data(), limit=st.none() | st.integers(0, 400))
    @precondition(lambda self: len(self.accounts) < 6)
    def open_account(self, data: Any, limit: int | None) -> None:
        parent = data.draw(st.integers(0, len(self.accounts) - 1))
        self.accounts.append(self.ledger.open_account("a", limit, self.accounts[parent]))
        self.auditor.limits.append(limit)
        self.auditor.parents.append(parent)

    @rule(
        data=st.data(),
        bound=st.integers(0, 80),
        less=st.none() | st.integers(0, 30),
        wanted=st.integers(1, 120),
        clamp=st.booleans(),
    )
    def reserve(self, data: Any, bound: int, less: int | None, wanted: int, clamp: bool) -> None:
        account = data.draw(st.integers(0, len(self.accounts) - 1))
        exact = None if less is None else max(0, bound - less)
        expected = self.auditor.expect(account, bound, exact, wanted, clamp)
        asked = request(wanted, Figures(bound, exact), clamp)
        try:
            hold = self.ledger.reserve(Context(self.accounts[account], (), None), asked, bound, self.settings)
        except BudgetExceeded:
            assert expected == "refused"
        except BudgetTimeout:
            assert expected == "wait"
        else:
            assert hold.amount == expected
            assert 1 <= asked.max_tokens <= wanted
            self.number += 1
            self.holds[self.number] = hold
            self.auditor.held[self.number] = (account, hold.amount)

    def _end(self, data: Any, actual: int | None) -> Hold:
        """Take a hold away from both books; `actual` None books all of it."""
        number = data.draw(st.sampled_from(sorted(self.holds)))
        account, amount = self.auditor.held.pop(number)
        self.auditor.journal.append((account, amount, amount if actual is None else actual))
        return self.holds.pop(number)

    @rule(data=st.data(), used=st.tuples(st.integers(0, 90), st.integers(0, 120)))
    @precondition(lambda self: self.holds)
    def settle(self, data: Any, used: tuple[int, int]) -> None:
        hold = self._end(data, sum(used))
        self.ledger.settle(hold, cost(*used))
        self.closed.append(hold)

    @rule(data=st.data())
    @precondition(lambda self: self.holds)
    def unknown(self, data: Any) -> None:
        self.ledger.mark_unknown(self._end(data, None))

    @rule(data=st.data())
    @precondition(lambda self: self.holds)
    def void(self, data: Any) -> None:
        self.ledger.void(self._end(data, 0))

    @rule(data=st.data(), sent=st.booleans())
    @precondition(lambda self: self.holds)
    def lose(self, data: Any, sent: bool) -> None:
        hold = self._end(data, None if sent else 0)
        hold.open = SENT if sent else HELD
        del hold
        self.ledger.reclaim()

    @rule(data=st.data())
    @precondition(lambda self: self.closed)
    def end_again(self, data: Any) -> None:
        hold = data.draw(st.sampled_from(self.closed))
        assert (
            self.ledger.settle(hold, cost(7, 7)) == self.ledger.void(hold) == self.ledger.mark_unknown(hold) == CLOSED
        )

    @invariant()
    def the_books_agree(self) -> None:
        for index, account in enumerate(self.accounts):
            spent, held, overrun = self.auditor.figures(index)
            assert (account.spent, account.held, account.overrun) == (spent, held, overrun)
            assert account.limit is None or spent + held <= account.limit + overrun

    @invariant()
    def sites_and_accounts_agree(self) -> None:
        assert report(self.ledger)["totals"]["tokens"] == self.ledger.root.spent


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = hypothesis_settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
