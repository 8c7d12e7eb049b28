"""The runtime of programs compiled by omegac, and its interface for Python programs.

    with omega_runtime.budget(tokens=10_000) as account:
        ...
        print(account.spent, account.remaining)

Everything here is imported when it is first used, so that importing a compiled module stays cheap.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.budgets.asynchronous import ask_async, gather_async, run_async
    from omega_runtime.budgets.executor import Executor
    from omega_runtime.budgets.scope import budget
    from omega_runtime.calls.context import current_account
    from omega_runtime.calls.report import explain_budget, report
    from omega_runtime.calls.tracing import instrument, uninstrument
    from omega_runtime.chapter.allocation import allocate_budget, run_allocated
    from omega_runtime.chapter.forecast import forecast
    from omega_runtime.chapter.history import task
    from omega_runtime.clients.budgeted import budgeted
    from omega_runtime.clients.holding import hold
    from omega_runtime.clients.wrapping import wrap
    from omega_runtime.concurrent.maps import gather
    from omega_runtime.configuration import configure_from
    from omega_runtime.control.deep import deep
    from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerFileError
    from omega_runtime.models.answer import Answer, EmptyAnswer
    from omega_runtime.models.bounds import Unbounded
    from omega_runtime.models.choose import use_model
    from omega_runtime.models.parameters import ModelRequest
    from omega_runtime.models.parts import tool_call
    from omega_runtime.models.provider import ModelError, NotBilled
    from omega_runtime.models.reply import Reply
    from omega_runtime.remote.team import workers
    from omega_runtime.settings import configure
    from omega_runtime.values.errors import OmegaError

__all__ = [
    "Answer",
    "BudgetExceeded",
    "BudgetTimeout",
    "EmptyAnswer",
    "Executor",
    "LedgerFileError",
    "ModelError",
    "ModelRequest",
    "NotBilled",
    "OmegaError",
    "Reply",
    "Unbounded",
    "allocate_budget",
    "ask_async",
    "budget",
    "budgeted",
    "configure",
    "configure_from",
    "current_account",
    "deep",
    "explain_budget",
    "forecast",
    "gather",
    "gather_async",
    "hold",
    "instrument",
    "report",
    "run_allocated",
    "run_async",
    "task",
    "tool_call",
    "uninstrument",
    "use_model",
    "workers",
    "wrap",
]

_HOMES = {
    "Answer": "models.answer",
    "BudgetExceeded": "ledger.errors",
    "BudgetTimeout": "ledger.errors",
    "EmptyAnswer": "models.answer",
    "Executor": "budgets.executor",
    "LedgerFileError": "ledger.errors",
    "ModelError": "models.provider",
    "ModelRequest": "models.parameters",
    "NotBilled": "models.provider",
    "OmegaError": "values.errors",
    "Reply": "models.reply",
    "Unbounded": "models.bounds",
    "allocate_budget": "chapter.allocation",
    "ask_async": "budgets.asynchronous",
    "budget": "budgets.scope",
    "budgeted": "clients.budgeted",
    "configure": "settings",
    "configure_from": "configuration",
    "current_account": "calls.context",
    "deep": "control.deep",
    "explain_budget": "calls.report",
    "forecast": "chapter.forecast",
    "gather": "concurrent.maps",
    "gather_async": "budgets.asynchronous",
    "hold": "clients.holding",
    "instrument": "calls.tracing",
    "report": "calls.report",
    "run_allocated": "chapter.allocation",
    "run_async": "budgets.asynchronous",
    "task": "chapter.history",
    "tool_call": "models.parts",
    "uninstrument": "calls.tracing",
    "use_model": "models.choose",
    "workers": "remote.team",
    "wrap": "clients.wrapping",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'omega_runtime' has no attribute {name!r}")
    value = globals()[name] = getattr(__import__(f"omega_runtime.{_HOMES[name]}", fromlist=[name]), name)
    return value
