"""Spans and metrics of OpenTelemetry, by its SDK's in-memory exporters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from omega_runtime import ModelError, Reply, ask_async, budget, configure, instrument, uninstrument, use_model
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.testing import fresh_ledger
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.support.messages_api import Server, error, message
from tests.support.omega import Run, compiled


class Recorded:
    """What is exported."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def points(self, name: str) -> list[tuple[dict[str, object], float]]:
        """The attributes and sums of a metric."""
        data = self.reader.get_metrics_data()
        assert data is not None
        metrics = [each for part in data.resource_metrics for scope in part.scope_metrics for each in scope.metrics]
        (found,) = [each for each in metrics if each.name == name]
        return [(dict(point.attributes or {}), point.sum) for point in found.data.data_points]


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    made = Recorded()
    instrument(made.tracers, made.meters)
    with fresh_ledger():
        yield made
    uninstrument()


CALL = '(define (ask) (effect infer.op "Secret?" model: "m" max-tokens: 50 temperature: 0.5 stop: "END")) (ask)'


def test_a_span_of_a_call(recorded: Recorded) -> None:
    answer = message("Hello.", 12, 7, cache_read_input_tokens=5)
    answer.headers["request-id"] = "req_1"
    with Server(answer) as server, configure(provider=AnthropicProvider("key", server.url), prices={"m": (1, 10)}):
        with budget(10_000):
            assert Run(compiled(CALL).code()).value == '"Hello."'
    (span,) = recorded.spans
    said = dict(span.attributes or {})
    assert span.name == "chat m"
    assert span.kind.name == "CLIENT"
    assert said.pop("omega.tokens.held") > 50  # type: ignore[operator]
    assert 0 < said.pop("omega.dollars") < 0.001  # type: ignore[operator]
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "m",
        "gen_ai.request.max_tokens": 50,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.response.model": "claude-test",
        "gen_ai.response.id": "req_1",
        "gen_ai.response.finish_reasons": ("end_turn",),
        "gen_ai.usage.input_tokens": 17,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "code.function.name": "ask",
        "code.file.path": "test.omega",
        "code.line.number": 1,
        "omega.account": "budget",
        "omega.attempt": 1,
        "omega.tokens.wanted": 50,
    }
    tokens = {str(known["gen_ai.token.type"]): total for known, total in recorded.points("gen_ai.client.token.usage")}
    assert tokens == {"input": 17, "output": 7}


def test_each_attempt_has_a_span(recorded: Recorded) -> None:
    with Server(error(529, "overloaded_error"), message("Hello.")) as server:
        with configure(provider=AnthropicProvider("key", server.url), retry_wait=0.01), budget(10_000):
            Run(compiled(CALL).code())
    first, second = recorded.spans
    assert (first.status.status_code.name, second.status.status_code.name) == ("ERROR", "UNSET")
    assert (first.attributes or {})["error.type"] == "AttemptFailed"
    assert (second.attributes or {})["omega.attempt"] == 2


def test_an_error_shows_its_type_and_no_more(recorded: Recorded) -> None:
    def model(prompt: str, **options: object) -> Reply:
        raise ValueError(f"no {prompt}")

    with use_model(model), budget(10_000):
        assert isinstance(Run(compiled(CALL).code()).error, ModelError)
    (span,) = recorded.spans
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "Secret" not in span.to_json()


def test_spans_lie_within_those_around(recorded: Recorded) -> None:
    tracer = recorded.tracers.get_tracer("test")

    async def ask() -> str:
        with tracer.start_as_current_span("outer"):
            answer: str = await ask_async("Hi", model="m", max_tokens=20)
            return answer

    with Server(message("Hello.")) as server, configure(provider=AnthropicProvider("key", server.url)):
        with budget(10_000), tracer.start_as_current_span("outer"):
            Run(compiled(CALL.replace(" temperature: 0.5", "")).code())
        server.script.append(message("Hello."))
        with budget(10_000):
            assert asyncio.run(ask()) == "Hello."
    calls = [span for span in recorded.spans if span.name == "chat m"]
    assert len(calls) == 2
    assert all(span.parent is not None for span in calls)


def test_nothing_is_traced_unless_asked() -> None:
    made = Recorded()
    with fresh_ledger(), use_model(lambda prompt: "Hi."), budget(10_000):
        Run(compiled('(effect infer.op "Hi")').code())
    assert made.spans == ()
