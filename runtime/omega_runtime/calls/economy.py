"""Calls under a policy: shorter prompts, answers from the cache, and models that fit the budget."""

from __future__ import annotations

from functools import partial

from omega_runtime.calls.asking import build_request, note_substitution
from omega_runtime.calls.call import answered_call
from omega_runtime.calls.delivery import given
from omega_runtime.calls.room import batch_of, held_call
from omega_runtime.control.positions import position
from omega_runtime.ledger.nesting import is_performing
from omega_runtime.models.choose import choose, is_there
from omega_runtime.models.prices import price_under
from omega_runtime.models.request import changed
from omega_runtime.savings.cache import Asking
from omega_runtime.savings.ladder import stand_ins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.call import Call
    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.places import Site
    from omega_runtime.savings.cache import AnswerCache
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value


def reserve_economically(
    settings: Settings, context: Context, site: Site, operand: Value, options: dict[str, Value]
) -> Call:
    """Hold a call with rare options, or under a policy; an answer from the cache needs no hold."""
    if "tools" in options:
        from omega_runtime.calls.turns import held_turn

        return held_turn(context, settings, site, options.pop("tools"), options)
    ledger = context.account.ledger
    caching, is_minimal, cap = context.policy.mode(context.account)
    keeps = caching or context.policy.degrade
    cache = context.policy.cache(settings) if keeps else None
    written = build_request(settings, site, operand, **options)
    request = _shortened(written, operand, options) if is_minimal else written
    request = fitting_request(context, request, cap)
    asking = None
    if cache is not None:
        # An answer to the prompt as the program wrote it is the best one, whatever the mode makes of the prompt.
        # Samples must be independent, so search.op never takes an answer that was given before.
        wanted = (written, request) if caching and site.operation != "search.op" else ()
        asking, found = found_or_begun(cache, wanted, request, caching, settings)
        if found is not None:
            ledger.note(found[0], "hits")
            return answered_call(given(*found, found[1].output_tokens, is_again=True))
    try:
        call = held_call(context, request, asking)
    except BaseException:
        if asking is not None:
            asking.give_up()
        raise
    if request.instead_of is not None and call.open:
        # Not before, as the call might have been refused.
        ledger.note_downgrade(request, request.instead_of)
    return call


def found_or_begun(
    cache: AnswerCache, wanted: tuple[Request, ...], request: Request, caching: str, settings: Settings
) -> tuple[Asking | None, tuple[Request, Reply] | None]:
    """One of the requests with its answer, if it was given before, or is asked for right now; else the call to make."""
    here = position.get()
    if here is not None:
        here.wait()
    mine: Asking | None = None
    while True:
        for each in wanted:
            reply = cache.find(each, caching == "aggressive", settings.similarity)
            if reply is not None:
                if mine is not None:
                    mine.give_up()
                return None, (each, reply)
        if mine is not None:
            return mine, None
        asking, is_mine = cache.begin(request)
        if is_mine:
            mine = asking  # and look once more, as it may just have been answered
        elif not wanted or is_performing():
            return Asking(cache, request), None  # whoever answers a call must not wait for that very call
        else:
            if here is not None:
                here.pass_on()
            asking.wait()


def _shortened(written: Request, operand: Value, options: dict[str, Value]) -> Request:
    """The request with a shorter prompt, that asks for a short answer and leaves no room for a long one."""
    from omega_runtime.savings.minimal import SHORT_ANSWER, minimal_operand

    request = build_request(written.settings, written.site, minimal_operand(operand), **options)
    system = SHORT_ANSWER if request.system is None else f"{request.system}\n{SHORT_ANSWER}"
    wanted = request.wanted if request.schema else min(request.wanted, written.settings.short_answer)
    return changed(request, system=system, wanted=wanted)


def fitting_request(context: Context, request: Request, cap: str | None) -> Request:
    """The request for the best model, from the one asked for down the ladder, whose worst case fits the budgets.

    The lowest model when none does: then the call waits, is clamped or refused like any other.
    """
    settings = request.settings
    if not request.provider.has_models:
        return request
    asked = request.asked or request.model
    models = stand_ins(settings.ladder, asked, cap, partial(is_there, settings))
    if models[0] == asked and (len(models) == 1 or not settings.downgrade or request.asked is None):
        return request
    lower = [request if model == asked else _stand_in(request, model, asked) for model in models]
    chosen = lower[0]
    if settings.downgrade:
        chosen = next((each for each in lower if _fits(context.account, each)), lower[-1])
    return chosen


def _stand_in(request: Request, model: str, asked: str) -> Request:
    provider, used = choose(request.settings, model, note_substitution)
    price = price_under(request.settings, provider, used) if provider.is_priced else None
    return changed(request, instead_of=asked, provider=provider, model=used, price=price)


def _fits(account: Account, request: Request) -> bool:
    """Whether the worst case fits what is not spent, so that a call that only has to wait keeps its model."""
    prompt = request.provider.bound(request)
    if _fits_with(account, request, prompt):
        return True
    counted = request.provider.count(request, account.ledger.clock)
    if counted is None:
        return False
    return counted * request.attempts < prompt and _fits_with(account, request, counted * request.attempts)


def _fits_with(account: Account, request: Request, prompt: int) -> bool:
    price = request.price
    if price is not None and batch_of(account) is not None:
        price = request.provider.batch_price(request.settings, price, request.model)
    cost = price.worst(prompt, request.wanted) if price is not None else 0
    for each in account.chain:
        figures = each.figures
        if figures.limit_tokens is not None and figures.spent_tokens + prompt + request.wanted > figures.limit_tokens:
            return False
        if figures.limit_picodollars is not None and figures.spent_picodollars + cost > figures.limit_picodollars:
            return False
    return True
