"""`hold(...)`: what a call that a Python program makes itself may cost, held before it and settled after it."""

from __future__ import annotations

import sys

from omega_runtime import settings
from omega_runtime.calls.call import Call
from omega_runtime.calls.context import current
from omega_runtime.calls.elsewhere import check_budgeted, open_scopes, started_within
from omega_runtime.calls.room import reserve_room
from omega_runtime.clients.usage import reply_in
from omega_runtime.concurrent.loop import elsewhere
from omega_runtime.ledger.errors import HoldEnded, LedgerMisuse
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.models.pace import keep_pace, pace_of
from omega_runtime.models.prices import price_of, price_under
from omega_runtime.models.provider import NotBilled, Provider
from omega_runtime.models.request import DetailedRequest, Request, copied
from omega_runtime.models.server_tools import with_fees
from omega_runtime.places.callers import site_at
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from types import TracebackType

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.prices import Price
    from omega_runtime.models.reply import Reply
    from omega_runtime.places import Site
    from omega_runtime.values import Value

BILLERS = ("anthropic", "openai")


class Biller(Provider):
    """Who bills for calls that others send. `name` is genai-prices' name of it, `origin` its address where known."""

    __slots__ = ("biller", "name", "origin")
    is_priced = True
    runs_programs = False

    def __init__(self, name: str, origin: str = "") -> None:
        self.name = name
        self.biller = name if name in BILLERS else None
        self.origin = origin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Biller) and (other.name, other.origin) == (self.name, self.origin)

    def __hash__(self) -> int:
        return hash((self.name, self.origin))

    @property
    def most_factor(self) -> int | Decimal:
        """What inference in one region costs more."""
        if self.biller != "anthropic":
            return 1
        from omega_runtime.models.anthropic_usage import REGIONAL

        return REGIONAL

    def price(self, model: str) -> Price | None:
        """What it takes for the model; None when the price data does not know it."""
        return price_of(model, self.biller, self.most_factor)

    def embedding_price(self, model: str) -> Price | None:
        """What it takes for a call without output."""
        return price_of(model, self.biller, self.most_factor, has_output=False)

    def bound(self, request: Request) -> int:
        """What who asks has said."""
        assert isinstance(request, ClientRequest)
        return request.input_tokens

    def count(self, request: Request, clock: SystemClock) -> int | None:  # noqa: ARG002
        """What who asks can count."""
        assert isinstance(request, ClientRequest)
        return None if request.counted is None else request.counted()


class ClientRequest(DetailedRequest):
    """A request that somebody else sends: `input_tokens` bounds its input, `counted` gives a closer figure."""

    __slots__ = ("counted", "input_tokens")

    input_tokens: int
    counted: Callable[[], int | None] | None


class ClientCall:
    """A call whose worst case is held: send it with at most `max_tokens`, and `settle` what it cost.

    `tokens` are all that is held, for input and output.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def model(self) -> str:
        """The model that the call is for."""
        return self._call.request.model

    @property
    def max_tokens(self) -> int:
        """The output tokens that the call may ask for: what was wanted, or less where the budget has no more."""
        return self._call.output

    @property
    def tokens(self) -> int:
        """What is held."""
        return self._call.tokens

    @property
    def is_open(self) -> bool:
        """Whether it is neither settled nor voided."""
        return bool(self._call.open)

    def settle(self, usage: Value = None, *, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """Book what the call really cost, and release the rest; once only.

        `usage` is what the provider's answer says: the answer itself, its `usage`, or that as a dict; or give the
        counts. Raises OmegaError for what has no counts, and LedgerMisuse for a call that is settled.
        """
        book(self._call, reply_in(usage, input_tokens, output_tokens))

    def void(self) -> None:
        """Release all that is held, of a call that surely costs nothing."""
        self._call.account.ledger.void(self._call)

    def book_whole(self) -> None:
        """Book all that is held, of a call that may have cost that; nothing when it is settled or voided."""
        if self._call.open:
            self._call.account.ledger.mark_unknown(self._call)
            tell(self._call, self._call.tokens)


def book(call: Call, reply: Reply) -> None:
    """Book what an answer says that it cost, then tell the trackers, innermost first."""
    request = call.request
    pace = pace_of(request)
    if pace is not None:
        pace.give_back(call.tokens - reply.tokens)
    cost = 0 if request.price is None else request.price.of(reply)
    if call.account.ledger.settle(call, reply, cost) is CLOSED:
        raise LedgerMisuse("this call was settled before")
    tell(call, reply.tokens)


def tell(call: Call, tokens: int) -> None:
    """Tell the trackers around a call what it took."""
    for tracker in call.context.trackers:
        tracker(tokens)


def new_request(
    biller: Biller, site: Site, model: str, input_tokens: int, max_tokens: int, clamp: bool, searches: int = 0
) -> ClientRequest:
    """A request for room, with the fees of so many searches.

    Raises Unbounded where these aren't known, and OmegaError for a call outside every budget where that is not allowed.
    """
    active = settings.active
    if current.get().account.parent is None and (open_scopes or started_within):
        check_budgeted(site, active.unbudgeted)
    plain = Request()
    plain.settings, plain.site, plain.provider, plain.model = active, site, biller, model
    plain.prompt, plain.wanted, plain.schema = "", max_tokens, None
    price = price_under(active, biller, model, has_output=max_tokens > 0)
    if searches:
        price = with_fees(active, price, model, biller.biller, searches)
    request = copied(plain, ClientRequest(), asked=model, clamp=clamp, price=price)
    request.input_tokens, request.counted = input_tokens, None
    return request


def _call_for(request: ClientRequest) -> Call:
    call = Call()
    call.context = current.get()
    call.account = call.context.account
    call.request = request
    call.cache = None
    return call


def held(request: ClientRequest) -> Call:
    """A call with its worst case held, ready to be sent. Raises what `Ledger.reserve` raises."""
    while True:
        call = _call_for(request)
        reserve_room(call, request.settings, request.settings.max_wait)
        try:
            keep_pace(request, call.tokens, call.account.ledger.clock)
        except BaseException:
            call.account.ledger.void(call)  # interrupted, and nothing was sent
            raise
        if _is_confirmed(call):
            return call


async def held_async(request: ClientRequest) -> Call:
    """As `held`, without blocking the event loop."""
    import asyncio

    active = request.settings
    while True:
        call = _call_for(request)
        ledger = call.account.ledger
        await ledger.reserve_async(call, request.input_tokens, active.floor, active.max_wait, elsewhere)
        pace = pace_of(request)
        try:
            while pace is not None and (seconds := pace.admit(request, call.tokens, ledger.clock.now())) > 0:
                await asyncio.sleep(seconds)
        except BaseException:
            ledger.void(call)
            raise
        if _is_confirmed(call):
            return call


def _is_confirmed(call: Call) -> bool:
    """Mark the call as sent; False when its hold in a file has ended while this process was suspended."""
    try:
        if call.call:
            call.confirm()
    except HoldEnded:
        call.account.ledger.void(call)
        return False
    call.open = SENT
    return True


class hold:  # noqa: N801 - used as a function is
    """`with hold(model, input_tokens=…, max_tokens=…) as call:` around a call to a model that the code inside makes.

    `input_tokens` is a sure bound of all input that is billed, `max_tokens` the most output that is wanted; the budget
    may give less, `call.max_tokens`, unless `clamp` is False. Waits for room like any call. Leaving without
    `call.settle(…)` books all of it, as the call may have cost that; `NotBilled`, or `call.void()`, books nothing.
    Also for `async with`. `provider` is who bills, where the model's name doesn't say it. Raises BudgetExceeded when
    the call can no longer fit, BudgetTimeout, and OmegaError for impossible arguments.
    """

    def __init__(
        self, model: str, *, input_tokens: int, max_tokens: int, clamp: bool = True, provider: str | None = None
    ) -> None:
        for name, value, least in (("input_tokens", input_tokens, 0), ("max_tokens", max_tokens, 0)):
            if type(value) is not int or value < least:
                raise OmegaError(f"hold: {name} must be an integer from {least} on, but got {value!r}")
        if not isinstance(model, str) or not model:
            raise OmegaError(f"hold: model must be a model's name, but got {model!r}")
        biller = Biller(provider or _biller_of(model))
        self._request = new_request(biller, site_at(sys._getframe(1)), model, input_tokens, max_tokens, clamp)
        self._held: ClientCall | None = None

    def __enter__(self) -> ClientCall:
        self._check_new()
        self._held = ClientCall(held(self._request))
        return self._held

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end(error)

    async def __aenter__(self) -> ClientCall:
        self._check_new()
        self._held = ClientCall(await held_async(self._request))
        return self._held

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end(error)

    def _check_new(self) -> None:
        if self._held is not None:
            raise OmegaError("hold: a hold is for one call; make another with hold(…)")

    def _end(self, error: BaseException | None) -> None:
        assert self._held is not None
        if self._held.is_open and isinstance(error, NotBilled):
            self._held.void()
        self._held.book_whole()


def _biller_of(model: str) -> str:
    """Who sells a model of that name, by the price data; else nobody known."""
    return next((name for name in BILLERS if price_of(model, name) is not None), "model")
