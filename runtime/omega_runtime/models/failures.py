"""What a failed request to a provider says, without what the SDKs' exceptions hold: the key, the prompt, any answer."""

from __future__ import annotations

from typing import NamedTuple

from omega_runtime.models.provider import Failure
from omega_runtime.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from omega_runtime.models.connections import Attempt
    from omega_runtime.values import Value


class OwnWord(NamedTuple):
    """A provider's own word that a request failed, and so cost nothing: the error's kind, what it says, what to do."""

    kind: str
    message: str
    advice: str
    transient: bool


class Sdk(NamedTuple):
    """An SDK by its module's name, which is the provider's; the variable that has its address.

    `own_word` tells what the provider itself said from what anything in between did: None for that.
    """

    name: str
    address: str
    own_word: Callable[[Any], OwnWord | None]


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


def failed_attempt(
    error: Exception, attempt: Attempt, key: str, texts: Sequence[str], timeout: float, sdk: Sdk
) -> AttemptFailed:
    """What stands for an exception; `key` and `texts` are kept out of what the server said.

    `timeout` are the seconds for the call as a whole, of which the attempt may have had fewer.
    """
    from importlib import import_module

    module: Any = import_module(sdk.name)
    if not attempt.is_sent:
        failure = _unsent(error, attempt, key, texts, sdk, module.APIConnectionError)
    elif isinstance(error, module.APIStatusError):
        failure = _status_failure(error, key, texts, sdk)
    elif isinstance(error, module.APIConnectionError):
        failure = _connection_failure(error, timeout, sdk)
    else:
        kind = type(error).__name__
        failure = Failure(f"{sdk.name}: the answer could not be read ({kind}); it may have been billed")
    failure.seconds = attempt.elapsed
    return AttemptFailed(type(error).__name__, failure)


def _unsent(
    error: Exception, attempt: Attempt, key: str, texts: Sequence[str], sdk: Sdk, connection_error: type[Exception]
) -> Failure:
    """What failed before the request could leave is surely not billed."""
    from httpx2 import TransportError, UnsupportedProtocol

    cause = error.__cause__
    if isinstance(cause, UnsupportedProtocol):
        return Failure(f"{sdk.name}: {sdk.address} is no http(s) address", billed="no")
    if isinstance(cause, TransportError):
        message = f"{sdk.name}: no connection; check the network and {sdk.address}"
        return Failure(message, billed="no", transient=attempt.elapsed < attempt.seconds)
    if isinstance(error, connection_error):
        kind = type(cause or error).__name__
        return Failure(f"{sdk.name}: no connection ({kind}); check {sdk.address} and the proxy", billed="no")
    said = _masked(str(error), key, texts)
    return Failure(f"{sdk.name}: nothing was sent, as the SDK refused: {type(error).__name__}: {said}", billed="no")


def _connection_failure(error: Exception, timeout: float, sdk: Sdk) -> Failure:
    from httpx2 import TimeoutException

    if isinstance(error.__cause__, TimeoutException):
        return Failure(
            f"{sdk.name}: no whole answer within {timeout:g} s; the call may have been billed "
            "(a longer --timeout or configure(timeout=...) may help)"
        )
    return Failure(f"{sdk.name}: the connection was lost during the call, which may have been billed")


def _status_failure(error: Any, key: str, texts: Sequence[str], sdk: Sdk) -> Failure:
    """Only the provider's own word says that nothing was billed."""
    status: int = error.status_code
    if 300 <= status < 400:
        origin = _masked(_origin(error.response.headers.get("location")), key, texts)
        return Failure(
            f"{sdk.name}: status {status} redirects to {origin}, which is not followed: the prompt would go there, and "
            f"the call may have been billed already; give {sdk.address} the provider's own address",
            status=status,
        )
    own = sdk.own_word(error)
    if own is None:
        return Failure(
            f"{sdk.name}: status {status} from between here and the provider; the call may have been billed",
            status=status,
        )
    return Failure(
        f"{sdk.name}: {status} {_masked(own.kind, key, texts)}: {_masked(own.message, key, texts)}; {own.advice}",
        billed="no",
        transient=own.transient,
        retry_after=retry_after(error.response.headers),
        status=status,
    )


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
