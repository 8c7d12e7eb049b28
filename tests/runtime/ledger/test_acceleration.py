"""The ledger's core in C books what the Python of the same name books, in every history."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omega_runtime.acceleration import IS_ACCELERATED
from omega_runtime.ledger.hold import SENT, Hold
from omega_runtime.ledger.limits import Periods
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.places import Site

from tests.support.auditor import FlatPrice

pytestmark = pytest.mark.skipif(not IS_ACCELERATED, reason="the accelerator isn't built")
SITES = [Site("a.omega", line, 1, "infer.op", "f", 1) for line in (1, 2)]


class InPython(MemoryLedger):
    """A ledger without the accelerator."""

    __slots__ = ()
    reserve = getattr(MemoryLedger.reserve, "__wrapped__", MemoryLedger.reserve)
    settle = getattr(MemoryLedger.settle, "__wrapped__", MemoryLedger.settle)


class Wish:
    __slots__ = ("clamp", "model", "price", "site", "wanted")

    def __init__(self, site: Site, wanted: int, price: Any, clamp: bool) -> None:
        self.site, self.model, self.wanted, self.price, self.clamp = site, "m", wanted, price, clamp


class Bill:
    __slots__ = ("input_tokens", "output_tokens", "stop_reason", "text")

    def __init__(self, input_tokens: int, output_tokens: int, stop_reason: str | None) -> None:
        self.input_tokens, self.output_tokens, self.stop_reason = input_tokens, output_tokens, stop_reason
        self.text = f"{input_tokens}, {output_tokens}"


reasons = st.sampled_from([None, "end_turn", "max_tokens"])
tokens = st.integers(0, 40) | st.sampled_from([0, 0, 10**6, 2**61, 2**62, 2**63 - 1, 2**70])
limits = st.none() | st.integers(0, 200) | st.sampled_from([2**62, 2**63 - 1, 2**63, 10**30])
steps = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 5), limits, st.sampled_from([None] * 6 + [10**9]), st.booleans()),
    st.tuples(st.just("close"), st.integers(0, 5)),
    *[
        st.tuples(st.just("reserve"), st.integers(0, 5), tokens, tokens, st.integers(0, 9), st.booleans())
        for _ in range(4)
    ],
    *[
        st.tuples(
            st.just("settle"), st.integers(0, 9), tokens, tokens, st.sampled_from([None, "end_turn", "max_tokens"])
        )
        for _ in range(4)
    ],
    st.tuples(st.sampled_from(["void", "mark_unknown", "send", "lose"]), st.integers(0, 9)),
)


class History:
    """What happens to one ledger."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.ledger = ledger
        self.accounts: list[Any] = [ledger.root]
        self.holds: list[Any] = []

    def open(self, parent: int, limit: int | None, dollars: int | None, periodic: bool) -> None:
        periods = Periods("day", None, "UTC") if periodic and limit is not None else None
        outer = self.accounts[parent % len(self.accounts)]
        self.accounts.append(self.ledger.open_account("a", limit, outer, dollars, periods))

    def close(self, number: int) -> None:
        if number % len(self.accounts):
            self.ledger.close_account(self.accounts[number % len(self.accounts)])

    def reserve(self, number: int, prompt: int, wanted: int, kind: int, clamp: bool) -> Any:
        hold: Hold[Any] = Hold()
        hold.open = 0
        hold.account = self.accounts[number % len(self.accounts)]
        hold.request = Wish(SITES[kind % 2], wanted, FlatPrice(3) if kind == 9 else None, clamp)
        self.holds.append(hold)
        return self.ledger.reserve(hold, prompt, 1, 0.0) is hold

    def settle(self, number: int, input_tokens: int, output_tokens: int, stop_reason: str | None) -> Any:
        if self.holds:
            return self.ledger.settle(self._hold(number), Bill(input_tokens, output_tokens, stop_reason), 0)
        return None

    def void(self, number: int) -> Any:
        return self.ledger.void(self._hold(number)) if self.holds else None

    def mark_unknown(self, number: int) -> Any:
        return self.ledger.mark_unknown(self._hold(number)) if self.holds else None

    def send(self, number: int) -> None:
        if self.holds and self._hold(number).open:
            self._hold(number).open = SENT

    def lose(self, number: int) -> None:
        if self.holds:
            del self.holds[number % len(self.holds)]
            self.ledger.reclaim()

    def _hold(self, number: int) -> Any:
        return self.holds[number % len(self.holds)]

    def do(self, step: Any) -> str:
        """One step; what it gives, or its error."""
        try:
            return repr(getattr(self, step[0])(*step[1:]))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def books(self) -> Any:
        """All figures of accounts, holds and statistics."""
        accounts = [(_slots(each, FIGURES), list(each.answers or ())) for each in self.accounts[1:]]
        holds = [[getattr(each, name, None) for name in HOLD] for each in self.holds]
        counted = [(site.line, model, _slots(each, each.__slots__)) for site, model, each in self.ledger.entries()]
        return accounts, holds, counted, len(self.ledger.lost)


FIGURES = (
    *("committed_tokens", "spent_tokens", "overrun_tokens", "committed_picodollars", "spent_picodollars"),
    *("overrun_picodollars", "is_priced", "is_open", "ceiling"),
)
HOLD = ("open", "output", "tokens", "picodollars", "call")


def _slots(owner: Any, names: tuple[str, ...]) -> list[tuple[type, Any]]:
    return [(type(getattr(owner, name)), getattr(owner, name)) for name in names]


@settings(max_examples=400)
@given(st.lists(steps, max_size=40))
def test_every_history_ends_with_the_same_books(history: list[Any]) -> None:
    fast, python = History(MemoryLedger()), History(InPython())
    for step in [("open", 0, 10**9, None, False), ("open", 1, None, None, False), *history]:
        assert fast.do(step) == python.do(step)
        assert fast.books() == python.books()


def test_the_common_call_runs_no_python() -> None:
    history = History(MemoryLedger())
    for step in (("open", 0, 1000, None, False), ("open", 1, None, None, False)):
        history.do(step)
    history.reserve(2, 5, 5, 0, True)
    history.settle(0, 1, 1, None)  # the first one makes the statistics, and notes that there is no price
    called: list[str] = []
    ledger, hold = history.ledger, history.holds[0]
    bill = Bill(2, 3, "end_turn")
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
    try:
        ledger.reserve(hold, 5, 1, None)
        ledger.settle(hold, bill, 0)
    finally:
        sys.setprofile(None)
    assert called == []
    assert [history.accounts[i].spent for i in (1, 2)] == [7, 7]


def test_a_ledger_whose_lock_is_held_is_waited_for() -> None:
    history = History(MemoryLedger())
    history.do(("open", 0, 1000, None, False))
    history.ledger.lock.acquire()
    done = threading.Thread(target=history.reserve, args=(1, 5, 5, 0, True))
    done.start()
    done.join(0.1)
    assert history.accounts[1].held == 0
    history.ledger.lock.release()
    done.join()
    assert history.accounts[1].held == 10


def test_threads_lose_nothing() -> None:
    """Some of them with calls that Python books, under the lock."""
    ledger = MemoryLedger()
    outer = ledger.open_account("outer", 10**9, ledger.root)
    inner = ledger.open_account("inner", 10**9, outer)

    def work(number: int) -> None:
        for i in range(2000):
            hold: Hold[Any] = Hold()
            hold.account = inner
            hold.request = Wish(SITES[number % 2], 5, None, True)
            ledger.reserve(hold, 5, 1, None)
            if i % 7 == number % 7:
                ledger.void(hold)
            else:
                ledger.settle(hold, Bill(1, 2, "max_tokens" if i % 5 == 0 else None), 0)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    voided = sum(1 for number in range(8) for i in range(2000) if i % 7 == number % 7)
    assert [(each.spent, each.held) for each in (inner, outer)] == [(3 * (16_000 - voided), 0)] * 2
    counted = [each for _, _, each in ledger.entries()]
    assert sum(each.calls for each in counted) == 16_000 - voided
    assert sum(each.voided for each in counted) == voided
