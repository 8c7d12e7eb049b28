"""Generated programs end in the same way whether they are compiled or interpreted."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support import generate_loops
from tests.support.agreement import check_agreement
from tests.support.generate import programs

# The generator draws much, and an example is worth the time it takes.
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(programs(depth=2))
def test_every_way_to_run_a_program_ends_alike(program: str) -> None:
    check_agreement(program)


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(programs(depth=3))
def test_also_of_larger_programs(program: str) -> None:
    check_agreement(program)


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(generate_loops.programs(depth=1))
def test_loops_end_alike(program: str) -> None:
    check_agreement(program)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
@given(generate_loops.programs(depth=2))
def test_many_loops(program: str) -> None:
    check_agreement(program)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
@given(programs(depth=3))
def test_many_programs(program: str) -> None:
    check_agreement(program)
