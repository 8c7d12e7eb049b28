"""Seeded histories of whole worlds, as of the other ledgers; with `OMEGA_SEED=17` in the environment, one alone."""

from __future__ import annotations

import os

import pytest

from tests.support.servers import Server, SteeredLedger, audit
from tests.support.simulation import LEASE, World


def seeds(start: int, stop: int) -> list[int]:
    alone = os.environ.get("OMEGA_SEED")
    return list(range(start, stop)) if alone is None else [int(alone)]


def run(server: Server, seed: int, has_periods: bool) -> None:
    """Three processes share the books of a server."""
    url = server.books(is_steered=True)
    World(
        seed,
        lambda clock: SteeredLedger(url, clock, LEASE),
        processes=3,
        calls=30,
        has_periods=has_periods,
        has_process_leases=True,
    ).run()
    assert audit(url) == []


@pytest.mark.parametrize("seed", seeds(0, 15))
def test_processes(server: Server, seed: int) -> None:
    run(server, seed, has_periods=False)


@pytest.mark.parametrize("seed", seeds(0, 8))
def test_periods(server: Server, seed: int) -> None:
    run(server, seed, has_periods=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(1000, 1200))
def test_many(server: Server, seed: int) -> None:
    run(server, seed, has_periods=seed % 4 == 0)
