"""Sharing a budget among tasks by priority, and running each of them within its share."""

from __future__ import annotations

from math import floor, inf, isfinite, isnan

from omega_runtime.budgets.limits import token_limit
from omega_runtime.budgets.scope import Scope
from omega_runtime.lib.arguments import callee, elements, is_number
from omega_runtime.lib.numbers import add
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import ArgumentError, OmegaError, wrong_type
from omega_runtime.values.pairs import list_from, make_list, unlist
from omega_runtime.values.printing import display_text, short_text
from omega_runtime.values.symbols import Keyword, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from fractions import Fraction
    from typing import TypeVar

    from omega_runtime.values import Procedure, Value

    K = TypeVar("K")
    R = TypeVar("R")
    from omega_runtime.values import List


def shares(total: int, weights: Sequence[int | float | Fraction]) -> list[int]:
    """`total` in whole parts proportional to the weights, by largest remainder; the parts' sum is `total` exactly.

    Every part is less than 1 away from its exact share, a part of weight 0 is 0, and of equal remainders the
    earlier is rounded up. Weights are finite and >= 0, not all of them 0; floats are taken as what they are exactly.
    """
    from fractions import Fraction
    from math import lcm

    exact = [Fraction(weight) for weight in weights]
    unit = lcm(*[weight.denominator for weight in exact])
    whole = [weight.numerator * (unit // weight.denominator) for weight in exact]
    parts, remainders = zip(*[divmod(total * weight, sum(whole)) for weight in whole], strict=True)
    result = list(parts)
    order = sorted(range(len(whole)), key=lambda i: -remainders[i])
    for i in order[: total - sum(result)]:
        result[i] += 1
    return result


def allocate_budget(total: float, tasks: Mapping[K, float]) -> dict[K, int | float]:
    """`total` tokens shared among tasks in proportion to their weights: `{"research": 3, "writing": 2}`.

    Whole numbers by largest remainder, whose sum is exactly `total`; of an infinite total every task with a weight
    above 0 gets infinity. Raises OmegaError for a total that is no integer >= 0, a weight that is no finite number
    >= 0, weights that are all 0, and a total above 0 without tasks.
    """
    _check_table("allocate_budget", tasks)
    return dict(zip(tasks, _amounts("allocate_budget", total, list(tasks), list(tasks.values())), strict=True))


def run_allocated(total: float, tasks: Mapping[K, float], worker: Callable[[K], R]) -> dict[K, R]:
    """`worker(task)` for each task in order, within its share of `total` and what the tasks before left of theirs.

    Gives the results by task. All of it is within one budget of `total`. An error of a worker, BudgetExceeded too,
    ends the run and leaves as it is. Raises OmegaError as `allocate_budget`.
    """
    _check_table("run_allocated", tasks)
    callee("run_allocated", 3, worker)
    return dict(zip(tasks, _run("run_allocated", total, list(tasks), list(tasks.values()), worker), strict=True))


def _check_table(procedure: str, tasks: Value) -> None:
    if not hasattr(tasks, "values"):
        raise wrong_type(procedure, 2, "a table from tasks to weights", tasks)


@primitive("allocate-budget")
def allocate_tasks(total: Value, tasks: Value) -> List:
    """The tokens shared among tasks like (research priority: 3), as a list of (research: tokens).

    Whole numbers in proportion to the priorities, by largest remainder; their sum is exactly the total. Of an
    infinite total every task with a priority above 0 gets +inf.0. Without tasks, () for a total of 0.
    """
    items = elements("allocate-budget", 2, tasks)
    names = [_name("allocate-budget", each) for each in items]
    amounts = _amounts("allocate-budget", total, names, [get_priority(each) for each in items])
    return list_from([make_list(_label(name), amount) for name, amount in zip(names, amounts, strict=True)])


@primitive("run-allocated", calls=(2,))
def run_allocated_tasks(total: Value, tasks: Value, worker: Procedure) -> List:
    """The list of `(worker task)` for each task in order, within its share and what the tasks before left of theirs.

    All of it is within one budget of the total. An error of a worker ends the run and leaves as it is.
    """
    items = elements("run-allocated", 2, tasks)
    weights = [get_priority(each) for each in items]
    return list_from(_run("run-allocated", total, items, weights, callee("run-allocated", 3, worker)))


@primitive("get-priority")
def get_priority(task: Value) -> int | float:
    """What stands after `priority:` in a task like (research priority: 3), a number >= 0; 1 where nothing does."""
    name = _name("get-priority", task)
    parts = unlist(task) or ()
    keyword = Keyword("priority")
    for i, part in enumerate(parts):
        if part is keyword and i:
            if i + 1 == len(parts):
                raise ArgumentError(f'get-priority: "priority:" of the task {short_text(name)} has no number behind it')
            return _checked_weight("get-priority", name, parts[i + 1])  # type: ignore[return-value]
    return 1


@primitive("sum")
def sum_(numbers: Value) -> int | float:
    """The sum of a list of numbers; 0 of an empty one."""
    return add(*elements("sum", 1, numbers))


def _name(procedure: str, task: Value) -> Value:
    """What a task is called: its first element, or the task itself when it is no list."""
    parts = unlist(task)
    if parts is None:
        return task
    if not parts:
        raise wrong_type(procedure, 1, "a task: a name, or a list that begins with one", task)
    return parts[0]


def _label(name: Value) -> Value:
    return Keyword(name.name) if isinstance(name, Symbol) else name


def _checked_weight(procedure: str, name: Value, weight: Value) -> int | float | Fraction:
    from fractions import Fraction

    if not (is_number(weight) or isinstance(weight, Fraction)) or not isfinite(weight) or weight < 0:
        text = f"{procedure}: the priority of the task {short_text(name)} must be a finite number >= 0, "
        raise ArgumentError(f"{text}but got {short_text(weight)}")
    return weight  # type: ignore[no-any-return]


def _amounts(procedure: str, total: Value, names: list[Value], weights: list[Value]) -> list[int] | list[int | float]:
    """The tokens of each task, after checking everything."""
    if not is_number(total) or isnan(total) or total < 0 or (total != inf and total != floor(total)):
        raise wrong_type(procedure, 1, "an integer >= 0", total)
    checked = [_checked_weight(procedure, name, weight) for name, weight in zip(names, weights, strict=True)]
    if not names:
        if total:
            raise OmegaError(f"{procedure}: there is no task to give tokens to:", total)
        return []
    if not any(checked):
        raise OmegaError(f"{procedure}: all priorities are 0, so that no task can get anything:", list_from(names))
    if total == inf:
        return [inf if weight else 0 for weight in checked]
    return shares(int(total), checked)


def _run(
    procedure: str, total: Value, tasks: list[Value], weights: list[Value], worker: Callable[[Value], R]
) -> list[R]:
    names = [_name(procedure, task) for task in tasks]
    amounts = _amounts(procedure, total, names, weights)
    results = []
    allowed: int | float = 0
    with Scope(token_limit(procedure, total), None, procedure) as whole:
        for task, name, amount in zip(tasks, names, amounts, strict=True):
            allowed += amount
            # Also what calls of earlier tasks still hold isn't there for this one.
            left = max(0, allowed - whole.figures.committed_tokens)
            with Scope(token_limit(procedure, left), None, display_text(name)):
                results.append(worker(task))
    return results
