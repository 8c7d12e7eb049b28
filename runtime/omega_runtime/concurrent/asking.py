"""One call to a model from asyncio code, as a coroutine of the runtime's own loop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from omega_runtime.calls.asking import build_request
from omega_runtime.calls.call import Call, answered_call
from omega_runtime.calls.economy import fitting_request
from omega_runtime.calls.elsewhere import check_budgeted, open_scopes, started_within
from omega_runtime.calls.room import batch_of
from omega_runtime.calls.tracers import tracers
from omega_runtime.calls.woven import end_attempt, settle
from omega_runtime.concurrent.collector import calls
from omega_runtime.concurrent.loop import elsewhere
from omega_runtime.ledger.hold import SENT
from omega_runtime.models.pace import pace_of
from omega_runtime.models.provider import NetworkProvider
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from omega_runtime.calls.context import Context
    from omega_runtime.clock import SystemClock
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value

# How often it is looked whether another call has written to the provider's cache, in seconds.
_LOOK_SECONDS = 0.01


class Asking:
    """A call to a model with a `prompt`. `ask` makes it.

    `is_sent` says that it may have been billed, and is not to be stopped.
    """

    def __init__(
        self, settings: Settings, context: Context, site: Site, prompt: Value, options: dict[str, Value]
    ) -> None:
        self.context = context
        self.prompt = prompt
        if context.account.parent is None and (open_scopes or started_within):
            check_budgeted(site, settings.unbudgeted)
        self.request: Request = build_request(settings, site, prompt, **options)
        self.hold: Call | None = None

    @property
    def can_be_asked(self) -> bool:
        """Whether all of it can be done without a thread: no program has a say in it, and the provider can do it."""
        provider, context = self.request.provider, self.context
        is_plain = not context.trackers and context.handlers is None and not context.policy.is_active
        request = self.request
        is_plain = is_plain and request.schema is None and request.on_text is None and not request.settings.stream
        return is_plain and isinstance(provider, NetworkProvider) and provider.complete_async is not None

    @property
    def is_sent(self) -> bool:
        """Whether the provider may know of it."""
        return self.hold is not None and self.hold.open == SENT

    async def ask(self) -> str:
        """The answer; raises as a call of compiled code does."""
        if self.request.asked is not None and self.context.account.parent is not None:
            self.request = await elsewhere(fitting_request, self.context, self.request, None)
        hold = self.hold = await self._held(Call())
        is_shared = self.context.account.ledger.is_shared
        while hold.open:
            try:
                reply = await self._perform(hold)
            except BaseException as error:
                again, seconds = await elsewhere(end_attempt, hold, error) if is_shared else end_attempt(hold, error)
                await asyncio.sleep(seconds)
                hold = self.hold = await self._held(again)
            else:
                if is_shared:
                    await elsewhere(settle, hold, reply)
                else:
                    settle(hold, reply)
        answer: str = hold.value
        return answer

    async def _held(self, call: Call) -> Call:
        request, context = self.request, self.context
        ledger = context.account.ledger
        if ledger.is_shared:
            from omega_runtime.calls.replay import replayed

            answered = await elsewhere(replayed, context, request, None)
            if answered is not None:
                return answered_call(answered.value)
            if batch_of(context.account) is not None:
                raise OmegaError("ask_async: its calls cannot go into a batch; run the program without --batch")
        call.account = context.account
        call.context = context
        call.request = request
        call.cache = None
        active = request.settings
        bound = request.provider.bound(request)
        return await ledger.reserve_async(call, bound, active.floor, active.max_wait, elsewhere)

    async def _perform(self, hold: Call) -> Reply:
        if not tracers:
            return await self._sent(hold)
        with tracers[0].around(hold) as tell:
            reply = await self._sent(hold)
            tell(reply)
        return reply

    async def _sent(self, hold: Call) -> Reply:
        request, clock = self.request, hold.account.ledger.clock
        pace = pace_of(request)
        if pace is not None:
            while (seconds := pace.admit(request, hold.tokens, clock.now())) > 0:
                await asyncio.sleep(seconds)
        confirm = hold.confirm if hold.call else None
        if confirm is not None:
            confirm()
        provider = request.provider
        assert isinstance(provider, NetworkProvider)
        assert provider.complete_async is not None
        async with _in_turn(request, clock):
            hold.open = SENT
            with calls:
                return await provider.complete_async(request, hold.output, hold.seconds_left(), confirm)


@asynccontextmanager
async def _in_turn(request: Request, clock: SystemClock) -> AsyncIterator[None]:
    """Let one call write the common beginning of prompts to the provider's cache before the others go."""
    if request.cache is None:
        yield
        return
    from omega_runtime.models.warming import beginning, written

    waits_for, writer = beginning(request, clock)
    while waits_for is not None:
        while not waits_for.is_done:
            await asyncio.sleep(_LOOK_SECONDS)
        waits_for, writer = beginning(request, clock)
    with written(writer, clock):
        yield
