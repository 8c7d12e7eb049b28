"""A Python function as the model."""

from __future__ import annotations

from omega_runtime.models.parameters import SYSTEM_END, Parameters
from omega_runtime.models.parts import IMAGE, texts_in
from omega_runtime.models.provider import Failure, NotBilled, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.tokens import count_tokens
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.parts import Part
    from omega_runtime.models.prices import Price
    from omega_runtime.models.request import Request


# Tokens.
PICTURE_MOST = 50_000


class FunctionProvider(Provider):
    """Calls a function, which gives a string (counted with the tokenizer) or a `Reply`.

    It is given the prompt, and what its parameters are called: see `Parameters`. A system prompt that it doesn't take
    stands in front of the prompt; where it doesn't take stop texts, its answer ends at the first of them. What the
    function raises may have cost something, for all we know, unless it is `NotBilled`.
    """

    __slots__ = ("_identity", "default_model", "function", "name", "parameters", "system_overhead")
    is_priced = True
    takes_tools = True

    def __init__(self, function: Callable[..., str | Reply]) -> None:
        self.function = function
        self._identity: str | None = None
        self.parameters = Parameters(function)
        self.system_overhead = 0 if self.parameters.takes_system else len(SYSTEM_END)
        called = getattr(function, "__omega_name__", getattr(function, "__name__", type(function).__name__))
        self.name = f"model function {called}"
        self.default_model = str(called)

    @property
    def identity(self) -> str:
        """Which function it is, as it was when its answers were first asked for; see `identity_of`."""
        if self._identity is None:
            from omega_runtime.models.identity import identity_of

            self._identity = f"function {identity_of(self.function)}"
        return self._identity

    def bound(self, request: Request) -> int:
        """A sure bound; raises OmegaError for a request of which the function can't be told all."""
        if request.messages or request.sampling:
            self.parameters.check(request, self.name)
        return super().bound(request)

    def attachment_bound(self, part: Part) -> int:
        """What the dearest known model takes for a picture; nothing bounds what documents take."""
        return PICTURE_MOST if part.kind == IMAGE else super().attachment_bound(part)

    def price(self, model: str) -> Price | None:
        """The price of the model that the program or the user names; the function's own name has none."""
        from omega_runtime.models.prices import price_of

        return None if model == self.default_model else price_of(model, None)

    def count(self, request: Request, clock: SystemClock | None = None) -> int:  # noqa: ARG002
        """The prompt's tokens, and the system prompt's, as a provider would count them."""
        if request.messages:
            said = [text for _, content in request.messages for text in texts_in(content)]
            texts = [*said, request.system or "", *(text for tool in request.tools for text in tool)]
        elif request.system is None or self.parameters.takes_system:
            texts = [request.prompt, request.system or ""]
        else:
            texts = [self.parameters.prompt_of(request.system, request.prompt)]
        return sum(count_tokens(text) for text in texts if text)

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:  # noqa: ARG002
        """Ask the function; raises OmegaError when it gives anything else than a string or a Reply."""
        parameters = self.parameters
        if parameters.is_plain and request.system is None and not request.stop and not request.messages:
            answer = self.function(request.prompt)
        else:
            answer = parameters.call(self.function, request, max_tokens)
        if isinstance(answer, str):
            answer = Reply(answer, self.count(request), count_tokens(answer), model=request.model)
        elif not isinstance(answer, Reply):
            raise OmegaError(f"{self.name} must give a string or a Reply, but gave {type(answer).__name__}")
        return _ended(answer, request.stop) if request.stop and not parameters.takes_stop else answer

    def failure(self, error: Exception) -> Failure:
        """Only NotBilled says that nothing was billed."""
        if isinstance(error, NotBilled):
            return Failure(str(error), billed="no", transient=error.transient, retry_after=error.retry_after)
        return Failure(f"{self.name}: {type(error).__name__}: {error}")


def _ended(reply: Reply, stop: tuple[str, ...]) -> Reply:
    """The reply up to the first stop text in it; what was produced behind that stays counted."""
    ends = [end for end in (reply.text.find(each) for each in stop) if end >= 0]
    if not ends:
        return reply
    from copy import copy

    ended = copy(reply)
    ended.text = reply.text[: min(ends)]
    ended.stop_reason = "stop_sequence"
    return ended
