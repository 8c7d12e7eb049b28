"""Ctrl-C at every possible moment of a call leaves the ledger in balance."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from threading import Condition

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, fresh_ledger

from tests.support.interrupts import Interrupt
from tests.support.ledgers import SITE, Figures, eventually, hold

RUNTIME = ("omega_runtime.calls", "omega_runtime.ledger")


def interrupted_call(at: int) -> tuple[bool, int]:
    """One call in three nested budgets, interrupted at moment `at`; whether that came, and what was spent."""
    with fresh_ledger() as ledger, configure(provider=Figures(50, 50, Reply("ok", 20, 30)), max_tokens=100):
        interrupt = Interrupt(at, RUNTIME)
        with budget(tokens=1000) as outer, budget(tokens=900), budget(tokens=800) as inner:
            sys.settrace(interrupt)
            try:
                infer(SITE, "prompt")
            except KeyboardInterrupt:
                pass
            finally:
                sys.settrace(None)
        ledger.reclaim()
        assert outer.spent == inner.spent == ledger.root.spent
        assert outer.held == inner.held == ledger.root.held == 0
        assert not ledger.lock.locked()
        return interrupt.happened, outer.spent


def test_an_interrupt_at_any_moment_leaves_no_hold_and_no_half_booking() -> None:
    spent: set[int] = set()
    moments = 0
    for at in range(1, 500):
        happened, tokens = interrupted_call(at)
        if not happened:
            assert tokens == 50
            break
        moments += 1
        spent.add(tokens)
    # Nothing was sent, or it was and nobody knows the cost, or it was and was booked.
    assert spent == {0, 150, 50}
    assert moments > 20


def interrupted_wait(at: int) -> bool:
    """A call that waits for the end of another one, interrupted at moment `at`; whether that came."""

    class Clock(FakeClock):
        def wait(self, condition: Condition, seconds: float) -> None:
            condition.release()
            try:
                ledger.void(first)
            finally:
                condition.acquire()

    with fresh_ledger(Clock()) as ledger:
        account = ledger.open_account("a", 100, ledger.root)
        first = hold(account, 20, 60)
        interrupt = Interrupt(at, RUNTIME, skip=("void",))
        sys.settrace(interrupt)
        try:
            hold(account, 20, 60)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        assert (account.waiters, ledger.tickets) == ([], {})
        ledger.void(first)
        ledger.reclaim()
        assert account.held == 0
        return interrupt.happened


def test_an_interrupt_at_any_moment_of_a_wait_leaves_the_queue() -> None:
    moments = next(at for at in range(1, 500) if not interrupted_wait(at))
    assert moments > 20


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises, also where the tests were started with it ignored, as shells start what runs beside them."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals come to the main thread only")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_while_waiting_leaves_the_queue(interruptible: None) -> None:
    with fresh_ledger() as ledger:
        account = ledger.open_account("a", 100, ledger.root)
        first = hold(account, 20, 60)
        main = threading.get_ident()

        def interrupt() -> None:
            eventually(lambda: len(account.waiters) == 1)
            signal.pthread_kill(main, signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            hold(account, 20, 60)
        assert (account.waiters, ledger.tickets, account.held) == ([], {}, 80)
        ledger.void(first)
        assert account.held == 0
