"""How fast a model may be called: requests and tokens per minute, and what a provider asks for that is overrun.

Each model of a provider has a token bucket of each kind, which holds the amount of one minute and is filled
continuously, as providers do it; what has been put into it counts for all threads of the process. A call books what it
may cost at most; what it does not use pays for the calls after it.
"""

from __future__ import annotations

from _thread import allocate_lock

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyrate_limiter import Rate

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.provider import Provider
    from omega_runtime.models.request import Request

# An interrupt from another thread comes between two sleeps only (seconds).
_NAP = 0.25


class _Bucket:
    """So many units a minute; `state` is pyrate-limiter's, `credit` what was booked and not used."""

    def __init__(self, per_minute: int) -> None:
        from pyrate_limiter import Duration, Rate, TokenBucket

        self.per_minute = per_minute
        self._rates: list[Rate] = [Rate(per_minute, Duration.MINUTE)]
        self._algorithm = TokenBucket()
        self._state = self._algorithm.initial(self._rates)
        self.credit = 0

    def step(self, now: float, units: int) -> tuple[float, tuple[float, ...]]:
        """Seconds until so many units may be taken, and the state once they are; what never fits takes all there is."""
        milliseconds = int(now * 1000)
        if not self._algorithm.consumed(self._rates, self._state, milliseconds):
            self.credit = 0
        weight = min(max(0, units - self.credit), self.per_minute)
        state, decision = self._algorithm.step(self._rates, self._state, milliseconds, weight)
        return (decision.retry_after_ms or 0) / 1000, state

    def take(self, state: tuple[float, ...], units: int) -> None:
        """Take the units: what was left over pays first."""
        self.credit = max(0, self.credit - units)
        self._state = state


class Pace:
    """The buckets of one model of a provider, and the moment before which the provider wants no call."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._buckets: dict[str, _Bucket] = {}
        self.not_before = 0.0

    def admit(self, request: Request, tokens: int, now: float) -> float:
        """Seconds to wait before asking again; 0 when the call may be sent, which is booked then."""
        with self._lock:
            if now < self.not_before:
                return self.not_before - now
            steps = []
            for kind, units in (("requests_per_minute", 1), ("tokens_per_minute", tokens)):
                bucket = self._bucket(kind, limit_of(getattr(request.settings, kind), request.model))
                if bucket is not None:
                    seconds, state = bucket.step(now, units)
                    if seconds:
                        return seconds
                    steps.append((bucket, state, units))
            for bucket, state, units in steps:
                bucket.take(state, units)
            return 0.0

    def give_back(self, tokens: int) -> None:
        """Of what a call has booked, so many tokens were not used."""
        with self._lock:
            bucket = self._buckets.get("tokens_per_minute")
            if bucket is not None:
                bucket.credit += max(0, tokens)

    def slow_down(self, until: float) -> None:
        """The provider wants no call before this moment."""
        with self._lock:
            self.not_before = max(self.not_before, until)

    def _bucket(self, kind: str, per_minute: int | None) -> _Bucket | None:
        if per_minute is None:
            return None
        bucket = self._buckets.get(kind)
        if bucket is None or bucket.per_minute != per_minute:
            bucket = self._buckets[kind] = _Bucket(per_minute)
        return bucket


paces: dict[tuple[Provider, str], Pace] = {}
"""By provider and model; empty as long as nothing has limited any."""

forks.in_child(paces.clear)


def pace_of(request: Request) -> Pace | None:
    """The pace of a request's model; None where nothing has ever limited it."""
    key = request.provider, request.model
    pace = paces.get(key)
    if pace is None and (request.settings.requests_per_minute or request.settings.tokens_per_minute):
        return paces.setdefault(key, Pace())
    return pace


def keep_pace(request: Request, tokens: int, clock: SystemClock) -> None:
    """Wait until a call that may cost so many tokens may be sent, and book it."""
    pace = pace_of(request)
    if pace is not None:
        while (seconds := pace.admit(request, tokens, clock.now())) > 0:
            clock.sleep(min(seconds, _NAP))


def slow_down(request: Request, until: float) -> None:
    """All calls of the request's model in this process wait until then."""
    paces.setdefault((request.provider, request.model), Pace()).slow_down(until)


def limit_of(limits: Mapping[str, int], model: str) -> int | None:
    """The limit for a model: that of its name, else that of the first pattern that fits; None without any."""
    if model in limits or not limits:
        return limits.get(model)
    from fnmatch import fnmatchcase

    return next((limit for pattern, limit in limits.items() if fnmatchcase(model, pattern)), None)
