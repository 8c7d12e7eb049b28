"""Calls that are left for the batch of their run: held at its prices, put into the batch, and answered later."""

from __future__ import annotations

import json

from omega_runtime.calls.call import Call
from omega_runtime.calls.context import current
from omega_runtime.calls.replay import call_key, call_path
from omega_runtime.calls.room import batch_of, is_deferred, reserve_room
from omega_runtime.ledger.errors import BudgetTimeout, Deferred
from omega_runtime.lib.registry import primitive
from omega_runtime.models.request import DetailedRequest, copied
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import Asking
    from omega_runtime.settings import Settings
    from omega_runtime.values import Procedure, Value


class BatchedRequest(DetailedRequest):
    """A request as it goes into a batch; `key` is what the journal knows it by as it was written."""

    __slots__ = ("key",)

    key: str


class BatchedCall(Call):
    """The hold of a call that goes into its run's batch, at the point where others are sent."""

    __slots__ = ()

    request: BatchedRequest

    def confirm(self) -> None:
        """Leave the call to the batch. Raises Deferred, and HoldEnded for a hold that has ended by itself."""
        batch = batch_of(self.account)
        assert batch is not None
        request = self.request
        what = request.provider.batched(request, self.output), request.prompt
        batch.put(self, what, request.key, call_path(request), _stated_prices(request.settings, request.model))
        if self.cache is not None:
            batch.keys.add(request.key)
            self.cache.give_up()
        raise Deferred


@primitive("%deferred", calls=(0,))
def deferred(thunk: Procedure) -> Value:
    """The value of `(thunk)`, whose calls go into the batch of its run. Raises OmegaError where a run can have none."""
    journal = getattr(current.get().account, "journal", None)
    if journal is None or (journal.batch is None and journal.open_batch is None):
        raise OmegaError(
            "deferred: its calls are answered later, and kept in a ledger file until then; run the program by omegac "
            "run --ledger FILE"
        )
    with journal.opening:
        if journal.batch is None:
            journal.batch = journal.open_batch()
    token = is_deferred.set(True)
    try:
        return thunk()
    finally:
        is_deferred.reset(token)


def held_for_batch(context: Context, request: Request, cache: Asking | None) -> Call:
    """A call with the worst case of its part in the batch held.

    Raises Deferred for one that is answered from the cache later, and OmegaError for what can't go into a batch, also
    when there is no room now: what is held for a batch is not free again while the program runs.
    """
    call = BatchedCall()
    call.account = context.account
    call.context = context
    call.request = _batched(request)
    call.cache = cache
    batch = batch_of(call.account)
    assert batch is not None
    if batch.provider is None:
        batch.provider = request.provider
    elif batch.provider != request.provider:
        raise OmegaError(
            f"{request.site.operation}: a batch goes to one provider, and this one to {batch.provider.identity}"
        )
    kind = request.provider.batch_of(request)
    if batch.kind is None:
        batch.kind = kind
    elif batch.kind != kind:
        raise OmegaError(
            f"{request.site.operation}: a batch of {request.provider.name} is for {batch.kind}, and this call for "
            f"{kind}; have them in two runs"
        )
    if cache is not None and call.request.key in batch.keys:
        raise Deferred  # once that is answered, the cache has the answer for this call as well
    try:
        reserve_room(call, request.settings, 0.0)
    except BudgetTimeout as error:
        raise OmegaError(
            f'{request.site.operation}: no room in the budget "{error.account}" beside the calls of the batch, which '
            f"are held until they are answered: the call needs up to {error.needed:,} tokens; give the budget more, "
            "or ask for less"
        ) from None
    return call


def _batched(request: Request) -> BatchedRequest:
    """The request at the price of batches and with one attempt. Raises OmegaError for what can't go into a batch."""
    if isinstance(request, BatchedRequest):
        return request
    operation = request.site.operation
    if not request.provider.takes_batches:
        raise OmegaError(f"{operation}: {request.provider.name} takes no batches; run the program without --batch")
    if request.embeds is not None:
        raise OmegaError(f"{operation}: embeddings do not go into a batch; run the program without --batch")
    if request.on_text is not None:
        raise OmegaError(f"{operation}: an answer from a batch does not come piece by piece; leave out on-text:")
    wanted = request.wanted // request.attempts
    provider, price = request.provider, request.price
    if price is not None:
        price = provider.batch_price(request.settings, price, request.model)
    batched = copied(request, BatchedRequest(), price=price, wanted=wanted, attempts=1)
    batched.key = call_key(request)
    return batched


def _stated_prices(settings: Settings, model: str) -> str:
    """What settings say of a model's price, so that the same holds when the answer is collected."""
    tables = {"prices": settings.prices, "least_prices": settings.least_prices}
    return json.dumps({name: {model: list(map(str, of[model]))} for name, of in tables.items() if model in of})
