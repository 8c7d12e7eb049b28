"""Watching a budget: usage of a task, what runs on its completion, and hooks at shares of a limit."""

from __future__ import annotations

from _thread import get_ident

from omega_runtime import forks
from omega_runtime.calls.context import Context, current
from omega_runtime.calls.report import report
from omega_runtime.control.completions import Completion, run_completions
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from, make_list, unlist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.ledger.account import Account
    from omega_runtime.savings.policy import Policy
    from omega_runtime.values import List, Procedure, Value

THRESHOLDS = (0.5, 0.8, 0.95)


@primitive("on-completion", row="state")
def on_completion(procedure: Procedure) -> None:
    """Have `(procedure)` called when the next `execute` has ended, on success and on error.

    Within a task it is called when that task has ended; without any task, at the end of the budget around, or of the
    program.
    """
    if not callable(procedure):
        raise wrong_type("on-completion", 1, "a procedure", procedure)
    context = current.get()
    context.policy.completions.append(Completion(procedure))
    if context.account.parent is None:
        import atexit

        atexit.unregister(complete_program)
        atexit.register(complete_program, context.policy)


@primitive("execute", calls=(0,))
def execute(task: Procedure) -> Value:
    """The value of `(task)`; then, in order, calls what was given to on-completion, also when the task failed.

    Each of them is called, whatever the others do; their first error leaves here when the task has none.
    """
    if not callable(task):
        raise wrong_type("execute", 1, "a procedure without arguments", task)
    policy = current.get().policy
    before = _taken(policy)
    try:
        value = task()
    except BaseException:
        run_completions(before + _taken(policy), quiet=True)
        raise
    run_completions(before + _taken(policy))
    return value


def _taken(policy: Policy | None) -> list[Completion]:
    """What this thread's on-completion left in the policy and those around it, outermost first; it's taken out."""
    if policy is None:
        return []
    mine = [each for each in policy.completions if each.thread == get_ident()]
    for each in mine:
        policy.completions.remove(each)
    return _taken(policy.parent) + mine


def complete_program(policy: Policy, quiet: bool = False) -> None:
    """Call what on-completion left outside of every budget; see `run_completions`."""
    left, policy.completions = policy.completions, []
    run_completions(left, quiet)


@primitive("monitor-budget-usage", calls=(0,), row="io")
def monitor_budget_usage(task: Procedure) -> Value:
    """The value of `(task)`; displays what it spent, how long it took, and the rate, also when it failed."""
    from omega_runtime.lib.ports import display, newline

    if not callable(task):
        raise wrong_type("monitor-budget-usage", 1, "a procedure without arguments", task)
    account = current.get().account
    clock = account.ledger.clock
    spent_before, start = _spent(account), clock.now()

    def report_usage() -> None:
        spent, seconds = _spent(account) - spent_before, round(clock.now() - start, 3)
        display(make_list("Budget used:", spent, "tokens in", seconds, "seconds"))
        newline()
        rate: Value = round(spent / seconds, 1) if seconds else "no measurable"
        display(make_list("Rate:", rate, "tokens/sec"))
        newline()

    on_completion(report_usage)
    return execute(task)


@primitive("on-threshold", row="state")
def on_threshold(procedure: Procedure, shares: Value = None) -> None:
    """From here to the end of the budget around: call `(procedure share account-name)` when spending crosses a share.

    Within a with-tracking or handle that stands inside of that budget, to the end of it.
    `shares` is a list of numbers from 0 to 1 (0.5 0.8 0.95); each fires once, after the call that crossed it,
    and with a limit per period once in each period.
    """
    if not callable(procedure):
        raise wrong_type("on-threshold", 1, "a procedure", procedure)
    wanted = list(THRESHOLDS) if shares is None else unlist(shares)
    if wanted is None or not all(type(each) in (int, float) and 0 < each <= 1 for each in wanted):
        raise wrong_type("on-threshold", 2, "a list of numbers from 0 to 1", shares)
    before = current.get()
    account = next((each for each in before.account.chain if each.is_limited), None)
    if account is None:
        raise OmegaError("on-threshold: there is no budget with a limit around")
    watch = _watcher(account, procedure, sorted(wanted))
    current.set(Context(before.account, (watch, *before.trackers), before.handlers, before.policy))


def _watcher(account: Account, procedure: Procedure, shares: list[float]) -> Callable[[int], None]:
    """A tracker that calls the procedure for each share of the account's limit that was newly crossed."""
    # How many shares have fired for the limit in its current period, by the period's end; None stands for all time.
    fired: dict[int | None, int] = {}
    lock = forks.fresh_lock()

    def next_crossed() -> float | None:
        with lock:
            spending = account.spending()
            for stop in fired.keys() - {stop for _, _, stop in spending}:
                del fired[stop]
            number = max(fired.values(), default=0)
            for spent, limit, stop in spending:
                if number < len(shares) and _share(spent, limit) >= shares[number]:
                    fired[stop] = number + 1
                    return shares[number]
            return None

    def watch(_: int) -> None:
        while (share := next_crossed()) is not None:
            procedure(share, account.name)

    return watch


def _spent(account: Account) -> int:
    """Tokens spent over all time as the program sees them: answers that a resumed run has yet to get don't count."""
    return account.all_time.spent_tokens - account.all_credit[0]


def _share(spent: int, limit: int) -> float:
    return spent / limit if limit else 1.0


def spent_share(account: Account) -> float:
    """How much of an account's limit is spent, from 0 to 1 (or more, after an overrun); of two limits the larger."""
    return max((_share(spent, limit) for spent, limit, _ in account.spending()), default=0.0)


@primitive("spending", row="state")
def spending() -> List:
    """What each model has cost, as a list of (model calls tokens), in order of their names."""
    models = report()["models"]
    return list_from([make_list(name, each["calls"], each["tokens"]) for name, each in models.items()])
