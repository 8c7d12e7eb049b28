"""Room for a call: what it may cost at most is held, or its answer is there already."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime.calls.call import Call
from omega_runtime.control.positions import position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.sqlite.batches import Batch
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import Asking
    from omega_runtime.settings import Settings


def held_call(context: Context, request: Request, cache: Asking | None = None, call: Call | None = None) -> Call:
    """A call with its worst case held; one whose answer a resumed run has paid for holds nothing and has it.

    `call` is filled in, where one is given. Raises what `Ledger.reserve` raises, and what giving the answer again does.
    """
    account = context.account
    ledger = account.ledger
    if ledger.is_shared:
        from omega_runtime.calls.replay import replayed

        answered = replayed(context, request, cache)
        if answered is not None:
            return answered
        if batch_of(account) is not None:
            from omega_runtime.calls.deferring import held_for_batch

            return held_for_batch(context, request, cache)
    if call is None:
        call = Call()
    call.account = account
    call.context = context
    call.request = request
    call.cache = cache
    settings = request.settings
    if position.get() is None:
        ledger.reserve(call, request.provider.bound(request), settings.floor, settings.max_wait)
    else:
        reserve_room(call, settings, settings.max_wait)
    return call


is_deferred: ContextVar[bool] = ContextVar("omega_deferred", default=False)
"""Whether calls are left for the batch of their run that need not be."""


def batch_of(account: Account) -> Batch | None:
    """The batch into which calls of the account's run go here, if it has one."""
    journal = getattr(account, "journal", None)
    batch: Batch | None = None if journal is None else journal.batch
    return batch if batch is None or batch.takes_all or is_deferred.get() else None


def reserve_room(call: Call, settings: Settings, max_wait: float | None, bound: int | None = None) -> None:
    """Hold a call's worst case, in its turn among those of a concurrent map. Raises what `Ledger.reserve` raises.

    `bound` is that of its input, where it isn't that of its request.
    """
    account = call.account
    bound = call.request.provider.bound(call.request) if bound is None else bound
    here = position.get()
    if here is None or account.parent is None:
        account.ledger.reserve(call, bound, settings.floor, max_wait)
        return
    here.wait()
    account.ledger.reserve(call, bound, settings.floor, max_wait)
    here.pass_on()
