"""What a provider is asked."""

from __future__ import annotations

from omega_runtime.clock import SystemClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.models.prices import Price
    from omega_runtime.models.provider import Provider
    from omega_runtime.places import Site


class Request:
    """One request to a model, built by `omega_runtime.calls` at an effect site.

    `max_tokens` is the most output tokens to produce and `wanted` what the program asked for: the ledger may lower
    max_tokens to fit a budget when `clamp` is True. `stop` are the texts that end the answer. `price` is None when it
    is not known, and `attempt` counts from 1. `deadline`, from the second attempt on, is when on the `clock` the
    time for the whole call ends. `asked` is the model that the program named, if it did, `instead_of` the
    better one that this request's model stands in for. This class is for calls without
    options and without a price, which need no room for them; `DetailedRequest` has it.
    """

    __slots__ = ("max_tokens", "model", "prompt", "provider", "site", "wanted")

    max_tokens: int
    model: str
    prompt: str
    provider: Provider
    site: Site
    wanted: int

    asked: str | None = None
    attempt: int = 1
    clamp: bool = True
    clock: SystemClock = SystemClock()
    deadline: float | None = None
    instead_of: str | None = None
    price: Price | None = None
    stop: tuple[str, ...] = ()
    system: str | None = None


class DetailedRequest(Request):
    """A request with options, a price or more than one attempt."""

    __slots__ = ("asked", "attempt", "clamp", "clock", "deadline", "instead_of", "price", "stop", "system")

    asked: str | None
    attempt: int
    clamp: bool
    clock: SystemClock
    deadline: float | None
    instead_of: str | None
    price: Price | None
    stop: tuple[str, ...]
    system: str | None


def detailed(request: Request) -> DetailedRequest:
    """A copy that has room for everything; asks for as much output as the program wanted."""
    copy = DetailedRequest()
    copy.site = request.site
    copy.prompt = request.prompt
    copy.provider = request.provider
    copy.model = request.model
    copy.max_tokens = copy.wanted = request.wanted
    copy.asked = request.asked
    copy.attempt = request.attempt
    copy.clamp = request.clamp
    copy.clock = request.clock
    copy.deadline = request.deadline
    copy.instead_of = request.instead_of
    copy.price = request.price
    copy.stop = request.stop
    copy.system = request.system
    return copy
