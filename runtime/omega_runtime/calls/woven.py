"""The ledger calls that are woven into compiled code around every call to a model."""

from __future__ import annotations

from _weakref import ref

from omega_runtime import settings
from omega_runtime.acceleration import accelerated, introduce
from omega_runtime.calls.asking import plain_request
from omega_runtime.calls.call import AnotherAttempt, Call, PlainCall, answered_call
from omega_runtime.calls.context import Context, current, surroundings
from omega_runtime.calls.elsewhere import check_budgeted, open_scopes, started_within
from omega_runtime.calls.handlers import find_frame
from omega_runtime.calls.plan import Plan, planned
from omega_runtime.calls.room import held_call
from omega_runtime.calls.tracers import frame_readers, tracers
from omega_runtime.control.positions import place, position
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, HoldEnded, LedgerFileError, LedgerMisuse
from omega_runtime.ledger.hold import HELD, SENT
from omega_runtime.ledger.nesting import is_performing, performing
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.models.pace import keep_pace, pace_of, paces, slow_down
from omega_runtime.models.provider import Failure, ModelError, NetworkProvider
from omega_runtime.models.request import Request
from omega_runtime.savings.policy import Policy
from omega_runtime.settings import Settings
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omega_runtime.models.reply import Reply
    from omega_runtime.places import Site
    from omega_runtime.values import Value


TOO_MANY_REQUESTS = 429


@accelerated
def reserve(site: Site, operand: Value, max_tokens: Value = None, options: dict[str, Value] | None = None) -> Call:
    """Hold the worst case of a call to a model on the current account and its ancestors.

    Handlers see the effect first; if one answers, nothing is held. `options` are the other ones of `build_request`, in
    a dict as a call by position is the quickest. Raises OmegaError for a wrong option, a wrong conversation or an
    unknown model, BudgetExceeded when the call can no longer fit, BudgetTimeout when it waited too long for room.
    """
    context = surroundings()
    active = settings.active
    wanted = active.max_tokens if max_tokens is None else max_tokens
    if (
        not context.is_plain
        or options
        or context.policy.is_active
        or type(operand) is not str
        or type(wanted) is not int
        or wanted < 1
        or place() is not None
    ):
        return _reserve(active, context, site, operand, max_tokens, options)
    plan = active.plan or planned(active)
    provider = plan.provider
    if provider is None:
        return _reserve(active, context, site, operand, max_tokens, options)
    # A plain call, spelled out, as most come this way; `_reserve` comes to the same.
    request = Request()
    request.settings = active
    request.site = site
    request.prompt = operand
    request.wanted = wanted
    request.provider = provider
    request.model = plan.model
    request.price = request.schema = None
    call = PlainCall()
    call.account = account = context.account
    call.context = context
    call.request = request
    call.cache = None
    is_counted = plan.is_bounded_as_usual and operand.isascii()
    bound = plan.overhead + len(operand) if is_counted else provider.bound(request)
    account.ledger.reserve(call, bound, active.floor, active.max_wait)
    return call


def _reserve(
    active: Settings, context: Context, site: Site, operand: Value, max_tokens: Value, options: dict[str, Value] | None
) -> Call:
    """As `reserve`, for calls of all kinds."""
    if context.handlers is not None:
        # Also at a site of search.op: each of its samples is a call like any other.
        frame = find_frame(context.handlers, "infer.op")
        if frame is not None:
            return answered_call(frame.ask("infer.op", (operand,)))
    if context.account.parent is None and (open_scopes or started_within):
        check_budgeted(site, active.unbudgeted, 5)
    if options or context.policy.is_active:
        from omega_runtime.calls.economy import reserve_economically

        every = {"max_tokens": max_tokens, **(options or {})}
        return reserve_economically(active, context, site, operand, every)
    return held_call(context, plain_request(active, site, operand, max_tokens))


@accelerated
def perform(hold: Call, is_traced: bool = False) -> Reply:
    """Ask the provider. Raises what the provider raises, and LedgerMisuse for a hold that is not open.

    Raises HoldEnded, and LedgerFileError, before anything is sent: `void` reserves again.
    """
    if tracers and not is_traced:
        return tracers[0].traced(hold, perform)
    if not hold.open:
        raise LedgerMisuse("a model may only be called while its worst case is held")
    request = hold.request
    provider = request.provider
    if type(hold) is PlainCall and not paces:
        hold.open = SENT
        return provider.complete(request, hold.output, None)
    active = request.settings
    # In a file a hold may end by itself, also while the provider gets ready.
    confirm = hold.confirm if hold.call else None
    if confirm is not None:
        confirm()
        # Whoever is interrupted while it waits has sent nothing.
        hold.open = HELD
    if paces or active.requests_per_minute or active.tokens_per_minute:
        keep_pace(request, hold.tokens, hold.account.ledger.clock)
    is_plain = type(request) is Request
    # Whoever answers a call must not wait for the one that writes what that call has in common with it.
    if not is_plain and request.cache is not None and not is_performing():
        return _warmed(hold, confirm)
    hold.open = SENT
    if (provider.runs_programs or (not is_plain and request.on_text is not None)) and not is_performing():
        performing.set(ref(hold))
    if confirm is None and is_plain:
        return provider.complete(request, hold.output, hold.seconds_left())
    return _completed(hold, confirm)


def _warmed(hold: Call, confirm: Callable[[], None] | None) -> Reply:
    """The reply to a call whose prompt the provider is to keep; waits while another one writes the same beginning."""
    from omega_runtime.models.warming import in_turn

    with in_turn(hold.request, hold.account.ledger.clock):
        hold.open = SENT
        if hold.request.provider.runs_programs or hold.request.on_text is not None:
            performing.set(ref(hold))
        return _completed(hold, confirm)


def _completed(hold: Call, confirm: Callable[[], None] | None) -> Reply:
    request, provider = hold.request, hold.request.provider
    more: tuple[Any, ...] = (confirm,) if isinstance(provider, NetworkProvider) and confirm is not None else ()
    if request.schema is None:
        return provider.complete(request, hold.output, hold.seconds_left(), *more)
    from omega_runtime.calls.attempts import fitting_reply

    return fitting_reply(hold, request.schema, *more)


@accelerated
def settle(hold: Call, reply: Reply) -> None:
    """Book what the call really cost and close the hold; then tell the trackers, innermost first.

    What a tracker raises comes out of here, after the booking, and EmptyAnswer for an answer without text. Raises
    LedgerMisuse for a hold that is not open.
    """
    hold.value = reply.text
    is_plain = type(hold) is PlainCall
    outcome = hold.account.ledger.settle(hold, reply, 0) if is_plain and not paces else _settle(hold, reply)
    if outcome is CLOSED:
        raise LedgerMisuse("this call was settled before")
    # Most answers go as they are to nobody but the program.
    if not is_plain or reply.stop_reason is not None:
        from omega_runtime.calls.delivery import deliver

        hold.value = deliver(hold.context, hold.request, reply, hold.cache, hold.output)


def _settle(hold: Call, reply: Reply) -> str:
    request = hold.request
    pace = pace_of(request) if paces else None
    if pace is not None:
        pace.give_back(hold.tokens - reply.input_tokens - reply.output_tokens)
    ledger = hold.account.ledger
    price = request.price
    cost = 0 if price is None else price.of(reply)
    return _settle_shared(hold, reply, cost) if ledger.is_shared else ledger.settle(hold, reply, cost)


def _settle_shared(hold: Call, reply: Reply, cost: int) -> str:
    """Book in a ledger that outlives the process, with what the journal keeps of the answer, in one transaction."""
    from omega_runtime.calls.replay import entry_of
    from omega_runtime.ledger.shared import SharedLedger

    ledger = hold.account.ledger
    assert isinstance(ledger, SharedLedger)
    return ledger.settle(hold, reply, cost, entry_of(hold.account, hold.request, reply))


def void(hold: Call, error: BaseException) -> Call:
    """End the hold of a failed attempt, and reserve for another attempt where that is right.

    Nothing is booked when the provider surely billed nothing; otherwise the whole hold is, as `unknown`. Only an
    attempt that failed in passing and cost nothing is tried again, after a wait, as a new hold. In all other
    cases raises: an OmegaError or an interrupt as it is, anything else as ModelError with `error` as its cause.
    """
    if not hold.open:
        raise error
    try:
        return _void(hold, error)
    except BaseException:
        if hold.cache is not None:
            hold.cache.give_up()
        raise


def _void(hold: Call, error: BaseException) -> Call:
    again, seconds = end_attempt(hold, error)
    if hold.open:
        from omega_runtime.calls.turns import answer_again

        return answer_again(hold, again, seconds)
    if seconds:
        hold.account.ledger.clock.sleep(seconds)
    try:
        return held_call(hold.context, hold.request, hold.cache, again)
    except (BudgetExceeded, BudgetTimeout):
        from omega_runtime.calls.turns import answer_instead

        answer = answer_instead(hold.request)
        if answer is None:
            raise
        return answer


def end_attempt(hold: Call, error: BaseException) -> tuple[Call, float]:
    """End the hold of a failed attempt: the call of the next one, which holds nothing yet, and the seconds before it.

    The hold of an answer after calls of tools stays open for the next attempt. Raises as `void` when there is none.
    """
    ledger = hold.account.ledger
    if not isinstance(error, Exception):
        # Interrupts and exits run no more of the program, trackers included.
        if hold.open == SENT:
            ledger.mark_unknown(hold)
        else:
            ledger.void(hold)
        raise error
    from omega_runtime.models.streams import ListenerFailed

    if isinstance(error, ListenerFailed):
        ledger.mark_unknown(hold)
        raise error.error
    if hold.open != SENT and isinstance(error, (HoldEnded, LedgerFileError)):
        ledger.void(hold)
        if isinstance(error, LedgerFileError):
            raise error
        return Call(), 0.0
    failure = _failure(hold.request, error)
    if failure.billed == "no":
        again = next_attempt(hold, failure) if failure.transient else None
        if again is None or not _is_kept(hold.request):
            ledger.void(hold)
        if again is not None:
            return again
    else:
        ledger.mark_unknown(hold)
        for tracker in hold.context.trackers:
            tracker(hold.tokens)
    if isinstance(error, OmegaError):
        raise error
    raise _model_error(hold, failure) from error


def _is_kept(request: Request) -> bool:
    """Whether the room for a request was kept from the beginning, so that nobody else may take it between attempts."""
    return not request.may_call_tools and bool(request.tools or request.server_tools)


def infer(site: Site, operand: Value, **options: Value) -> Value:
    """What compiled code does at an `infer.op` site, for callers that are not compiled."""
    return answer_to(reserve(site, operand, options.pop("max_tokens", None), options))


def answer_to(hold: Call) -> Value:
    """The answer to a call that is held, after as many attempts as it takes."""
    while hold.open:
        try:
            reply = perform(hold)
        except BaseException as error:
            hold = void(hold, error)
        else:
            settle(hold, reply)
    return hold.value


def _failure(request: Request, error: Exception) -> Failure:
    """What the provider makes of an error; when it makes nothing of it, the call may have been billed."""
    try:
        return request.provider.failure(error)
    except Exception as second:
        name = request.provider.name
        return Failure(f"{name}: {type(error).__name__}, and its failure method raised {type(second).__name__}")


def next_attempt(hold: Call, failure: Failure) -> tuple[Call, float] | None:
    """The call of the next attempt and the seconds before it; None when this was the last."""
    from omega_runtime.models.retry import seconds_to_wait

    active = hold.request.settings
    # Who makes too many requests and hears when to come back has not failed: that may happen until `timeout`.
    is_limited = failure.status == TOO_MANY_REQUESTS and failure.retry_after is not None and active.retries > 1
    seconds = seconds_to_wait(0 if is_limited else hold.attempt, failure, active)
    ledger = hold.account.ledger
    now = ledger.clock.now()
    if failure.retry_after is not None and seconds is not None:
        slow_down(hold.request, now + seconds)
    deadline = hold.deadline
    if deadline is None:
        deadline = now - failure.seconds + active.timeout
    if seconds is None or now + seconds >= deadline:
        return None
    again = AnotherAttempt()
    again.attempt = hold.attempt + (not is_limited)
    again.deadline = deadline
    return again, seconds


def _model_error(hold: Call, failure: Failure) -> ModelError:
    tries = f" (after {hold.attempt} attempts)" if hold.attempt > 1 else ""
    error = ModelError(failure.message + tries)
    error.provider = hold.request.provider.name
    error.status = failure.status
    error.billed = failure.billed
    return error


introduce("Context", Context)
introduce("Plan", Plan)
introduce("Policy", Policy)
introduce("Request", Request)
introduce("Settings", Settings)
introduce("current", current)
introduce("frame_readers", frame_readers)
introduce("paces", paces)
introduce("position", position)
introduce("settings", vars(settings))
introduce("tracers", tracers)
introduce("PlainCall", PlainCall)  # last, as what C knows of calls is complete then
