"""No run of a random program spends more than its bounds say, nor makes fewer calls than it surely does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from omegac.analyse.cost import algebra
from omegac.analyse.cost.bounds import Bound
from tests.omegac.cost.programs import Generator, sizes_of
from tests.omegac.cost.running import Spent, spent
from tests.omegac.cost.test_bounds import bounds

FAST = 40
ALL = 3_000


def check(bound: Bound, sizes: Mapping[str, int], made: Spent, program: str) -> None:
    """Fail unless what was spent lies within a bound."""

    def at(formula: algebra.Formula) -> float:
        value = algebra.constant(algebra.value_at(formula, sizes))
        assert value is not None, f"{formula} has sizes that nobody knows\n{program}"
        return value

    assert made.calls <= at(bound.high.calls), f"{bound.high.calls}\n{program}"
    assert made.tokens <= at(bound.high.tokens), f"{bound.high.tokens}\n{program}"
    assert not made.has_ended or made.calls >= at(bound.low.calls), f"{bound.low.calls}\n{program}"


def check_program(seed: int) -> None:
    """Run a program and compare it with its bounds: those of the run, and those of f for any arguments."""
    generated = Generator(seed)
    program = generated.program + generated.call
    made = spent(program)
    found = bounds(program)
    check(found.run, {}, made, program)
    sizes = {key: size for name, value in generated.arguments.items() for key, size in sizes_of(value, name).items()}
    check(next(each for each in found.procedures if each.name == "f"), sizes, made, program)


@pytest.mark.parametrize("seed", range(FAST))
def test_runs_of_random_programs_keep_to_their_bounds(seed: int) -> None:
    check_program(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FAST, ALL, 74))
def test_runs_of_many_random_programs_keep_to_their_bounds(first: int) -> None:
    for seed in range(first, min(first + 74, ALL)):
        check_program(seed)
