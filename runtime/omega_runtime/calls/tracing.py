"""Spans and metrics of OpenTelemetry: one span for each attempt at a call, by the conventions for generative AI.

What was asked and answered is in neither. https://opentelemetry.io/docs/specs/semconv/gen-ai/ has the names.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter

from omega_runtime.calls.tracers import tracers
from omega_runtime.values.errors import OmegaError
from omega_runtime.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from omega_runtime.calls.call import Call
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request

_BUCKETS = [0.01 * 2**power for power in range(14)]


class Tracer:
    """Makes a span of each attempt, as the current one while it goes on, and counts tokens and seconds."""

    __slots__ = ("_seconds", "_tokens", "_tracer")

    def __init__(self, tracer: Any, meter: Any) -> None:
        self._tracer = tracer
        self._tokens = meter.create_histogram("gen_ai.client.token.usage", "{token}", "Tokens of calls to models")
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "How long calls to models take",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )

    @contextmanager
    def around(self, hold: Call) -> Iterator[Callable[[Reply], None]]:
        """A span around an attempt; what it gives is told the reply."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        request = hold.request
        known = _known(request)
        began = perf_counter()
        with self._tracer.start_as_current_span(
            f"chat {request.model}",
            kind=SpanKind.CLIENT,
            attributes={**known, **_asked(hold)},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield lambda reply: self._tell(span, known, hold, reply)
            except BaseException as error:
                known["error.type"] = type(error).__name__
                span.set_attribute("error.type", known["error.type"])
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                self._seconds.record(perf_counter() - began, known)

    def traced(self, hold: Call, perform: Callable[[Call, bool], Reply]) -> Reply:
        """The reply of an attempt, within its span."""
        with self.around(hold) as tell:
            reply = perform(hold, True)
            tell(reply)
        return reply

    def _tell(self, span: Any, known: dict[str, Any], hold: Call, reply: Reply) -> None:
        if reply.model is not None:
            known["gen_ai.response.model"] = reply.model
        span.set_attributes(_answered(hold.request, reply))
        for kind, tokens in (("input", reply.input_tokens), ("output", reply.output_tokens)):
            self._tokens.record(tokens, {**known, "gen_ai.token.type": kind})


def _known(request: Request) -> dict[str, Any]:
    """What spans and metrics both say of a call."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": request.provider.biller or request.provider.name,
        "gen_ai.request.model": request.model,
    }


def _asked(hold: Call) -> dict[str, Any]:
    request = hold.request
    options = {f"gen_ai.request.{name}": value for name, value in request.sampling if name in ("temperature", "top_p")}
    if request.stop:
        options["gen_ai.request.stop_sequences"] = list(request.stop)
    return {
        **options,
        "gen_ai.request.max_tokens": hold.output,
        "code.function.name": request.site.procedure or "the top level",
        "code.file.path": request.site.file,
        "code.line.number": request.site.line,
        "omega.account": hold.account.name,
        "omega.attempt": hold.attempt,
        "omega.tokens.held": hold.tokens,
        "omega.tokens.wanted": request.wanted,
    }


def _answered(request: Request, reply: Reply) -> dict[str, Any]:
    known: dict[str, Any] = {
        "gen_ai.response.model": reply.model,
        "gen_ai.response.id": reply.request_id,
        "gen_ai.response.finish_reasons": None if reply.stop_reason is None else [reply.stop_reason],
        "gen_ai.usage.input_tokens": reply.input_tokens,
        "gen_ai.usage.output_tokens": reply.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": reply.cache_read_tokens or None,
        "gen_ai.usage.cache_creation.input_tokens": reply.cache_write_tokens or None,
    }
    if request.price is not None:
        from omega_runtime.money import dollars

        known["omega.dollars"] = float(dollars(request.price.of(reply)))
    return {name: value for name, value in known.items() if value is not None}


def instrument(tracer_provider: Any = None, meter_provider: Any = None) -> None:
    """Trace all calls of this process from here on, with the providers given or those that OpenTelemetry has.

    Raises OmegaError without the package opentelemetry-api.
    """
    try:
        from opentelemetry import metrics, trace
    except ImportError:
        raise OmegaError(
            "instrument: OpenTelemetry is not installed; install it with pip install 'omegac[otel]'"
        ) from None
    tracer = trace.get_tracer("omega_runtime", __version__, tracer_provider)
    meter = metrics.get_meter("omega_runtime", __version__, meter_provider)
    tracers[:] = [Tracer(tracer, meter)]


def uninstrument() -> None:
    """Trace no more calls."""
    tracers.clear()
