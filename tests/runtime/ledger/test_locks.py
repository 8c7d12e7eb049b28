"""A guard is its lock, for `with`."""

from __future__ import annotations

import threading

import pytest
from omega_runtime.ledger.locks import guard


def test_the_lock_is_held_within_and_free_afterwards() -> None:
    lock = threading.Lock()
    guarded = guard(lock)
    for _ in range(2):
        with guarded:
            assert lock.locked()
        assert not lock.locked()


def test_an_error_comes_out_and_leaves_the_lock_free() -> None:
    lock = threading.Lock()
    with pytest.raises(KeyboardInterrupt), guard(lock):
        raise KeyboardInterrupt
    assert not lock.locked()


def test_who_has_the_lock_keeps_others_out_of_the_guard() -> None:
    lock = threading.Lock()
    guarded, entered = guard(lock), threading.Event()

    def enter() -> None:
        with guarded:
            entered.set()

    with lock:
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(20)
    thread.join()


def test_each_lock_has_a_guard_of_its_own() -> None:
    first, second = threading.Lock(), threading.Lock()
    with guard(first), guard(second):
        assert first.locked()
        assert second.locked()
