"""The benchmarks measure programs that do the same, and say so when they don't."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner
from omega_runtime.control.deep import deep

import benchmarks.__main__ as main
from benchmarks.contenders import contenders, silent_model
from benchmarks.programs import PROGRAMS


@pytest.fixture(autouse=True)
def python_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs in Python have names that files of Omega have, too, and another test may have installed the finder."""
    # By its name, as to import its module installs it.
    monkeypatch.setattr(sys, "meta_path", [each for each in sys.meta_path if type(each).__name__ != "OmegaFinder"])
    for name in [each for each in sys.modules if each.startswith("benchmarks.programs.")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_all_ways_to_run_a_program_give_the_same(name: str) -> None:
    size = min(PROGRAMS[name][1], 100)
    with silent_model():
        results = {way: deep(run, size) for way, run in contenders(name).items()}
    assert {"Python", "compiled", "Hy", "interpreter"} == results.keys() - {"literal"}
    assert len(set(results.values())) == 1, results


@pytest.mark.slow
def test_one_program_is_compared_on_request() -> None:
    result = CliRunner().invoke(main.command, ["queens", "--rounds", "2"])
    assert result.exit_code == 0, result.output
    for row in ("queens", "woven effect, three budgets", "a module with effects"):
        assert row in result.output


def test_different_results_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "contenders", lambda name: {"Python": lambda size: 1, "compiled": lambda size: 2})
    result = CliRunner().invoke(main.command, ["queens", "--rounds", "2"])
    assert result.exit_code == 1
    assert "queens: the results differ: {'Python': 1, 'compiled': 2}" in result.output
