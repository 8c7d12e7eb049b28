"""48.7: forecasts from the history: the chapter's safety margin, and bounds that so many runs stay within."""

from __future__ import annotations

import random
from math import exp, inf, log, nan
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.calls.context import current_account
from omega_runtime.chapter.forecast import Forecast, t_quantile
from omega_runtime.ledger.tasks import TaskRecord
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.chapter import FORECAST_BUDGET_NEEDS
from tests.support.omega import error_of, table, value_of


def record(*runs: tuple[int, int]) -> None:
    """Runs of one kind of task, as (size, tokens), into the history in use."""
    for size, tokens in runs:
        description = f"summarize {size} documents"
        current_account().ledger.record_task(TaskRecord(description, tokens, None, 1, 0.0, True, 0.0))


def forecast(size: int, quantile: float = 0.9) -> Forecast:
    return omega_runtime.forecast(f"summarize {size} documents", quantile)


@pytest.mark.parametrize("definition", ["", FORECAST_BUDGET_NEEDS])
@pytest.mark.parametrize(
    ("runs", "tokens"),
    [
        ([(100, 9000), (100, 11000), (100, 10000)], "15000"),
        ([(10, 900), (100, 11000), (1000, 100000)], "15000"),
        ([(100, 10000)], "15000"),
        ([(1, 0)], "0"),
    ],
)
def test_the_chapters_forecast(definition: str, runs: list[tuple[int, int]], tokens: str) -> None:
    with fresh_ledger():
        record(*runs)
        assert value_of(definition + "(forecast-budget-needs '(summarize 100 documents))") == tokens


def test_the_chapters_forecast_is_rounded_up() -> None:
    with fresh_ledger():
        record((3, 100), (3, 101))
        assert value_of("(forecast-budget-needs '(summarize 1 document))") == "51"


def test_a_task_that_was_run_can_be_forecast() -> None:
    program = """
    (with-task '(greet 2 people) (lambda () (effect infer.op "hello")))
    (forecast-budget-needs '(greet 10 people))
    """
    with fresh_ledger(), scripted_model(lambda prompt: omega_runtime.Reply("", 10, 6)):
        assert value_of(program) == "120"


@pytest.mark.parametrize("procedure", ["forecast", "forecast-budget-needs"])
def test_without_history_it_says_so(procedure: str) -> None:
    program = f"({procedure} '(summarize 100 documents))"
    with fresh_ledger():
        message = error_of(program)
        assert message.startswith(
            f"{procedure}: there is no history of such tasks; run one within (with-task task thunk)"
        )
        assert message.endswith('"summarize 100 documents"')
        assert value_of(f"(guard (e ((error-object? e) 'none)) {program})") == "none"
        with pytest.raises(OmegaError, match="there is no history of such tasks"):
            forecast(100)


def test_the_chapters_definition_without_history() -> None:
    with fresh_ledger():
        message = error_of(FORECAST_BUDGET_NEEDS + "(forecast-budget-needs '(summarize 100 documents))")
    assert message == "average: there are no numbers; the list is empty"


def test_runs_that_cost_the_same_leave_no_doubt() -> None:
    with fresh_ledger():
        record((10, 1000), (10, 1000), (10, 1000))
        found = forecast(20)
        assert (found.tokens, found.mean, found.runs) == (2000, pytest.approx(2000), 3)
        assert value_of("(forecast '(summarize 20 documents))") == "2000"
        assert value_of("(forecast '(summarize 20 documents) quantile: 0.99)") == "2000"
        assert repr(found) == "<forecast of 2000 tokens: 3 runs; cost is taken as proportional to size>"


def test_growth_is_learnt_from_the_history() -> None:
    with fresh_ledger():
        record(*[(size, 100 * size**2) for size in (10, 20, 30, 40)])
        found = forecast(100)
        assert (found.tokens, found.mean) == (1_000_000, pytest.approx(1_000_000))
        assert found.basis == "4 runs; cost grows as size to the power of 2.00"


@pytest.mark.parametrize("sizes", [(10, 20, 40), (10, 11, 12, 19)])
def test_too_few_runs_or_sizes_say_nothing_of_growth(sizes: tuple[int, ...]) -> None:
    with fresh_ledger():
        record(*[(size, 100 * size) for size in sizes])
        found = forecast(100)
        assert (found.tokens, found.basis) == (10_000, f"{len(sizes)} runs; cost is taken as proportional to size")


def test_the_mean_is_the_average_of_the_scaled_costs() -> None:
    with fresh_ledger():
        record((10, 500), (10, 1500), (20, 2000))
        assert forecast(10).mean == pytest.approx(1000)


def test_one_run_gives_a_wide_bound() -> None:
    with fresh_ledger():
        record((10, 1000))
        found = forecast(10)
        # The normal quantile times the square root of two, as the run scatters as much as the one to come.
        assert found.tokens == 6126 == int(1000 * exp(1.2815515655 * 2**0.5)) + 1
        assert found.basis == "1 run; its spread is assumed, cost is taken as proportional to size"
        assert forecast(10, 0.5).tokens == 1000


def test_costs_of_nothing() -> None:
    with fresh_ledger():
        record((1, 0), (1, 0))
        assert forecast(1).tokens == 1


def test_what_few_runs_cannot_tell() -> None:
    with fresh_ledger():
        record((1, 10), (1, 1000))
        with pytest.raises(OmegaError, match=r"\(2 runs\) is too short or scattered for 0.999"):
            forecast(1, 0.999)
        record((1, 20), (1, 500), (1, 200))
        assert forecast(1, 0.999).tokens > forecast(1, 0.99).tokens > forecast(1).tokens > 1000


@pytest.mark.parametrize("size", [10**15 - 1, 10**12])
def test_what_is_beyond_every_budget(size: int) -> None:
    with fresh_ledger():
        record(*[(each, 100 * each**4) for each in (10, 20, 30, 40)])
        for quantile in (0.1, 0.9):
            with pytest.raises(OmegaError, match="too short or scattered"):
                forecast(size, quantile)


@pytest.mark.parametrize("quantile", [0, 1, -0.5, 1.5, nan, inf, True, "0.9", None])
def test_impossible_quantiles(quantile: Any) -> None:
    with fresh_ledger():
        record((1, 10))
        with pytest.raises(OmegaError, match="must be a quantile between 0 and 1, such as 0.9"):
            forecast(1, quantile)


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (forecast "summarize it" 0.9)             ⇒ after the task there can only be quantile: and a number, but got 0.9
        (forecast "summarize it" quantile:)       ⇒ after the task there can only be quantile: and a number
        (forecast "summarize it" quartile: 0.9)   ⇒ after the task there can only be quantile: and a number
        (forecast "summarize it" quantile: 90)    ⇒ must be a quantile between 0 and 1, such as 0.9, but got 90
        (forecast 5)                              ⇒ forecast: argument 1 must be a task
        (average '())                             ⇒ average: there are no numbers; the list is empty
        (average 5)                               ⇒ average: argument 1 must be a list, but got 5
        (average '(a))                            ⇒ must be a number, but got a
        (standard-deviation '())                  ⇒ standard-deviation: there are no numbers; the list is empty
        (standard-deviation '(1 a))               ⇒ must be a number, but got a
        (standard-deviation (list (expt 10 400) 1))   ⇒ standard-deviation: the result is too large for a real number
        """
    ),
)
def test_errors(program: str, message: str) -> None:
    with fresh_ledger():
        assert message in error_of(program)


@pytest.mark.parametrize(
    ("program", "value"),
    table(
        """
        (average '(1 2 3))                           ⇒ 2
        (average '(1 2))                             ⇒ 1.5
        (average '(0.5))                             ⇒ 0.5
        (average (list (expt 10 400) (expt 10 400)))   ⇒ (* 1 (expt 10 400))
        (standard-deviation '(2 4 4 4 5 5 7 9))      ⇒ (sqrt (/ 32 7))
        (standard-deviation '(9000 11000 10000))     ⇒ 1000
        (standard-deviation '(3 3 3))                ⇒ 0
        (standard-deviation '(5))                    ⇒ +nan.0
        (standard-deviation '(1 +inf.0))             ⇒ +nan.0
        (standard-deviation '(100000000000000001 100000000000000003))   ⇒ (sqrt 2)
        """
    ),
)
def test_averages_and_deviations(program: str, value: str) -> None:
    assert value_of(program) == value_of(value)


def simulated(source: random.Random, sizes: list[int], slope: float, sigma: float) -> tuple[int, int]:
    size = source.choice(sizes)
    return size, round(exp(6 + slope * log(size) + source.gauss(0, sigma)))


SIZES = {"one size": [100], "close sizes": [50, 60, 80], "far sizes": [5, 10, 50, 100, 400]}


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("slope", "sigma"), [(1.0, 0.1), (1.0, 1.0), (0.6, 0.5), (1.4, 0.5)])
@pytest.mark.parametrize("runs", [5, 12, 50])
def test_the_bound_of_90_percent_covers_85_to_95_percent_of_new_runs(
    sizes: list[int], slope: float, sigma: float, runs: int
) -> None:
    source = random.Random(f"{sizes} {slope} {sigma} {runs}")
    repetitions, within = 500, 0
    for _ in range(repetitions):
        with fresh_ledger():
            record(*[simulated(source, sizes, slope, sigma) for _ in range(runs)])
            size, tokens = simulated(source, sizes, slope, sigma)
            within += tokens <= forecast(size).tokens
    assert 0.85 <= within / repetitions <= 0.95


@pytest.mark.parametrize("quantile", [0.5, 0.75, 0.99])
def test_other_quantiles_cover_as_many(quantile: float) -> None:
    source = random.Random(f"{quantile}")
    repetitions, within = 600, 0
    for _ in range(repetitions):
        with fresh_ledger():
            record(*[simulated(source, SIZES["far sizes"], 1.2, 0.6) for _ in range(8)])
            size, tokens = simulated(source, [7, 70, 700], 1.2, 0.6)
            within += tokens <= forecast(size, quantile).tokens
    assert within / repetitions == pytest.approx(quantile, abs=0.05)


@pytest.mark.parametrize(
    ("quantile", "freedom", "expected"),
    [
        (0.9, 1, 3.0777),
        (0.9, 2, 1.8856),
        (0.95, 5, 2.0150),
        (0.975, 10, 2.2281),
        (0.99, 30, 2.4573),
        (0.9995, 7, 5.4079),
        (0.9, 120, 1.2886),
        (0.9, 10**6, 1.2824),
        (0.5, 3, 0.0),
        (0.1, 4, -1.5332),
    ],
)
def test_quantiles_of_students_t_are_those_of_the_tables(quantile: float, freedom: int, expected: float) -> None:
    assert t_quantile(quantile, freedom) == pytest.approx(expected, abs=5.1e-5)


@given(st.floats(0.01, 0.98), st.integers(1, 60))
def test_quantiles_of_students_t_grow_with_the_probability(quantile: float, freedom: int) -> None:
    assert t_quantile(quantile, freedom) < t_quantile(quantile + 0.01, freedom)
    assert t_quantile(1 - quantile, freedom) == pytest.approx(-t_quantile(quantile, freedom))
