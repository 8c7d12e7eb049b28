"""A Python function as the model."""

from __future__ import annotations

from omega_runtime.budgets import settings
from omega_runtime.errors import OmegaError
from omega_runtime.models.provider import Failure, NotBilled, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.tokens import count_tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.models.prices import Price
    from omega_runtime.models.request import Request


class FunctionProvider(Provider):
    """Calls `function(prompt)`, which gives a string (counted with the tokenizer) or a `Reply`.

    What the function raises may have cost something, for all we know, unless it is `NotBilled`.
    """

    __slots__ = ("default_model", "function", "name")
    is_priced = True

    def __init__(self, function: Callable[[str], str | Reply]) -> None:
        self.function = function
        called = getattr(function, "__omega_name__", getattr(function, "__name__", type(function).__name__))
        self.name = f"model function {called}"
        self.default_model = str(called)

    @property
    def identity(self) -> str:
        """The function by its module and name, an object that can be called by its class."""
        named = self.function if hasattr(self.function, "__qualname__") else type(self.function)
        return f"function {getattr(named, '__module__', 'builtins')}.{named.__qualname__}"

    def price(self, model: str) -> Price | None:
        """The price of the model that the program or the user names; the function's own name has none."""
        from omega_runtime.models.prices import price_of

        active = settings.active
        is_own_name = model == self.default_model and model not in active.prices and model not in active.least_prices
        return None if is_own_name else price_of(model, None)

    def count(self, request: Request) -> int:
        """The prompt's tokens, and the system prompt's, as a provider would count them."""
        return count_tokens(request.prompt) + (count_tokens(request.system) if request.system else 0)

    def complete(self, request: Request) -> Reply:
        """Ask the function; raises OmegaError when it gives anything else than a string or a Reply."""
        answer = self.function(request.prompt)
        if isinstance(answer, Reply):
            return answer
        if isinstance(answer, str):
            return Reply(answer, self.count(request), count_tokens(answer), model=request.model)
        raise OmegaError(f"{self.name} must give a string or a Reply, but gave {type(answer).__name__}")

    def failure(self, error: Exception) -> Failure:
        """Only NotBilled says that nothing was billed."""
        if isinstance(error, NotBilled):
            return Failure(str(error), billed="no", transient=error.transient, retry_after=error.retry_after)
        return Failure(f"{self.name}: {type(error).__name__}: {error}")
