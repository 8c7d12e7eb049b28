"""Seeded histories of whole worlds; `OMEGA_SEED=17 pytest tests/budgets/test_simulation.py` runs one of them alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from omega_runtime.ledger.file.ledger import FileLedger
from omega_runtime.ledger.memory import MemoryLedger
from simulation import LEASE, World


def seeds(start: int, stop: int) -> list[int]:
    alone = os.environ.get("OMEGA_SEED")
    return list(range(start, stop)) if alone is None else [int(alone)]


def run_file(seed: int, path: Path) -> None:
    World(seed, lambda clock: FileLedger(str(path / "ledger"), clock, lease=LEASE, keep=False), 3, 30).run()


@pytest.mark.parametrize("seed", seeds(0, 150))
def test_memory(seed: int) -> None:
    World(seed, MemoryLedger).run()


@pytest.mark.parametrize("seed", seeds(0, 25))
def test_file(seed: int, tmp_path: Path) -> None:
    run_file(seed, tmp_path)
