"""The public helpers for tests."""

from __future__ import annotations

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer, reserve
from omega_runtime.calls.context import current_account
from omega_runtime.ledger.hold import Hold
from omega_runtime.models.choose import use_model
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, checkpoint, fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from benchmarks.ledger import Silent
from tests.support.ledgers import SITE


def test_scripted_models_by_list_table_and_function() -> None:
    with fresh_ledger():
        with scripted_model(["one", Reply("two", 1, 1)]) as model:
            assert [infer(SITE, "a"), infer(SITE, "b")] == ["one", "two"]
            assert model.prompts == ["a", "b"]
            with pytest.raises(OmegaError, match='no reply for call 3 "c"'):
                infer(SITE, "c")
        with scripted_model({"b": "two", "a": "one"}):
            assert [infer(SITE, "a"), infer(SITE, "b")] == ["one", "two"]
        with scripted_model(str.upper):
            assert infer(SITE, "a") == "A"


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(5)
    clock.advance(2)
    clock.sleep(1)
    assert (clock.now(), clock.sleeps) == (8, [1])


def test_a_fresh_ledger_is_left_again() -> None:
    before = current_account()
    with fresh_ledger() as ledger:
        assert current_account() is ledger.root is not before
    assert current_account() is before


def test_the_checkpoint_counts_calls_by_site() -> None:
    with fresh_ledger(), scripted_model(["one", "two"]), checkpoint() as calls:
        infer(SITE, "a")
        infer(SITE, "b")
    assert calls.sites == {"test.omega:1:2": 2}


def test_the_checkpoint_catches_a_provider_called_without_an_open_hold() -> None:
    with fresh_ledger(), use_model(str), checkpoint() as calls:
        hold = reserve(SITE, "a")
        assert isinstance(hold, Hold)
        provider = hold.request.provider
        assert isinstance(provider, FunctionProvider)
        with pytest.raises(AssertionError, match="without an open hold"):
            provider.complete(hold.request, 1)
    assert calls.count == 0
    assert provider.complete(hold.request, 1).text == "a"


def test_a_checkpoint_sees_calls_that_would_be_made_without_a_frame() -> None:
    with fresh_ledger(), configure(provider=Silent()), checkpoint() as calls, budget(tokens=1_000):
        assert [infer(SITE, "What?", max_tokens=10) for _ in range(3)] == ["", "", ""]
    assert calls.count == 3
