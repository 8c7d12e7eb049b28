"""Calls for embeddings: vectors of texts, held, answered and kept as answers are."""

from __future__ import annotations

import json

from omega_runtime import settings
from omega_runtime.calls.asking import name_option, whole_number
from omega_runtime.calls.call import answered_call
from omega_runtime.calls.context import current
from omega_runtime.calls.delivery import given
from omega_runtime.calls.economy import found_or_begun
from omega_runtime.calls.elsewhere import check_budgeted, open_scopes, started_within
from omega_runtime.calls.handlers import find_frame
from omega_runtime.calls.room import held_call
from omega_runtime.calls.woven import answer_to
from omega_runtime.lib.registry import primitive
from omega_runtime.models.embeddings import MOST_TEXTS, MOST_TOKENS, choose_embeddings, embeddings_bound
from omega_runtime.models.prices import price_under
from omega_runtime.models.request import Request, changed
from omega_runtime.places.programs import site_in_program
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from, unlist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.call import Call
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import List, Value
    from omega_runtime.values.vectors import Vector

OPERATION = "embed.op"


def reserve_embedding(site: Site, operand: Value, *, model: Value = None, dimensions: Value = None) -> Call:
    """Hold the worst case of a call for the vectors of a text, or of a list of texts.

    As `reserve` for answers: handlers see the effect first, and an answer from the cache needs no hold. Raises what
    that raises, and OmegaError for what is no text, too many texts, and models that make no embeddings.
    """
    context = current.get()
    frame = None if context.handlers is None else find_frame(context.handlers, OPERATION)
    if frame is not None:
        return answered_call(frame.ask(OPERATION, (operand,)))
    active = settings.active
    if context.account.parent is None and (open_scopes or started_within):
        check_budgeted(site, active.unbudgeted)
    request = _request(active, site, operand, model, dimensions)
    caching = context.policy.mode(context.account)[0] if context.policy.is_active else ""
    if not caching:
        return held_call(context, request)
    asking, found = found_or_begun(context.policy.cache(active), (request,), request, "exact", active)
    if found is not None:
        context.account.ledger.note(found[0], "hits")
        return answered_call(given(*found, found[1].output_tokens, is_again=True))
    try:
        return held_call(context, request, asking)
    except BaseException:
        if asking is not None:
            asking.give_up()
        raise


def embedded(site: Site, operand: Value, **options: Value) -> Value:
    """What compiled code does at an `embed.op` site, for callers that are not compiled."""
    return answer_to(reserve_embedding(site, operand, **options))


def _request(active: Settings, site: Site, operand: Value, model: Value, dimensions: Value) -> Request:
    wanted = operand if isinstance(operand, str) else _texts(operand)
    name = None if model is None or model is False else name_option(site, "model", model, "a model's name")
    size = None if dimensions is None or dimensions is False else whole_number(site, "dimensions", dimensions)
    request = Request()
    request.settings, request.site, request.wanted, request.schema = active, site, 0, None
    request.prompt = wanted if isinstance(wanted, str) else json.dumps(wanted, ensure_ascii=False)
    request.provider, request.model = choose_embeddings(active, name)
    request.price = None
    if request.provider.is_priced:
        request.price = price_under(active, request.provider, request.model, has_output=False)
    sampling = () if size is None else (("dimensions", size),)
    return changed(request, embeds=wanted, asked=name, clamp=False, sampling=sampling)


def _texts(operand: Value) -> tuple[str, ...]:
    texts = unlist(operand)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise OmegaError(f"{OPERATION}: what is embedded must be a string, or a list of strings that isn't empty")
    if len(texts) > MOST_TEXTS:
        raise OmegaError(
            f"{OPERATION}: one call takes up to {MOST_TEXTS:,} texts, and these are {len(texts):,}; embed divides them "
            "among several"
        )
    return tuple(map(str, texts))


@primitive("embed", row="infer")
def embed(texts: Value, model: Value = False) -> Vector | List:
    """A vector of floats for a text; a list of these for a list of texts, however long, in as many calls as it needs.

    Raises OmegaError for anything else, and what the effect `embed.op` raises.
    """
    site = site_in_program("embed", 1, OPERATION)
    if isinstance(texts, str):
        vector: Vector = embedded(site, texts, model=model)
        return vector
    items = unlist(texts)
    if items is None or not all(isinstance(text, str) for text in items):
        raise wrong_type("embed", 1, "a string or a list of strings", texts)
    vectors: list[Value] = []
    for part in _parts(items):
        vectors += unlist(embedded(site, list_from(part), model=model)) or ()
    return list_from(vectors)


def _parts(texts: list[str]) -> list[list[str]]:
    """The texts in parts that one call takes each."""
    parts: list[list[str]] = []
    room = 0
    for text in texts:
        tokens = embeddings_bound([text])
        if not parts or len(parts[-1]) == MOST_TEXTS or tokens > room:
            parts.append([])
            room = MOST_TOKENS
        parts[-1].append(text)
        room -= tokens
    return parts
