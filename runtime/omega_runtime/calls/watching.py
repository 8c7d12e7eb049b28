"""Watching ledgers: each call that is held from here on, how long it took and what became of it.

The methods of the ledgers are replaced while somebody watches, so that nobody else pays for it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from time import monotonic

from omega_runtime import forks
from omega_runtime.control.positions import position
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.outcomes import CLOSED, VOIDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    from omega_runtime.calls.call import Call
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.wish import Wish
    from omega_runtime.models.provider import Failure
    from omega_runtime.places import Site

UNDER_WAY = "under way"
REFUSED = "refused"
_NAMES = ("settle", "mark_unknown", "void", "reserve", "reserve_async", "note")
# Of a deep recursion so many procedures are kept, the innermost ones.
_DEEPEST = 200


class Watched:
    """One attempt at a call, or an answer that cost nothing.

    `began` and `ended` are seconds since the watch began, `waited` those for room before; `stack` has the procedures
    around, outermost first. `prompt` is the bound of the input, `wanted` and `granted` are output tokens; `held` all
    that was held. `outcome` is that of the ledger, "refused", "under way", or "hits" and "replayed" as counters are
    called. `picodollars` is None where a price is not known. `mode` are the caching, minimal prompts and the best
    tier that applied.
    """

    __slots__ = (
        "account",
        "attempt",
        "began",
        "ended",
        "granted",
        "held",
        "input_tokens",
        "instead_of",
        "mode",
        "model",
        "outcome",
        "output_tokens",
        "picodollars",
        "prompt",
        "site",
        "stack",
        "text",
        "waited",
        "wanted",
    )

    def __init__(self, request: Wish, now: float) -> None:
        self.site: Site = request.site
        self.model: str = request.model
        self.instead_of: str | None = getattr(request, "instead_of", None)
        self.stack: tuple[str, ...] = ()
        self.account = ""
        self.attempt = 1
        self.began = self.ended = now
        self.waited = 0.0
        self.prompt = self.granted = self.held = 0
        self.wanted: int = request.wanted
        self.input_tokens = self.output_tokens = 0
        self.picodollars: int | None = None if request.price is None else 0
        self.outcome = UNDER_WAY
        self.mode: tuple[str, bool, str | None] = ("", False, None)
        self.text: str | None = None

    @property
    def tokens(self) -> int:
        """What counts as spent for it."""
        return self.input_tokens + self.output_tokens


class Watch:
    """All calls since it began, in the order in which they asked; `keeps_prompts` keeps what was asked, too.

    `listener` is called whenever a call has ended; `on_retry`, when one is to be tried again, with its failed attempt,
    the number of the next, and the seconds before it.
    """

    def __init__(self, keeps_prompts: bool = False) -> None:
        self.calls: list[Watched] = []
        self.keeps_prompts = keeps_prompts
        self.listener: Callable[[], None] | None = None
        self.on_retry: Callable[[Call, Failure, int, float], None] | None = None
        self._start = monotonic()
        self._open: dict[int, Watched] = {}
        self._lock = forks.lock()

    @property
    def now(self) -> float:
        """Seconds since the watch began."""
        return monotonic() - self._start

    def under_way(self) -> int:
        """How many calls are held now."""
        return len(self._open)

    def asks(self, request: Wish) -> Watched:
        """A call asks for room."""
        call = Watched(request, self.now)
        call.stack = _procedures(sys._getframe(1))
        if self.keeps_prompts:
            call.text = getattr(request, "prompt", None)
        with self._lock:
            self.calls.append(call)
        return call

    def holds(self, call: Watched, hold: Hold[Any]) -> None:
        """It has got room."""
        now = self.now
        call.waited, call.began = now - call.began, now
        call.account, call.attempt = hold.account.name, hold.attempt
        call.held, call.granted, call.prompt = hold.tokens, hold.output, hold.tokens - hold.output
        context = getattr(hold, "context", None)
        if context is not None and context.policy.is_active:
            call.mode = context.policy.mode(hold.account)
        with self._lock:
            self._open[id(hold)] = call

    def refused(self, call: Watched) -> None:
        """It gets none."""
        call.waited, call.ended, call.outcome = self.now - call.began, self.now, REFUSED

    def ends(self, hold: Hold[Any], outcome: str, tokens: tuple[int, int], picodollars: int) -> None:
        """A call is booked, with tokens of the prompt and of the answer."""
        with self._lock:
            call = self._open.pop(id(hold), None)
        if call is None:
            if not hold.attempt:
                return
            # It was made on room that was kept for it, and has begun nobody knows when.
            call = self.asks(hold.request)
            self.holds(call, hold)
            self._open.pop(id(hold), None)
        call.ended, call.outcome = self.now, outcome
        call.input_tokens, call.output_tokens = tokens
        if call.picodollars is not None:
            call.picodollars = picodollars
        if self.listener is not None:
            self.listener()


def _procedures(frame: FrameType | None) -> tuple[str, ...]:
    """The names of the Omega procedures around, outermost first, through the maps that helping threads work for."""
    from omega_runtime.diagnostics.tracebacks import procedure_name

    names: list[str] = []
    here = position.get()
    while frame is not None and len(names) < _DEEPEST:
        if "__omega_source__" in frame.f_globals:
            names.append(procedure_name(frame.f_code.co_qualname))
        frame = frame.f_back
        while frame is None and here is not None:
            frame, here = here.frame, here.outer
    while len(names) > 1 and names[-1] == names[-2] == "the top level":
        names.pop()
    return tuple(reversed(names))


@contextmanager
def watching(watch: Watch) -> Iterator[Watch]:
    """Have a watch see all calls of this process, in memory and in shared ledgers, until the end of the block."""
    from omega_runtime.calls import woven
    from omega_runtime.ledger.shared import SharedLedger

    replaced: list[tuple[Any, dict[str, Callable[..., Any]]]] = [
        (MemoryLedger, _replacements(MemoryLedger, watch)),
        (SharedLedger, _replacements(SharedLedger, watch)),
        (woven, {"next_attempt": _next_attempt(watch)}),
    ]
    before = [(owner, name, vars(owner).get(name)) for owner, names in replaced for name in names]
    for owner, names in replaced:
        for name, replacement in names.items():
            setattr(owner, name, replacement)
    try:
        yield watch
    finally:
        for owner, name, original in before:
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


def _next_attempt(watch: Watch) -> Callable[[Call, Failure], tuple[Call, float] | None]:
    """`woven.next_attempt`, which tells of each attempt that follows."""
    from omega_runtime.calls.woven import next_attempt as next_attempt_

    def next_attempt(hold: Call, failure: Failure) -> tuple[Call, float] | None:
        again = next_attempt_(hold, failure)
        if again is not None and watch.on_retry is not None:
            watch.on_retry(hold, failure, again[0].attempt, again[1])
        return again

    return next_attempt


def _replacements(kind: Any, watch: Watch) -> dict[str, Callable[..., Any]]:
    settle_, mark_unknown_, void_, reserve_, reserve_async_, note_ = (getattr(kind, name) for name in _NAMES)

    def settle(self: Any, hold: Any, bill: Any, picodollars: int = 0, *more: Any) -> Any:
        outcome = settle_(self, hold, bill, picodollars, *more)
        if outcome is not CLOSED:
            watch.ends(hold, outcome, (bill.input_tokens, bill.output_tokens), picodollars)
        return outcome

    def mark_unknown(self: Any, hold: Any) -> Any:
        outcome = mark_unknown_(self, hold)
        watch.ends(hold, outcome, (hold.tokens - hold.output, hold.output), hold.picodollars)
        return outcome

    def void(self: Any, hold: Any) -> Any:
        outcome = void_(self, hold)
        watch.ends(hold, outcome, (0, 0), 0)
        return outcome

    def reserve(self: Any, hold: Any, *arguments: Any) -> Any:
        if not hold.attempt:
            return reserve_(self, hold, *arguments)
        call = watch.asks(hold.request)
        try:
            reserve_(self, hold, *arguments)
        except (BudgetExceeded, BudgetTimeout):
            watch.refused(call)
            raise
        watch.holds(call, hold)
        beside: Any = arguments[3] if len(arguments) > 3 else None
        if beside is not None and not beside.hold.open and beside.hold.attempt:
            watch.ends(beside.hold, VOIDED, (0, 0), 0)  # an attempt whose room went to the next one
        return hold

    async def reserve_async(self: Any, hold: Any, *arguments: Any) -> Any:
        call = watch.asks(hold.request)
        try:
            await reserve_async_(self, hold, *arguments)
        except (BudgetExceeded, BudgetTimeout):
            watch.refused(call)
            raise
        watch.holds(call, hold)
        return hold

    def note(self: Any, request: Any, counter: str) -> None:
        note_(self, request, counter)
        if counter in ("hits", "replayed"):
            watch.asks(request).outcome = counter

    return {
        "settle": settle,
        "mark_unknown": mark_unknown,
        "void": void,
        "reserve": reserve,
        "reserve_async": reserve_async,
        "note": note,
    }
