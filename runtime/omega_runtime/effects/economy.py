"""Calls under a policy: shorter prompts, answers from the cache, and models that fit the budget."""

from __future__ import annotations

from omega_runtime.budgets import settings
from omega_runtime.effects.request import build_request
from omega_runtime.models.choose import choose
from omega_runtime.models.ladder import stand_ins
from omega_runtime.models.request import DetailedRequest, detailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.effects.context import Context
    from omega_runtime.effects.site import Site
    from omega_runtime.ledger.account import Account
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value


def economical_request(context: Context, site: Site, operand: Value, options: dict[str, Value]) -> Request:
    """The request of an effect as the context's policy wants it: shortened, and for no better model than allowed."""
    caching, is_minimal, cap = context.policy.mode(context.account)
    if is_minimal:
        from omega_runtime.models.minimal import minimal_operand

        operand = minimal_operand(operand)
    request = detailed(build_request(site, operand, **options))
    if is_minimal:
        _shorten(request)
    if caching:
        request.cache = context.policy.cache
    return fitting_request(context, request, cap)


def _shorten(request: DetailedRequest) -> None:
    """Ask for a short answer, and leave no room for a long one."""
    from omega_runtime.models.minimal import SHORT_ANSWER

    request.system = SHORT_ANSWER if request.system is None else f"{request.system}\n{SHORT_ANSWER}"
    request.max_tokens = request.wanted = min(request.wanted, settings.active.short_answer)


def cached(context: Context, request: Request) -> Reply | None:
    """The answer that an earlier call got to this prompt, or with aggressive caching to one like it."""
    if request.cache is None:
        return None
    caching, _, _ = context.policy.mode(context.account)
    reply = request.cache.find(request, caching == "aggressive")
    if reply is not None:
        context.account.ledger.note(request, "hits")
    return reply


def fitting_request(context: Context, request: Request, cap: str | None) -> Request:
    """The request for the best model, from the one asked for down the ladder, whose worst case fits the budgets.

    The lowest model when none does: then the call waits, is clamped or refused like any other. A change is noted.
    """
    active = settings.active
    if not request.provider.has_models:
        return request
    asked = request.asked or request.model
    models = stand_ins(active.ladder, asked, cap)
    if models[0] == asked and (not active.downgrade or request.asked is None):
        return request
    lower = [request if model == asked else _with_model(request, model) for model in models]
    chosen = lower[0]
    if active.downgrade:
        chosen = next((each for each in lower if _fits(context.account, each)), lower[-1])
    if chosen is not request:
        context.account.ledger.note_downgrade(chosen, asked)
    return chosen


def _with_model(request: Request, model: str) -> Request:
    changed = detailed(request)
    changed.provider, changed.model = choose(model)
    changed.price = changed.provider.price(changed.model) if changed.provider.is_priced else None
    return changed


def _fits(account: Account, request: Request) -> bool:
    """Whether the worst case fits what is not spent, so that a call that only has to wait keeps its model."""
    prompt = request.provider.bound(request)
    if _fits_with(account, request, prompt):
        return True
    counted = request.provider.count(request)
    return counted is not None and counted < prompt and _fits_with(account, request, counted)


def _fits_with(account: Account, request: Request, prompt: int) -> bool:
    cost = request.price.worst(prompt, request.wanted) if request.price is not None else 0
    for each in account.chain:
        figures = each.figures
        if figures.limit is not None and figures.used + prompt + request.wanted > figures.limit:
            return False
        if figures.dollar_limit is not None and figures.dollars_used + cost > figures.dollar_limit:
            return False
    return True
