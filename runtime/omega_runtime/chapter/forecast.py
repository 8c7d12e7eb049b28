"""What a task will cost, going by what similar ones have cost."""

from __future__ import annotations

from functools import cache
from math import ceil, cos, exp, inf, log, pi, sin, sqrt, tan

from omega_runtime.chapter.history import describe, similar_tasks
from omega_runtime.lib.arguments import ABSENT, elements, is_number, number
from omega_runtime.lib.numbers import add, divide
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_range
from omega_runtime.values.symbols import Keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from omega_runtime.chapter.history import SimilarTask
    from omega_runtime.values import Value

QUANTILE = 0.9
SAFETY_MARGIN = 1.5

# How cost grows with size is read off the history from so many runs on, and when the largest is so many times
# the smallest; otherwise it is taken as proportional.
FEWEST_RUNS_FOR_GROWTH = 4
LEAST_RANGE_FOR_GROWTH = 2

# The standard deviation of the logarithm of costs that a single run says nothing about: usual is a factor of e.
ASSUMED_SPREAD = 1.0

# No budget is larger than 64 bits.
_MOST = 63 * log(2)


class Forecast:
    """`tokens` are not exceeded by a run of the task with the probability asked for; `mean` is its average cost.

    `runs` is how many runs of similar tasks this rests on, `basis` says so in words.
    """

    __slots__ = ("basis", "mean", "runs", "tokens")

    def __init__(self, tokens: int, mean: float, runs: int, basis: str) -> None:
        self.tokens = tokens
        self.mean = mean
        self.runs = runs
        self.basis = basis

    def __repr__(self) -> str:
        return f"<forecast of {self.tokens} tokens: {self.basis}>"


class Fit:
    """The logarithms of costs as a straight line over those of sizes, at one size.

    `center` is what is expected there and `deviation` the standard deviation of a new run around it, of `freedom`
    degrees (0: it was assumed). `slope` is None when cost was taken as proportional to size. `excess` is the mean of
    the runs' costs in relation to the line.
    """

    __slots__ = ("center", "deviation", "excess", "freedom", "slope")

    def __init__(self, points: Sequence[tuple[float, float]], at: float) -> None:
        n = len(points)
        sizes = [x for x, _ in points]
        mean_x = sum(sizes) / n
        mean_y = sum(y for _, y in points) / n
        is_growth_known = n >= FEWEST_RUNS_FOR_GROWTH and max(sizes) - min(sizes) >= log(LEAST_RANGE_FOR_GROWTH)
        square_x = sum((x - mean_x) ** 2 for x in sizes)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / square_x if is_growth_known else 1.0
        residuals = [y - mean_y - slope * (x - mean_x) for x, y in points]
        leverage = 1 / n + ((at - mean_x) ** 2 / square_x if is_growth_known else 0)
        self.slope = slope if is_growth_known else None
        self.center = mean_y + slope * (at - mean_x)
        self.freedom = n - 1 - is_growth_known
        variance = sum(r * r for r in residuals) / self.freedom if self.freedom else ASSUMED_SPREAD**2
        self.deviation = sqrt(variance * (1 + leverage))
        # Duan's smearing estimate: the mean of a skewed distribution is above the exponential of the mean logarithm.
        self.excess = sum(map(exp, residuals)) / n

    def bound(self, quantile: float) -> float:
        """The logarithm of the cost that a new run stays within with this probability."""
        if self.freedom:
            return self.center + t_quantile(quantile, self.freedom) * self.deviation
        from statistics import NormalDist

        return self.center + NormalDist().inv_cdf(quantile) * self.deviation


def forecast(task: Value, quantile: float = QUANTILE) -> Forecast:
    """What a task will cost: an upper bound that 9 of 10 runs stay within, or another quantile of them.

    Costs are taken as log-normal, their logarithm as a straight line over that of the task's size; the bound is that
    of the prediction interval, so that few or scattered runs make it wide. How cost grows with size is learnt from 4
    runs on whose sizes differ by a factor of 2; before, cost counts as proportional to size. A single run says nothing
    of the spread: a factor of e is assumed. Raises OmegaError when there is no history of such tasks, and when the runs
    are too few for the quantile.
    """
    if not is_number(quantile) or not 0 < quantile < 1:
        raise wrong_range("forecast", 2, "a quantile between 0 and 1, such as 0.9", quantile)
    description = describe("forecast", task)
    runs = _similar("forecast", description)
    # Sizes in relation to the one that was asked for, so that this is at 0.
    points = [(-_log(run.scale), log(max(1, run.task.tokens))) for run in runs]
    fit = Fit(points, 0.0)
    bound = fit.bound(quantile)
    if max(bound, fit.center) > _MOST:
        raise OmegaError(
            f"forecast: the history of such tasks ({_number(runs)}) is too short or scattered for {quantile} of them:",
            description,
        )
    # So that a bound like 1000.0000000000002 is not rounded up.
    tokens = ceil(exp(bound) * (1 - 1e-9))
    return Forecast(tokens, exp(fit.center) * fit.excess, len(runs), _basis(runs, fit))


@primitive("forecast", row="state")
def forecast_tokens(task: Value, option: Value = ABSENT, quantile: Value = ABSENT) -> int:
    """(forecast task quantile: 0.9): the tokens that 9 of 10 runs of the task stay within, going by its history."""
    if option is ABSENT:
        return forecast(task).tokens
    if option is not Keyword("quantile") or quantile is ABSENT:
        raise OmegaError("forecast: after the task there can only be quantile: and a number, but got", option)
    return forecast(task, quantile).tokens


@primitive("forecast-budget-needs", row="state")
def forecast_budget_needs(task: Value) -> int:
    """1.5 times what similar tasks have cost on average, scaled to this task's size, rounded up to an integer."""
    from fractions import Fraction

    runs = _similar("forecast-budget-needs", describe("forecast-budget-needs", task))
    average_cost = sum(run.task.tokens * run.scale for run in runs) / len(runs)
    return ceil(average_cost * Fraction(SAFETY_MARGIN))


@primitive("average")
def average(numbers: Value) -> int | float:
    """The mean of a list of numbers; of an empty list, an error."""
    items = elements("average", 1, numbers)
    if not items:
        raise OmegaError("average: there are no numbers; the list is empty")
    return divide(add(*items), len(items))


@primitive("standard-deviation")
def standard_deviation(numbers: Value) -> float:
    """The standard deviation of a sample (n - 1); +nan.0 of a single number, whose spread nobody knows."""
    from statistics import stdev

    items = [number("standard-deviation", 1, each) for each in elements("standard-deviation", 1, numbers)]
    if not items:
        raise OmegaError("standard-deviation: there are no numbers; the list is empty")
    if len(items) == 1 or any(each - each != 0 for each in items):
        return inf - inf
    try:
        return float(stdev(items))
    except OverflowError:
        raise OmegaError("standard-deviation: the result is too large for a real number") from None


@cache
def t_quantile(quantile: float, freedom: int) -> float:
    """The quantile of Student's t distribution, by bisection of its distribution function.

    That is the finite sum of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. From 1000
    degrees of freedom on it stays the same, which is a little to the safe side.
    """
    n = min(freedom, 1000)
    wanted = 2 * quantile - 1
    low, high = 0.0, pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _between(middle, n) < abs(wanted) else (low, middle)
    return sqrt(n) * tan(low) * (1 if wanted >= 0 else -1)


def _between(angle: float, freedom: int) -> float:
    """The probability of |t| < sqrt(freedom) * tan(angle)."""
    term = total = cos(angle) if freedom % 2 else 1.0
    for k in range(2 + freedom % 2, freedom - 1, 2):
        term *= cos(angle) ** 2 * (k - 1) / k
        total += term
    if freedom % 2 == 0:
        return sin(angle) * total
    return 2 / pi * (angle + (sin(angle) * total if freedom > 1 else 0))


def _similar(procedure: str, description: str) -> list[SimilarTask]:
    found = similar_tasks(description)
    if not found:
        raise OmegaError(
            f"{procedure}: there is no history of such tasks; run one within (with-task task thunk), in Python within "
            "omega_runtime.task(...), and keep it with --ledger FILE or configure(history=FILE):",
            description,
        )
    return found


def _basis(runs: list[SimilarTask], fit: Fit) -> str:
    if not fit.freedom:
        return f"{_number(runs)}; its spread is assumed, cost is taken as proportional to size"
    if fit.slope is None:
        return f"{_number(runs)}; cost is taken as proportional to size"
    return f"{_number(runs)}; cost grows as size to the power of {fit.slope:.2f}"


def _number(runs: list[SimilarTask]) -> str:
    return f"{len(runs)} run{'' if len(runs) == 1 else 's'}"


def _log(fraction: Fraction) -> float:
    return log(fraction.numerator) - log(fraction.denominator)
