"""What a failed request to OpenAI, or to a server that speaks as it does, says, and which of it is to be believed."""

from __future__ import annotations

from omega_runtime.models.failures import OwnWord, Sdk
from omega_runtime.models.openai_hosts import is_openai

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from openai import APIStatusError

    from omega_runtime.values import Value

# Errors in OpenAI's form that cost nothing: from itself, and from others, which may have been billed and failed later.
_OWN_STATUSES = frozenset({400, 401, 403, 404, 409, 413, 422, 429})
_ANYBODYS_STATUSES = frozenset({401, 403, 404})
# A refusal for want of room, as documented; other errors of the server may come after the model has worked.
_OVERLOADED = 503
_NO_ROOM = frozenset({"server_is_overloaded", "slow_down"})
_TOO_MANY_REQUESTS = 429
_NO_MONEY = "insufficient_quota"

_KEYS = frozenset({"message", "type", "param", "code"})

_ADVICE = {
    400: "check the prompt and the options",
    401: "check OPENAI_API_KEY",
    403: "this key may not use that model",
    404: "check the model's name",
    413: "make the prompt shorter",
    429: "wait, or ask for a higher rate limit",
    503: "try again later",
}


def own_error(status: int, headers: Value, body: object, host: str) -> Mapping[str, Any] | None:
    """The "error" object of an answer that says that nothing was billed; None for anything else.

    Everybody speaks as OpenAI does, so it counts who says it: gateways are only believed that a key or a model was
    refused.
    """
    media = headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json" or not isinstance(body, dict) or body.keys() != {"error"}:
        return None
    error = body["error"]
    if not isinstance(error, dict) or not {"message"} <= error.keys() <= _KEYS:
        return None
    if not isinstance(error["message"], str):
        return None
    if not is_openai(host):
        return error if status in _ANYBODYS_STATUSES else None
    is_refused = status in _OWN_STATUSES or (status == _OVERLOADED and error.get("code") in _NO_ROOM)
    return error if is_refused else None


def _own_word(error: APIStatusError) -> OwnWord | None:
    response = error.response
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    status = error.status_code
    own = own_error(status, response.headers, body, response.request.url.host)
    if own is None:
        return None
    kind = own.get("type") if isinstance(own.get("type"), str) else "error"
    if _NO_MONEY in (kind, own.get("code")):
        return OwnWord(_NO_MONEY, own["message"], "check the account's billing", False)
    advice = _ADVICE.get(status, "see the provider's documentation of this error")
    return OwnWord(str(kind), own["message"], advice, status in (_TOO_MANY_REQUESTS, _OVERLOADED))


SDK = Sdk("openai", "OPENAI_BASE_URL", _own_word)
