"""48.6: modes that follow the budget by themselves, when the user wants it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from omega_runtime.calls import infer
from omega_runtime.chapter import emergency
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.command import omegac
from tests.support.ledgers import SITE
from tests.support.omega import value_of
from tests.support.recorder import Recorder


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


@pytest.fixture
def model() -> Iterator[Recorder]:
    """Answers all calls; there is plenty of budget around."""
    recorder = Recorder()
    with configure(provider=recorder, model=None), omega_runtime.budget(tokens=1_000_000):
        yield recorder


def ask(prompt: Any, **options: Any) -> str:
    return str(infer(SITE, prompt, **options))


def mode() -> str:
    return str(emergency.current_mode())


def spend_until(account: Any, share: float) -> None:
    """Calls of 10 tokens, each with a prompt of its own, until no more than a share of the limit is left."""
    while account.limit - account.spent > share * account.limit:
        ask(f"question {account.spent}", max_tokens=4)


def test_modes_follow_the_share_that_is_left(model: Recorder) -> None:
    modes: list[tuple[int, str]] = []
    with omega_runtime.budget(tokens=1000, on_low="degrade") as account:
        for left in range(100, 0, -1):
            spend_until(account, left / 100)
            modes.append((left, mode()))
    assert [shown for left, shown in modes if left >= 20] == ["()"] * 81
    assert {shown for left, shown in modes if 5 <= left < 20} == {"(caching medium)"}
    assert {shown for left, shown in modes if left < 5} == {"(aggressive-caching minimal-prompts low)"}
    with omega_runtime.budget(tokens=1000):
        assert mode() == "()", "off by default"


def test_what_degrading_does_to_calls(model: Recorder) -> None:
    with omega_runtime.budget(tokens=100_000, on_low="degrade") as account:
        ask("plenty", model="gpt-4")
        account.figures.spent_tokens += 85_000  # type: ignore[misc]
        account.figures.committed_tokens += 85_000  # type: ignore[misc]
        assert [ask("warning", model="gpt-4"), ask("warning", model="gpt-4")] == ["answer 2", "answer 2"]
        account.figures.spent_tokens += 12_000  # type: ignore[misc]
        account.figures.committed_tokens += 12_000  # type: ignore[misc]
        assert [ask("critical", model="gpt-4"), ask("Critical!", model="gpt-4")] == ["answer 3", "answer 3"]
    assert model.models == ["gpt-4", "claude-sonnet-5-5", "claude-haiku-5-5"]
    assert model.rooms == [1024, 1024, 256]


def test_the_smallest_share_of_all_budgets_around_counts_and_others_are_as_before(model: Recorder) -> None:
    with omega_runtime.budget(tokens=1000, on_low="degrade") as outer:
        with omega_runtime.budget(tokens=100) as inner:
            spend_until(inner, 0.1)
            assert mode() == "(caching medium)", "inherited, and the inner budget is low"
        assert mode() == "()"
        spend_until(outer, 0.1)
        with omega_runtime.budget(tokens=50):
            assert mode() == "(caching medium)", "the outer budget is low"


def test_a_budget_in_dollars_degrades_too() -> None:
    calls = scripted_model(lambda prompt: Reply("x", 100_000, 0))
    with configure(prices={"m": ("1", "1")}), calls, omega_runtime.budget(dollars=1, on_low="degrade"):
        shown = []
        for n in range(9):
            ask(f"question {n}", model="m", max_tokens=10)
            shown.append(mode())
    assert shown == ["()"] * 8 + ["(caching medium)"]


def test_what_the_program_switched_on_stays_on(model: Recorder) -> None:
    with omega_runtime.budget(tokens=1000, on_low="degrade") as account:
        emergency.enable_aggressive_caching()
        emergency.reduce_quality_to_low()
        assert [ask("Why?"), ask("why")] == ["answer 1", "answer 1"]
        assert mode() == "(aggressive-caching low)"
        spend_until(account, 0.1)
        assert mode() == "(aggressive-caching low)", "not better, and not less cached"
        emergency.standard_mode()
        assert mode() == "(caching medium)", "the program's own switches are off; the user's policy stays"


def test_degrading_from_omega_lasts_as_long_as_the_budget(model: Recorder) -> None:
    program = """
    (define modes '())
    (define (note) (set! modes (cons (current-mode) modes)))
    (with-budget 100
      (lambda ()
        (degrade-when-low!)
        (note)
        (for-each (lambda (q) (effect infer.op q max-tokens: 4)) '("a" "b" "c" "d" "e" "f" "g" "h" "i"))
        (note)))
    (note)
    (reverse modes)"""
    assert value_of(program) == "(() (caching medium) ())"


def test_without_a_limit_there_is_nothing_to_run_low() -> None:
    with omega_runtime.budget(on_low="degrade"), scripted_model(["x"]):
        ask("Why?")
        assert mode() == "()"


@pytest.mark.parametrize("value", ["stop", True, ""])
def test_impossible_policies(value: Any) -> None:
    with pytest.raises(OmegaError, match='on_low must be "degrade" or None'):
        omega_runtime.budget(tokens=5, on_low=value)


# From the command line

PROGRAM = """
(define text "The tide tables were wrong for years. A clerk had copied a column.")
(define (ask) (effect infer.op (list "Title: " text) max-tokens: 20))
(for-each (lambda (i) (ask)) (iota 60))
(display (current-mode))
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "p.omega").write_text(PROGRAM)
    return omegac("run", "p.omega", "--model", "offline", "--budget", "1000", *options, cwd=folder)


def test_on_low_degrade_lets_a_run_go_on(tmp_path: Path) -> None:
    stopped = run(tmp_path)
    assert stopped.returncode == 3
    went_on = run(tmp_path, "--on-low", "degrade", "--report")
    assert (went_on.returncode, went_on.stdout) == (0, "(caching medium)")
    assert "got an answer from the cache, for nothing" in went_on.stderr
