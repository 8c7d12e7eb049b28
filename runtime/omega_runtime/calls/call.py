"""A call to a model on its way: its hold in the ledger, and what surrounds it."""

from __future__ import annotations

from omega_runtime.control.positions import position
from omega_runtime.ledger.errors import HoldEnded
from omega_runtime.ledger.hold import ENDED, HELD, SENT, Hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import Asking
    from omega_runtime.values import Value


class Call(Hold):
    """The hold of one attempt at a request, made in a context; `value` is the answer once it is settled.

    `cache` keeps the answer, where one is asked to.
    """

    __slots__ = ("cache", "context", "value")

    deadline: float | None = None
    """On the ledger's clock, when the time for the call and all its attempts ends; None in the first."""

    request: Request
    context: Context
    cache: Asking | None
    value: Value

    def count(self) -> int | None:
        """The provider's own count, if it has one."""
        counted = self.request.provider.count(self.request, self.account.ledger.clock)
        return None if counted is None else counted * self.request.attempts

    def waits(self) -> None:
        """It has its place in a queue, and it may take long until the next element of a map can ask."""
        here = position.get()
        if here is not None:
            here.queue()

    def confirm(self) -> None:
        """Let it be sent, right before it is. Raises HoldEnded for a hold in a file that has ended by itself."""
        self.open = HELD
        if not self.account.ledger.confirm(self):
            raise HoldEnded("this process was suspended for longer than its lease")
        self.open = SENT

    def seconds_left(self) -> float | None:
        """What is left of the time for the whole call; None for all of it."""
        return None if self.deadline is None else self.deadline - self.account.ledger.clock.now()


class PlainCall(Call):
    """A call about which there is nothing to ask: the first attempt at a plain request, in a budget in memory.

    Nobody traces what it costs, and its provider has neither a price nor a limit per minute, and runs no programs.
    """

    __slots__ = ()


class AnotherAttempt(Call):
    """The hold of an attempt after the first."""

    __slots__ = ("attempt", "deadline")

    attempt: int
    deadline: float | None


def answered_call(value: Value) -> Call:
    """A call that holds nothing and has its answer already."""
    call = Call()
    call.open = ENDED
    call.value = value
    return call
