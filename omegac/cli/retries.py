"""What `--verbose` says: that a call is tried again, why, and when."""

from __future__ import annotations

from omega_runtime.calls.call import Call
from omega_runtime.models.provider import Failure

from omegac.cli.failures import say


def say_retry(call: Call, failure: Failure, attempt: int, seconds: float) -> None:
    """Say it on stderr; `attempt` is the number of the next one, which begins in so many seconds."""
    request = call.request
    place = f"{request.site.file}:{request.site.line}:{request.site.column}"
    most = f" of {request.settings.retries}" if attempt > call.attempt else ""
    say(f"{place}: {failure.message}; attempt {attempt}{most} begins in {seconds:.1f} s")
