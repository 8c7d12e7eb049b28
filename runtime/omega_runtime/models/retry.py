"""When to try again; imported only once an attempt has failed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.models.provider import Failure
    from omega_runtime.settings import Settings


def seconds_to_wait(attempt: int, failure: Failure, settings: Settings) -> float | None:
    """Seconds until the next attempt after attempt number `attempt`, or None to give up.

    The provider's retry-after wins over our own doubling waits; up to half is added to those by chance.
    """
    if attempt >= settings.retries:
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= settings.retry_max else None
    doubling = min(settings.retry_max, settings.retry_wait * 2.0 ** (attempt - 1))
    return min(settings.retry_max, doubling * (1 + _jitter(settings) / 2))


def _jitter(settings: Settings) -> float:
    if settings.jitter is not None:
        return settings.jitter()
    from random import random

    return random()
