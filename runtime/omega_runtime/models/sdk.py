"""What providers have in common that are asked through their SDK."""

from __future__ import annotations

import os

from omega_runtime.models.parts import texts_in
from omega_runtime.models.provider import Failure, NetworkProvider
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.connections import Attempt
    from omega_runtime.models.failures import AttemptFailed
    from omega_runtime.models.request import Request

# Assumed: how far a provider's count may lie below what it bills.
COUNT_MARGIN = 16
COUNT_MARGIN_SHARE = 50

COUNT_SECONDS = 30.0


class SdkProvider(NetworkProvider):
    """A provider for one key and base URL; every attempt is one request, without retries of the SDK.

    Providers with the same key and address are equal. Subclasses give `_failed`, and `_counted` where they can count.
    """

    __slots__ = ("_base_url", "_key")
    home = ""
    """The address without a base URL."""

    def __init__(self, key: str, base_url: str | None) -> None:
        self._key = key
        self._base_url = base_url

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._account == self._account

    def __hash__(self) -> int:
        return hash(self._account)

    @property
    def _account(self) -> tuple[str, str | None]:
        return self._key, self._base_url

    @property
    def identity(self) -> str:
        """The provider at its address, without what may be secret in that: a gateway may be a stub."""
        from urllib.parse import urlsplit

        address = urlsplit(self._base_url or self.home)
        return f"{self.name} {address.scheme}://{address.netloc.rpartition('@')[2]}{address.path.rstrip('/')}"

    def count(self, request: Request, clock: SystemClock) -> int | None:
        """The provider's own count and a margin; None, so that the bound stays, when it cannot be had.

        What fails in passing is tried again, as a call refused by its bound would leave budget unused.
        """
        from omega_runtime.models.retry import seconds_to_wait

        for number in range(1, request.settings.retries + 1):
            counted = self._counted(request)
            if counted is None or isinstance(counted, int):
                return None if counted is None else self._with_margin(counted, request)
            failure = counted.failure
            seconds = seconds_to_wait(number, failure, request.settings) if failure.transient else None
            if seconds is None:
                return None
            clock.sleep(seconds)
        return None

    def _with_margin(self, counted: int, request: Request) -> int:
        most = max(counted, self.bound(request) // request.attempts)
        return min(counted + COUNT_MARGIN + counted // COUNT_MARGIN_SHARE, most)

    def _counted(self, request: Request) -> int | AttemptFailed | None:  # noqa: ARG002
        """What the provider counts; None when it can't count such a request."""
        return None

    def _failed(self, error: Exception, attempt: Attempt, request: Request) -> AttemptFailed:
        raise NotImplementedError

    def _attempt(self, seconds: float, confirm: Callable[[], None] | None = None) -> Attempt:
        from omega_runtime.models.connections import Attempt

        return Attempt(seconds, confirm)

    def failure(self, error: Exception) -> Failure:
        """What is known about an attempt."""
        from omega_runtime.models.failures import AttemptFailed

        if isinstance(error, AttemptFailed):
            return error.failure
        return Failure(f"{self.name}: {type(error).__name__}; the call may have been billed")


def usable_key(variable: str) -> str:
    """The key in a variable of the environment; empty without one. Raises OmegaError for what can't be sent."""
    key = os.environ.get(variable, "")
    if not key.isascii() or not key.isprintable() or " " in key:
        del key  # tools that print the variables of a traceback must not print this one
        raise OmegaError(f"{variable} holds a space, a line end or another character that no key has")
    return key


def texts_of(request: Request) -> list[str]:
    """All that a request says, which no error may repeat."""
    said = [text for _, content in request.messages for text in texts_in(content)]
    of_vectors = () if request.embeds is None or isinstance(request.embeds, str) else request.embeds
    return [*(said or [request.prompt]), *of_vectors, request.system or ""]
