"""Answers that have to fit a schema: asked for again within one hold, and billed together."""

from __future__ import annotations

from omega_runtime.ledger.hold import SENT
from omega_runtime.models.answer import PAUSED
from omega_runtime.models.provider import ModelError
from omega_runtime.models.reply import Reply
from omega_runtime.models.schemas import problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.calls.call import Call


def fitting_reply(hold: Call, schema: str, *more: Any) -> Reply:
    """The first answer that fits, or the last one, with what all of them cost; `more` is for `Provider.complete`.

    Raises what the provider raises in the first attempt; in later ones ModelError, as the earlier ones are billed.
    """
    request = hold.request
    provider = request.provider
    most = hold.output // request.attempts
    paid: list[Reply] = []
    while True:
        try:
            reply = provider.complete(request, most, hold.seconds_left(), *more)
        except BaseException as error:
            if not paid:
                raise
            # Whatever has become of this attempt, those before it are billed.
            hold.open = SENT
            if not isinstance(error, Exception):
                raise
            failure = provider.failure(error)
            raise ModelError(f"{failure.message}; an answer before it, which did not fit the schema, is paid") from None
        paid.append(reply)
        goes_on = reply.calls or reply.stop_reason == PAUSED
        if len(paid) == request.attempts or goes_on or problem(schema, reply.text) is None:
            return _together(paid)


def _together(paid: list[Reply]) -> Reply:
    """The last of some replies, with the costs of all."""
    last = paid[-1]
    if len(paid) == 1:
        return last
    return Reply(
        last.text,
        sum(each.input_tokens for each in paid),
        sum(each.output_tokens for each in paid),
        last.stop_reason,
        last.model,
        sum(each.cache_write_tokens for each in paid),
        sum(each.cache_read_tokens for each in paid),
        sum(each.cache_write_1h_tokens for each in paid),
        max(each.price_factor for each in paid),
        last.content,
        last.request_id,
        sum(each.searches for each in paid),
    )
