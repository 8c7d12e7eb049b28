"""What `--verbose` says: that a call is tried again, why, and when."""

from __future__ import annotations

from omega_runtime.calls.call import Call
from omega_runtime.models.provider import Failure

from omegac.cli.failures import say
from omegac.cli.progress import Progress


class Retries:
    """Says it on stderr, where the line of the progress makes room."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def __call__(self, call: Call, failure: Failure, attempt: int, seconds: float) -> None:
        """`attempt` is the number of the next one, which begins in so many seconds."""
        request = call.request
        place = f"{request.site.file}:{request.site.line}:{request.site.column}"
        most = f" of {request.settings.retries}" if attempt > call.attempt else ""
        if self._progress is not None:
            self._progress.erase()
        say(f"{place}: {failure.message}; attempt {attempt}{most} begins in {seconds:.1f} s")
