"""Ctrl-C at every possible moment of a call leaves the ledger in balance."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from threading import Condition
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.context import current
from omega_runtime.calls.elsewhere import open_scopes
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, fresh_ledger

from tests.support.interrupts import Interrupt
from tests.support.ledgers import SITE, Figures, eventually, hold
from tests.support.omega import compiled

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


@pytest.fixture
def collected() -> Iterator[None]:
    """Budgets that an interrupt has left to nobody are there until they are collected."""
    yield
    gc.collect()
    assert not open_scopes


SCOPES = ("omega_runtime.budgets", "omega_runtime.calls", "omega_runtime.control", "omega_runtime.chapter")


def interrupted(run: Callable[[Interrupt], object], at: int) -> bool:
    """What traces itself from some point on, interrupted at moment `at`; whether that came."""
    before, came = current.get(), False
    interrupt = Interrupt(at, SCOPES, skip=("_tell", "_forget"))
    try:
        run(interrupt)
    except KeyboardInterrupt:
        came = True
    finally:
        sys.settrace(None)
    assert current.get() is before
    assert came == interrupt.happened
    return came


def open_and_close_budgets(interrupt: Interrupt) -> None:
    with budget(tokens=1000):
        sys.settrace(interrupt)
        for _ in range(2):
            with budget(tokens=900), budget(tokens=800):
                pass
        sys.settrace(None)


@pytest.mark.usefixtures("collected")
def test_an_interrupt_at_any_moment_of_opening_and_closing_budgets_comes_out() -> None:
    with fresh_ledger():
        moments = next(at for at in range(1, 2000) if not interrupted(open_and_close_budgets, at))
    assert moments > 40


STEPS = """
(define p (make-parameter 1))
(define (ask) (effect ask))
(define (f)
  (handle (with-budget 1000 (lambda () (parameterize ((p 2)) (amb-collect (+ (amb 1 2) (ask))))))
    (ask (k) (+ (k 1) (k 2)))))
(define (g) (amb-collect (+ (amb 1 2) (with-budget 900 (lambda () (amb 3 4))))))
(define (run) (list (g) (guard (e (#t 'swallowed)) (handle (list (g) (ask)) (ask (k) (list (k 1) (k 2))))) (p)))
"""


@pytest.mark.usefixtures("collected")
def test_an_interrupt_at_any_moment_of_code_in_steps_comes_out() -> None:
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled(STEPS).code(), names)

    def steps(interrupt: Interrupt) -> None:
        sys.settrace(interrupt)
        names["run"]()

    with fresh_ledger(), budget(tokens=10_000):
        names["run"]()
        moments = next(at for at in range(1, 5000) if not interrupted(steps, at))
    assert moments > 200
