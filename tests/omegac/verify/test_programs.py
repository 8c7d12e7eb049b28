"""Every pass leaves a program that the next one can rely on, and every effect of the source is in the Python once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from omegac.pipeline import verify
from omegac.source import Source
from omegac.verify.effects import effects
from tests.support import ROOT
from tests.support.corpus import CORPUS
from tests.support.generate import programs

FILES = sorted([*ROOT.glob("examples/*.omega"), *ROOT.glob("benchmarks/programs/*.omega")])
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@pytest.mark.parametrize("name", CORPUS)
def test_programs_with_a_catch(name: str) -> None:
    verify(Source("test.omega", CORPUS[name]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_and_benchmarks(path: Path) -> None:
    verify(Source(path.name, path.read_text(encoding="utf-8")))


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(programs(depth=2))
def test_generated_programs(program: str) -> None:
    verify(Source("test.omega", program))


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=CHECKS)
@given(programs(depth=3))
def test_many_generated_programs(program: str) -> None:
    verify(Source("test.omega", program))


DEAD = """
(define (f x)
  (if (= 1 2) (effect infer.op "never") (effect infer.op "always"))
  (lambda () (effect infer.op "nobody has this procedure"))
  (list (effect ask x (effect infer.op "operand")) (lambda () (effect infer.op "later"))))
"""


def test_only_code_that_cannot_run_loses_its_effects() -> None:
    found = verify(Source("test.omega", DEAD))
    dropped = effects(found["expand"]) - effects(found["weave"])
    assert dropped == {("infer.op", 3, 15): 1, ("infer.op", 4, 14): 1}
