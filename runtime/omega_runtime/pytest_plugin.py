"""Fixtures for pytest, in every project that has omegac installed: see `omega_runtime.testing`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from omega_runtime.ledger.account import Account
    from omega_runtime.testing import FakeClock, ScriptedModel


@pytest.fixture
def omega_model() -> Iterator[Callable[..., ScriptedModel]]:
    """`omega_model(replies)` makes a scripted model that of the test: a list, a table by prompt, or a function."""
    from omega_runtime.testing import scripted_model

    with ExitStack() as stack:
        yield lambda replies: stack.enter_context(scripted_model(replies))


@pytest.fixture
def omega_clock() -> Iterator[FakeClock]:
    """A clock that the test moves, for a ledger that is empty and the test's own."""
    from omega_runtime.testing import FakeClock, fresh_ledger

    clock = FakeClock()
    with fresh_ledger(clock):
        yield clock


@pytest.fixture
def omega_spends() -> Callable[..., AbstractContextManager[Account]]:
    """`with omega_spends(tokens=100, calls=2):` fails when what is inside spends more tokens, or makes other calls."""
    from omega_runtime.testing import spends

    return spends
