"""The budget procedures of Omega programs."""

from __future__ import annotations

from math import inf

from omega_runtime.budgets.scope import Scope, parse_limits
from omega_runtime.calls.context import Context, current
from omega_runtime.calls.report import explain_budget as explanations
from omega_runtime.ledger.explanations import text_of
from omega_runtime.lib.registry import primitive
from omega_runtime.models.answer import Answer
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from omega_runtime.ledger.report_types import DecisionLine
    from omega_runtime.values import List, Procedure, Value


@primitive("with-budget", calls=(1,))
def with_budget(limit: Value, thunk: Procedure) -> Value:
    """Run `(thunk)` so that its calls to models cost no more than so many tokens, or dollars as "$0.50".

    Or so many in each period, as "10000/hour" or "$5/day": minute, hour, day, week, month or year.

    Gives the thunk's value.
    """
    tokens, dollars, periods = parse_limits("with-budget", limit)
    if not callable(thunk):
        raise wrong_type("with-budget", 2, "a procedure", thunk)
    with Scope(tokens, dollars, "with-budget", periods=periods):
        return thunk()


@primitive("with-tracking", calls=(0, 1))
def with_tracking(tracker: Procedure, thunk: Procedure) -> Value:
    """Run `(thunk)`; after each of its calls to models call `(tracker tokens)`. Gives the thunk's value."""
    for position, procedure in enumerate((tracker, thunk), 1):
        if not callable(procedure):
            raise wrong_type("with-tracking", position, "a procedure", procedure)
    before = current.get()
    current.set(Context(before.account, (tracker, *before.trackers), before.handlers, before.policy))
    try:
        return thunk()
    finally:
        current.set(before)


@primitive("get-budget", "remaining-budget", row="state")
def get_budget() -> int | float:
    """Tokens that could still be spent here: the least remainder of the budgets around; +inf outside any."""
    return current.get().account.outlook


@primitive("explain-budget", row="state")
def explain_budget() -> List:
    """Why calls of this run waited, got less than they asked for or were refused, oldest first; the last 1,000.

    Each is an association list with kind (wait, clamp or refusal), site, procedure, account, unit (tokens or dollars),
    needed, left, limit, granted, seconds, and text, which says all that in words.
    """
    return list_from([_as_alist(each) for each in explanations()])


def _as_alist(line: DecisionLine) -> List:
    entries: dict[str, Value] = {
        "kind": Symbol(line["kind"]),
        "site": f"{line['file']}:{line['line']}",
        "procedure": line["procedure"],
        "account": line["account"],
        "unit": Symbol(line["unit"]),
        **{name: _number(line[name]) for name in ("needed", "left", "limit", "granted")},
        "seconds": line["seconds"],
        "text": text_of(line),
    }
    return list_from([Pair(Symbol(name), value) for name, value in entries.items()])


def _number(amount: int | Decimal) -> int | float:
    return amount if isinstance(amount, int) else float(amount)


@primitive("get-dollar-budget", row="state")
def get_dollar_budget() -> float:
    """US dollars that could still be spent here: the least remainder of the budgets around; +inf without any."""
    left = current.get().account.dollars.outlook
    return inf if left is None else float(left)


@primitive("partial-results")
def partial_results(error: Value) -> List:
    """The answers that were paid for before an error left a budget, as a list; empty for anything else."""
    partial = getattr(error, "partial", ())
    return list_from(partial if isinstance(error, BaseException) and isinstance(partial, tuple) else ())


@primitive("answer-truncated?")
def is_answer_truncated(text: Value) -> bool:
    """Whether a string is a model's answer that was cut, by max-tokens or by the length that the model can handle."""
    return isinstance(text, Answer) and text.is_truncated


@primitive("answer-stop-reason")
def answer_stop_reason(text: Value) -> Symbol | bool:
    """Why a model's answer did not end by itself, as a symbol such as max_tokens; #f for any other string."""
    return Symbol(text.stop_reason) if isinstance(text, Answer) else False
