"""Anthropic's Messages API through its SDK, which is imported at the first call."""

from __future__ import annotations

import os
from threading import Lock

from omega_runtime.budgets import settings
from omega_runtime.errors import OmegaError
from omega_runtime.models.prices import price_of
from omega_runtime.models.provider import Failure, Provider
from omega_runtime.models.reply import Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message

    from omega_runtime.models.prices import Price
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value

DEFAULT_MODEL = "claude-sonnet-5-5"

# Assumed, not promised by the provider: the most input tokens that framing adds to a message and to a system
# prompt. Should a call be billed more than was held all the same, the ledger records an overrun.
MESSAGE_OVERHEAD = 32
SYSTEM_OVERHEAD = 32
# Assumed as well: how far the provider's count may lie below what it bills.
COUNT_MARGIN = 16
COUNT_MARGIN_SHARE = 50

CONNECT_SECONDS = 10.0
COUNT_SECONDS = 30.0

# Statuses that say that somebody gave up waiting: the answer may have been made all the same.
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


class UnreadableAnswer(Exception):
    """The provider answered with success, but not with a message that has text and token counts."""


class AnthropicProvider(Provider):
    """Calls `messages.create` for one key and base URL; every attempt is one request, without retries of the SDK."""

    __slots__ = ("_base_url", "_client", "_key", "_lock")
    name = "anthropic"
    default_model = DEFAULT_MODEL
    overhead = MESSAGE_OVERHEAD
    system_overhead = SYSTEM_OVERHEAD
    is_priced = True
    runs_programs = False

    def __init__(self, key: str, base_url: str | None) -> None:
        self._key = key
        self._base_url = base_url
        self._lock = Lock()
        self._client: Anthropic | None = None

    @property
    def identity(self) -> str:
        """The provider at its address, without what may be secret in that: a gateway may be a stub."""
        from urllib.parse import urlsplit

        address = urlsplit(self._base_url or "https://api.anthropic.com")
        return f"anthropic {address.scheme}://{address.netloc.rpartition('@')[2]}{address.path.rstrip('/')}"

    def price(self, model: str) -> Price | None:
        """What Anthropic takes for the model; None when the price data does not know it."""
        return price_of(model, "anthropic")

    def count(self, request: Request) -> int | None:
        """The provider's own count and a margin; None, so that the bound stays, when it cannot be had.

        What fails in passing is tried again, as a call refused by its bound would leave budget unused.
        """
        from anthropic import AnthropicError

        for attempt in range(1, settings.active.retries + 1):
            try:
                answer = self._connected().messages.count_tokens(
                    **self._prompt(request), timeout=self._timeout(min(COUNT_SECONDS, settings.active.timeout))
                )
                tokens = _count(answer, "input_tokens")
            except (AnthropicError, UnreadableAnswer, ValueError) as error:
                if not self._wait_to_count_again(attempt, error):
                    return None
            else:
                return min(tokens + COUNT_MARGIN + tokens // COUNT_MARGIN_SHARE, max(tokens, self.bound(request)))
        return None

    def _wait_to_count_again(self, attempt: int, error: Exception) -> bool:
        """Wait as before another attempt at a call; False when there is to be none."""
        from omega_runtime.effects.context import current_account
        from omega_runtime.effects.retry import seconds_to_wait

        failure = self.failure(error)
        seconds = seconds_to_wait(attempt, failure, settings.active) if failure.transient else None
        if seconds is None:
            return False
        current_account().ledger.clock.sleep(seconds)
        return True

    def complete(self, request: Request) -> Reply:
        """One request to the Messages API; blocks of the answer that are no text are left out."""
        options: dict[str, Value] = {"max_tokens": request.max_tokens, **self._prompt(request)}
        if request.stop:
            options["stop_sequences"] = list(request.stop)
        return _reply(self._connected().messages.create(**options, timeout=self._timeout(settings.active.timeout)))

    def failure(self, error: Exception) -> Failure:
        """What an exception of the SDK, or of its transport, says about the attempt."""
        if isinstance(error, ImportError):
            return Failure(f"anthropic: the SDK cannot be imported ({error}); reinstall omegac", billed="no")
        if isinstance(error, Warning):
            # The SDK warns before it sends; where warnings are errors, nothing was sent.
            return Failure(f"anthropic: {error}", billed="no")
        from anthropic import APIConnectionError, APIStatusError

        if isinstance(error, APIStatusError):
            return self._status_failure(error)
        if isinstance(error, APIConnectionError):
            return _connection_failure(error)
        return Failure(f"anthropic: the answer could not be read ({type(error).__name__}); it may have been billed")

    def _status_failure(self, error: Value) -> Failure:
        """Only the provider's own error body, a JSON object with "error", says that nothing was billed."""
        status = error.status_code
        body = error.body
        details = body.get("error") if isinstance(body, dict) else None
        own = isinstance(details, dict) and status not in _GAVE_UP and (status < 500 or status in (500, 529))
        if not own or not isinstance(details, dict):
            return Failure(
                f"anthropic: status {status} from between here and the provider; the call may have been billed",
                status=status,
            )
        said = f"{details.get('type')}: {details.get('message')}".replace(self._key, "…")
        advice = _ADVICE.get(status, "see the provider's documentation of this error")
        return Failure(
            f"anthropic: {status} {said}; {advice}",
            billed="no",
            transient=status in _TRANSIENT,
            retry_after=_retry_after(error.response.headers),
            status=status,
        )

    def _prompt(self, request: Request) -> dict[str, Value]:
        prompt: dict[str, Value] = {
            "model": request.model,
            "messages": [{"role": "user", "content": request.prompt}],
        }
        if request.system is not None:
            prompt["system"] = request.system
        return prompt

    def _timeout(self, seconds: float) -> Value:
        from httpx2 import Timeout

        return Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))

    def _connected(self) -> Anthropic:
        """The SDK's client, made once; safe to share between threads."""
        if self._client is None:
            with self._lock:
                if self._client is None:
                    from anthropic import Anthropic

                    self._client = Anthropic(api_key=self._key, base_url=self._base_url, max_retries=0)
        return self._client


_providers: dict[tuple[str, str | None], AnthropicProvider] = {}


def anthropic_provider() -> AnthropicProvider:
    """The provider for ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL as they are now.

    Raises OmegaError when there is no key, or one that cannot be sent.
    """
    key = os.environ.get("ANTHROPIC_API_KEY", "")
    if not key:
        raise OmegaError("ANTHROPIC_API_KEY is not set; set it, or use the offline model with --model offline")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise OmegaError("ANTHROPIC_API_KEY holds a space, a line end or another character that no key has")
    base_url = os.environ.get("ANTHROPIC_BASE_URL") or None
    return _providers.setdefault((key, base_url), AnthropicProvider(key, base_url))


def _reply(message: Message) -> Reply:
    """The reply in a message; raises UnreadableAnswer when it has no text blocks or no counts."""
    usage = getattr(message, "usage", None)
    blocks = getattr(message, "content", None)
    if usage is None or not isinstance(blocks, list):
        raise UnreadableAnswer(f"a {type(message).__name__} without usage or content")
    texts = [getattr(block, "text", None) for block in blocks if getattr(block, "type", None) == "text"]
    if not all(isinstance(text, str) for text in texts):
        raise UnreadableAnswer("a text block without text")
    written = _count(usage, "cache_creation_input_tokens", optional=True)
    read = _count(usage, "cache_read_input_tokens", optional=True)
    return Reply(
        "".join(text for text in texts if text),
        _count(usage, "input_tokens") + written + read,
        _count(usage, "output_tokens"),
        stop_reason=message.stop_reason,
        model=message.model,
        cache_write_tokens=written,
        cache_read_tokens=read,
    )


def _count(holder: object, name: str, optional: bool = False) -> int:
    count = getattr(holder, name, None)
    if count is None and optional:
        return 0
    if type(count) is not int or count < 0:
        raise UnreadableAnswer(f"{name} is no count")
    return count


def _connection_failure(error: Exception) -> Failure:
    """Only what failed before the request could leave is surely not billed."""
    from httpx2 import ConnectError, ConnectTimeout, PoolTimeout, TimeoutException, UnsupportedProtocol

    cause = error.__cause__
    if isinstance(cause, (ConnectError, ConnectTimeout, PoolTimeout)):
        message = "anthropic: no connection; check the network and ANTHROPIC_BASE_URL"
        return Failure(message, billed="no", transient=True)
    if isinstance(cause, UnsupportedProtocol):
        return Failure("anthropic: ANTHROPIC_BASE_URL is no http(s) address", billed="no")
    if isinstance(cause, TimeoutException):
        seconds = settings.active.timeout
        return Failure(
            f"anthropic: no answer within {seconds:g} s; the call may have been billed "
            "(a longer --timeout or configure(timeout=...) may help)"
        )
    return Failure("anthropic: the connection was lost during the call, which may have been billed")


def _retry_after(headers: Value) -> float | None:
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
