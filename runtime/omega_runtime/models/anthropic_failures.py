"""What a failed request to Anthropic says, without what the SDK's exceptions hold: the key, the prompt, any answer."""

from __future__ import annotations

from omega_runtime.models.provider import Failure
from omega_runtime.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anthropic import APIStatusError

    from omega_runtime.models.connections import Attempt
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

_MOST_SAID = 500
# So many characters in a row of a prompt or a key are taken out of what a server says.
_ECHO = 12
_KEY_ECHO = 8
_LEAST_ECHO = 4
_MOST_ESCAPES = 4
_JSON = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class AttemptFailed(Exception):
    """Stands for an exception of the SDK, which is told apart in `failure`; has no secrets, cause or context."""

    def __init__(self, kind: str, failure: Failure) -> None:
        status = "" if failure.status is None else f", status {failure.status}"
        super().__init__(f"{kind}{status}")
        self.failure = failure


def failed_attempt(error: Exception, attempt: Attempt, key: str, texts: Sequence[str], timeout: float) -> AttemptFailed:
    """What stands for an exception; `key` and `texts` are kept out of what the server said.

    `timeout` are the seconds for the call as a whole, of which the attempt may have had fewer.
    """
    from anthropic import APIConnectionError, APIStatusError

    if not attempt.is_sent:
        failure = _unsent(error, attempt, key, texts)
    elif isinstance(error, APIStatusError):
        failure = _status_failure(error, key, texts)
    elif isinstance(error, APIConnectionError):
        failure = _connection_failure(error, timeout)
    else:
        kind = type(error).__name__
        failure = Failure(f"anthropic: the answer could not be read ({kind}); it may have been billed")
    failure.seconds = attempt.elapsed
    return AttemptFailed(type(error).__name__, failure)


def _unsent(error: Exception, attempt: Attempt, key: str, texts: Sequence[str]) -> Failure:
    """What failed before the request could leave is surely not billed."""
    from anthropic import APIConnectionError
    from httpx2 import TransportError, UnsupportedProtocol

    cause = error.__cause__
    if isinstance(cause, UnsupportedProtocol):
        return Failure("anthropic: ANTHROPIC_BASE_URL is no http(s) address", billed="no")
    if isinstance(cause, TransportError):
        message = "anthropic: no connection; check the network and ANTHROPIC_BASE_URL"
        return Failure(message, billed="no", transient=attempt.elapsed < attempt.seconds)
    if isinstance(error, APIConnectionError):
        kind = type(cause or error).__name__
        return Failure(f"anthropic: no connection ({kind}); check ANTHROPIC_BASE_URL and the proxy", billed="no")
    said = _masked(str(error), key, texts)
    return Failure(f"anthropic: nothing was sent, as the SDK refused: {type(error).__name__}: {said}", billed="no")


def _connection_failure(error: Exception, timeout: float) -> Failure:
    from httpx2 import TimeoutException

    if isinstance(error.__cause__, TimeoutException):
        return Failure(
            f"anthropic: no whole answer within {timeout:g} s; the call may have been billed "
            "(a longer --timeout or configure(timeout=...) may help)"
        )
    return Failure("anthropic: the connection was lost during the call, which may have been billed")


def _status_failure(error: APIStatusError, key: str, texts: Sequence[str]) -> Failure:
    """Only the provider's own word says that nothing was billed."""
    status = error.status_code
    if 300 <= status < 400:
        origin = _masked(_origin(error.response.headers.get("location")), key, texts)
        return Failure(
            f"anthropic: status {status} redirects to {origin}, which is not followed: the prompt would go there, and "
            "the call may have been billed already; give ANTHROPIC_BASE_URL the provider's own address",
            status=status,
        )
    own = own_error(status, error.response.headers, error.body)
    if own is None:
        return Failure(
            f"anthropic: status {status} from between here and the provider; the call may have been billed",
            status=status,
        )
    advice = _ADVICE.get(status, "see the provider's documentation of this error")
    said = _masked(own["message"], key, texts)
    return Failure(
        f"anthropic: {status} {own['type']}: {said}; {advice}",
        billed="no",
        transient=status in _TRANSIENT,
        retry_after=retry_after(error.response.headers),
        status=status,
    )


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


def _origin(location: str | None) -> str:
    """Scheme, host and port of a redirect's target; neither path nor user names, which may be anything."""
    from urllib.parse import urlsplit

    try:
        target = urlsplit(location or "")
        port = "" if target.port is None else f":{target.port}"
    except ValueError:
        return "an address that cannot be read"
    if not location:
        return "no address"
    if not target.hostname:
        return "another path of the same server"
    return f"{target.scheme or 'the same scheme'}://{target.hostname}{port}"


def _masked(text: str, key: str, texts: Sequence[str]) -> str:
    """What a server said, short, on one line, and without what it repeats of the key or of the texts sent to it."""
    text = _decoded(text[:_MOST_SAID])
    text = _without(text, key, _KEY_ECHO)
    for each in texts:
        text = _without(text, each, _ECHO)
    return visible(text)


def _decoded(text: str) -> str:
    """The text without the escapes of JSON, HTML and addresses, also one in another, that would hide an echo."""
    import re
    from html import unescape
    from urllib.parse import unquote

    for _ in range(_MOST_ESCAPES):
        before = text
        text = unquote(unescape(text))
        # As UTF-16, for characters that JSON writes as two escapes.
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"\\(.)", lambda found: _JSON.get(found[1], found[1]), text, flags=re.DOTALL)
        if text == before:
            break
    return text


def _plain(text: str) -> str:
    """The text letter by letter without its case, and so of the same length."""
    return "".join([lower if len(lower := letter.lower()) == 1 else letter for letter in text])


def _without(text: str, secret: str, echo: int) -> str:
    """The text with "…" for every stretch of `echo` characters or more, or of all of it, that the secret has too."""
    echo = min(echo, len(secret))
    if echo < _LEAST_ECHO:
        return text
    said, secret = _plain(text), _plain(secret)
    parts: list[str] = []
    start = 0
    while start < len(text):
        end = start + echo
        if end <= len(text) and said[start:end] in secret:
            while end < len(text) and said[start : end + 1] in secret:
                end += 1
            parts.append("…")
            start = end
        else:
            parts.append(text[start])
            start += 1
    return "".join(parts)


def retry_after(headers: Value) -> float | None:
    """Seconds from a retry-after header, which holds seconds or an HTTP date."""
    text = headers.get("retry-after")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _seconds_until(text)
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_until(date: str) -> float | None:
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(date)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
