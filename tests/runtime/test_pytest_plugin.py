"""The fixtures that projects get: they are there without any import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omega_runtime
import pytest
from omega_runtime.models.reply import Reply
from omega_runtime.testing import FakeClock

from omegac.pipeline import compile_source
from omegac.source import Source


def ask(prompt: str) -> Any:
    """Ask as a program does."""
    names: dict[str, Any] = {}
    exec(compile_source(Source("ask.omega", f'(effect infer.op "{prompt}" max-tokens: 20)'), result=True).code(), names)
    return names["__result__"]


def test_a_model_is_scripted_for_one_test(omega_model: Callable[..., Any]) -> None:
    model = omega_model(["Yes."])
    assert (ask("Here?"), model.prompts) == ("Yes.", ["Here?"])


def test_what_is_spent_may_be_bounded(omega_model: Callable[..., Any], omega_spends: Callable[..., Any]) -> None:
    omega_model(lambda _: Reply("Yes.", 3, 4))
    with omega_spends(tokens=14, calls=2) as account:
        ask("Here?")
        ask("There?")
    assert account.spent == 14
    for bounds, said in (
        ({"tokens": 6}, "7 tokens were spent, and not at most 6"),
        ({"calls": 2}, "calls that were made: 1, and not 2"),
    ):
        with pytest.raises(AssertionError, match=said), omega_spends(**bounds):
            ask("Here?")


def test_the_clock_stands_still_until_the_test_moves_it(omega_clock: FakeClock) -> None:
    assert omega_runtime.current_account().ledger.clock is omega_clock
    before = omega_clock.now()
    omega_clock.advance(5)
    assert omega_clock.now() - before == 5
