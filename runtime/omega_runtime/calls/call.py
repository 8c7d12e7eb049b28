"""A call to a model on its way: its hold in the ledger, and what surrounds it."""

from __future__ import annotations

from omega_runtime.ledger.hold import ENDED, Hold
from omega_runtime.models.request import detailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.clock import SystemClock
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import AnswerCache
    from omega_runtime.values import Value


class Call(Hold):
    """The hold of one attempt at a request, made in a context; `value` is the answer once it is settled.

    `cache` keeps the answer, where one is asked to.
    """

    __slots__ = ("cache", "context", "value")

    request: Request
    context: Context
    cache: AnswerCache | None
    value: Value

    def count(self) -> int | None:
        """The provider's own count, if it has one."""
        return counted_by(self.request, self.account.ledger.clock)


def answered_call(value: Value) -> Call:
    """A call that holds nothing and has its answer already."""
    call = Call()
    call.open = ENDED
    call.value = value
    return call


def counted_by(request: Request, clock: SystemClock) -> int | None:
    """What the request's provider counts as its input tokens, waiting by this clock; None without a count."""
    timed = detailed(request)
    timed.clock = clock
    return request.provider.count(timed)
