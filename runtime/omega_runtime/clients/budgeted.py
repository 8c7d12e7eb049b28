"""`@budgeted(...)`: each call of a function has a budget of its own."""

from __future__ import annotations

from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

from omega_runtime.budgets.scope import budget
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def budgeted(
    tokens: float | str | None = None,
    *,
    dollars: float | str | Decimal | None = None,
    name: str | None = None,
    on_low: str | None = None,
) -> Callable[[F], F]:
    """`@budgeted(dollars="$0.05")`: what each call of the function may cost, as by `with budget(...)` around it.

    The function may be a coroutine function. The options are those of `budget`; the name is the function's. Raises
    OmegaError for impossible limits, and for generator functions, whose code runs outside of the call.
    """
    if callable(tokens):
        raise OmegaError("budgeted: give it a limit, as in @budgeted(tokens=10_000)")
    budget(tokens, dollars=dollars, name=name, on_low=on_low)  # what is wrong with the limits is told at once

    def decorate(function: F) -> F:
        if isgeneratorfunction(function) or isasyncgenfunction(function):
            raise OmegaError("budgeted: a generator runs outside of its call; open a budget where it is used")
        called = name or getattr(function, "__name__", "budget")

        if iscoroutinefunction(function):

            @wraps(function)
            async def run_async(*arguments: Any, **keywords: Any) -> Any:
                async with budget(tokens, dollars=dollars, name=called, on_low=on_low):
                    return await function(*arguments, **keywords)

            return run_async  # type: ignore[return-value]

        @wraps(function)
        def run(*arguments: Any, **keywords: Any) -> Any:
            with budget(tokens, dollars=dollars, name=called, on_low=on_low):
                return function(*arguments, **keywords)

        return run  # type: ignore[return-value]

    return decorate
