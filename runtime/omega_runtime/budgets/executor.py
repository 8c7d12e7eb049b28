"""A pool of threads that pay from the budgets of those who give them work."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


class Executor(ThreadPoolExecutor):
    """A `ThreadPoolExecutor` whose work runs in a copy of the context that submits it.

    So the budget, the trackers, the handlers and the switches of the place where `submit` or `map` is called hold for
    the work, too, and so do other context variables.
    """

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The future of `function(*args, **kwargs)`. Raises RuntimeError after `shutdown`."""
        return super().submit(partial(copy_context().run, function, *args, **kwargs))
