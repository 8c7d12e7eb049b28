"""Seeded histories of whole worlds; with `OMEGA_SEED=17` in the environment, one of them alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.ledger import memory, periods
from omega_runtime.ledger.calendar import span
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.sqlite import queries
from omega_runtime.ledger.sqlite.ledger import FileLedger

from tests.support.auditor import FlatPrice
from tests.support.simulation import LEASE, World


def seeds(start: int, stop: int) -> list[int]:
    alone = os.environ.get("OMEGA_SEED")
    return list(range(start, stop)) if alone is None else [int(alone)]


def run_memory(seeds: range, has_periods: bool = False) -> None:
    for seed in seeds:
        World(seed, MemoryLedger, has_periods=has_periods).run()


def run_file(seed: int, path: Path, has_periods: bool = False) -> None:
    """Three processes share a ledger file."""
    World(seed, lambda clock: FileLedger(str(path), clock, lease=LEASE, keep=False), 3, 30, has_periods).run()
    ledger = FileLedger(str(path), keep=False)
    assert ledger.read(queries.audit) == []
    ledger.close()


@pytest.mark.parametrize("seed", seeds(0, 150))
def test_memory(seed: int) -> None:
    World(seed, MemoryLedger).run()


@pytest.mark.parametrize("seed", seeds(0, 25))
def test_file(seed: int, tmp_path: Path) -> None:
    run_file(seed, tmp_path / "ledger")


@pytest.mark.parametrize("seed", seeds(0, 150))
def test_periods_in_memory(seed: int) -> None:
    World(seed, MemoryLedger, has_periods=True).run()


@pytest.mark.parametrize("seed", seeds(0, 8))
def test_periods_on_files(seed: int, tmp_path: Path) -> None:
    run_file(seed, tmp_path / "ledger", has_periods=True)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 500))
def test_many_periods(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 500):
        World(seed, MemoryLedger, has_periods=True).run()
        if seed % 10 == 0:
            run_file(seed, tmp_path / f"ledger{seed}", has_periods=True)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 6000, 500))
def test_many_in_memory(first: int) -> None:
    run_memory(range(first, first + 500))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 2000, 100))
def test_many_on_files(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 100):
        run_file(seed, tmp_path / f"ledger{seed}")


def test_a_seed_gives_the_same_world_again() -> None:
    first, second = World(3, MemoryLedger), World(3, MemoryLedger)
    first.run()
    second.run()
    assert first.log == second.log
    assert len(first.log) > 40


def overtaking(account: Any, ticket: Any) -> bool:
    return False


def forgetful(hold: Any, actual: int, cost: int, book: Callable[..., None] = memory._book) -> None:
    book(hold, max(0, actual - 1), cost)


def deaf(self: Any) -> None:
    pass


def cheap(self: Any, input_tokens: int, output_tokens: int) -> int:
    return self.rates.fresh * input_tokens + self.rates.output * output_tokens


def backdated(account: Any, unit: str | None, timezone: str, now: float) -> Any:
    """Periods that go by the clock alone, also when it is put back."""
    stop = span(unit, timezone, now)[1] if unit else None
    period = account.latest_periods.get(unit)
    return period if stop is None or (period is not None and period.stop == stop) else periods.Period(stop)


# What a faulty ledger might do -> what the auditor says of it
FAULTS = {
    "lets calls overtake": ((memory, "is_queued_before", overtaking), "but the auditor says"),
    "books too little": ((memory, "_book", forgetful), "but the auditor has"),
    "wakes nobody": ((MemoryLedger, "_wake", deaf), "was not woken"),
    "holds too few dollars": ((FlatPrice, "worst", cheap), "AssertionError"),
}


@pytest.mark.parametrize(("fault", "complaint"), FAULTS.values(), ids=FAULTS)
def test_the_auditor_notices_a_faulty_ledger(
    fault: tuple[Any, str, Any], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*fault)
    with pytest.raises(AssertionError, match=rf"OMEGA_SEED=\d+.*{complaint}"):
        run_memory(range(60))


def test_the_auditor_notices_limits_that_are_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "_current", backdated)
    with pytest.raises(AssertionError, match=r"OMEGA_SEED=\d+"):
        run_memory(range(60), has_periods=True)
