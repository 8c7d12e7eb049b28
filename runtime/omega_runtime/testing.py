"""Helpers for testing Omega programs: scripted models, a clock that tests move, what may be spent, and a
watch on provider calls."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from omega_runtime.calls.context import Context, current
from omega_runtime.calls.tracers import frame_readers
from omega_runtime.calls.woven import perform
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.choose import use_model
from omega_runtime.models.provider import Provider
from omega_runtime.settings import Restore
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Condition
    from types import FrameType, TracebackType

    from omega_runtime.ledger.account import Account
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value

    Scripted = str | Reply | BaseException


class ScriptedModel:
    """A model whose answers are given beforehand; `prompts` records what it was asked, in order.

    `with scripted_model([...]) as model:` installs it and brings back the previous model at the end.
    """

    def __init__(self, replies: Sequence[Scripted] | Mapping[str, Scripted] | Callable[[str], Scripted]) -> None:
        self.prompts: list[str] = []
        self._replies = replies
        self._previous: Restore | None = None

    def __call__(
        self,
        prompt: str,
        system: str | None = None,  # noqa: ARG002 - here and below: whatever is asked for, the script says what comes
        messages: object = None,  # noqa: ARG002
        temperature: float | None = None,  # noqa: ARG002
        top_p: float | None = None,  # noqa: ARG002
        effort: str | None = None,  # noqa: ARG002
        tools: object = None,  # noqa: ARG002
    ) -> str | Reply:
        """The next reply of a list, the prompt's in a table, or what a function says; exceptions are raised.

        The prompt of a conversation is its last message, or what tools have given.
        """
        self.prompts.append(prompt)
        reply = self._reply(prompt, len(self.prompts) - 1)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def _reply(self, prompt: str, index: int) -> Scripted:
        if callable(self._replies):
            return self._replies(prompt)
        try:
            return self._replies[prompt if hasattr(self._replies, "keys") else index]  # type: ignore[index]
        except LookupError:
            raise OmegaError("the scripted model has no reply for call", index + 1, prompt) from None

    def __enter__(self) -> ScriptedModel:
        self._previous = use_model(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._previous is not None:
            self._previous.__exit__(kind, error, traceback)


def scripted_model(
    replies: Sequence[Scripted] | Mapping[str, Scripted] | Callable[[str], Scripted],
) -> ScriptedModel:
    """A model with these replies: strings, `Reply` objects or exceptions to raise.

    A list is used up in order, a table goes by prompt, a function is asked. A call without a reply raises
    OmegaError.
    """
    return ScriptedModel(replies)


class FakeClock(SystemClock):
    """A clock that stands still but for `sleep`, waits and `advance`; `sleeps` records the seconds slept."""

    __slots__ = ("sleeps", "time_passed")

    def __init__(self, time: float = 0.0) -> None:
        self.time_passed = time
        self.sleeps: list[float] = []

    def now(self) -> float:
        """Seconds, as far as the test has moved this clock."""
        return self.time_passed

    def time(self) -> float:
        """The same seconds, counted from 2001."""
        return 1_000_000_000 + self.time_passed

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self.time_passed += seconds

    def sleep(self, seconds: float) -> None:
        """Move the clock on at once, and remember by how much."""
        self.sleeps.append(seconds)
        self.advance(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Give other threads a moment; if they changed nothing, the time is over."""
        if not condition.wait(0.001):
            self.advance(seconds)


@contextmanager
def fresh_ledger(clock: SystemClock | None = None) -> Iterator[MemoryLedger]:
    """A new, empty ledger for the calls made inside, with its own root account."""
    ledger = MemoryLedger(clock)
    before = current.get()
    current.set(Context(ledger.root, (), before.handlers))
    try:
        yield ledger
    finally:
        current.set(before)


@contextmanager
def spends(tokens: int | None = None, calls: int | None = None) -> Iterator[Account]:
    """Raise AssertionError when the calls made inside spend more than `tokens`, or are not as many as `calls`.

    Answers that cost nothing don't count. Gives the account that they are booked on.
    """
    from omega_runtime.budgets.scope import budget
    from omega_runtime.calls.watching import Watch, watching

    with watching(Watch()) as watch, budget(name="test") as account:
        yield account
    made = [call for call in watch.calls if call.held and call.outcome != "voided"]
    spent = sum(call.tokens for call in made)
    where = "".join(f"\n  {call.site}: {call.tokens} tokens, {call.outcome}" for call in made)
    if tokens is not None and spent > tokens:
        raise AssertionError(f"{spent} tokens were spent, and not at most {tokens}:{where}")
    if calls is not None and len(made) != calls:
        raise AssertionError(f"calls that were made: {len(made)}, and not {calls}{where}")


class Calls:
    """What `checkpoint` saw: `count` provider calls, and how many at each site ("file:line:column")."""

    def __init__(self) -> None:
        self.sites: dict[str, int] = {}

    @property
    def count(self) -> int:
        """All provider calls."""
        return sum(self.sites.values())


@contextmanager
def checkpoint() -> Iterator[Calls]:
    """Watch every provider: a call that is not made for an open hold raises AssertionError."""
    import omega_runtime.models.anthropic
    import omega_runtime.models.function
    import omega_runtime.models.offline
    import omega_runtime.models.openai  # noqa: F401

    calls = Calls()
    originals = [(kind, kind.__dict__["complete"]) for kind in _kinds(Provider) if "complete" in kind.__dict__]
    for kind, complete in originals:
        kind.complete = _watched(complete, calls)  # type: ignore[method-assign]
    frame_readers.append(calls)
    try:
        yield calls
    finally:
        frame_readers.remove(calls)
        for kind, complete in originals:
            kind.complete = complete  # type: ignore[method-assign]


def _kinds(kind: type[Provider]) -> list[type[Provider]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _kinds(below))]


def _watched(complete: Callable[..., Reply], calls: Calls) -> Callable[..., Reply]:
    def watched(provider: Provider, request: Request, *arguments: Value) -> Reply:
        caller = sys._getframe(1)
        if caller.f_code is perform.__code__:
            place = str(request.site)
            calls.sites[place] = calls.sites.get(place, 0) + 1
        if not _is_held(request, caller):
            raise AssertionError(f"{request.site}: a provider was called without an open hold")
        return complete(provider, request, *arguments)

    return watched


def _is_held(request: Request, frame: FrameType | None) -> bool:
    """Whether one of the callers is `perform` with an open hold for this request."""
    while frame is not None:
        if frame.f_code is perform.__code__:
            hold = frame.f_locals["hold"]
            if hold.open and hold.request is request:
                return True
        frame = frame.f_back
    return False
