"""What a failed request to Anthropic says, and which of it is Anthropic's own word."""

from __future__ import annotations

from omega_runtime.models.failures import OwnWord, Sdk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from anthropic import APIStatusError

    from omega_runtime.values import Value

# The errors that Anthropic documents, by status; other statuses from 400 to 499 come with the first of them, it says.
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
# Somebody gave up waiting: the answer may have been made all the same.
_GAVE_UP = frozenset({408, 499})
_TRANSIENT = frozenset({429, 500, 529})

_ADVICE = {
    400: "check the prompt and the options",
    401: "check ANTHROPIC_API_KEY",
    402: "check the account's billing",
    403: "this key may not use that model",
    404: "check the model's name",
    413: "make the prompt shorter",
    429: "wait, or ask for a higher rate limit",
    500: "try again later",
    529: "try again later",
}


def _own_word(error: APIStatusError) -> OwnWord | None:
    status = error.status_code
    own = own_error(status, error.response.headers, error.body)
    if own is None:
        return None
    advice = _ADVICE.get(status, "see the provider's documentation of this error")
    return OwnWord(own["type"], own["message"], advice, status in _TRANSIENT)


SDK = Sdk("anthropic", "ANTHROPIC_BASE_URL", _own_word)


def own_error(status: int, headers: Value, body: object) -> Mapping[str, str] | None:
    """The "error" object of the provider's own envelope; None for anything that merely looks like it.

    Gateways wrap errors or make up their own, also of calls that were billed. They add keys, change types, or send
    another status than the one that goes with the type.
    """
    media = headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json" or not isinstance(body, dict):
        return None
    own = body.get("error")
    if body.get("type") != "error" or not body.keys() <= {"type", "error", "request_id"}:
        return None
    if not isinstance(own, dict) or not {"type", "message"} <= own.keys() <= {"type", "message", "details"}:
        return None
    if not isinstance(own["type"], str) or not isinstance(own["message"], str):
        return None
    if not isinstance(body.get("request_id", ""), str) or isinstance(own.get("details"), list):
        return None
    if isinstance(own.get("details"), dict) and "usage" in own["details"]:
        return None
    expected = _ERRORS.get(status)
    if expected is None and 400 <= status < 500 and status not in _GAVE_UP:
        expected = _ERRORS[400]
    return own if own["type"] == expected else None
