"""The anthropic provider, with the real SDK against a Messages API on loopback: what ends up in the ledger."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site, infer
from omega_runtime.calls.report import report
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.anthropic import DEFAULT_MODEL, MESSAGE_OVERHEAD, SYSTEM_OVERHEAD
from omega_runtime.models.provider import ModelError
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock
from omega_runtime.values.errors import OmegaError

from tests.support.messages_api import KEY, Answer, Behaviour, CutOff, Hang, Start, error, gateway, message

SITE = Site("call.omega", 3, 7, "infer.op", "ask", 1)
PROMPT = "Say hello."
# What is held for PROMPT with max-tokens 100.
HELD = len(PROMPT) + MESSAGE_OVERHEAD + 100


def figures(account: Account) -> tuple[int, int]:
    return account.spent, account.held


def counters(*names: str) -> list[int]:
    totals = report()["totals"]
    return [totals[name] for name in names]


def test_the_usage_that_the_provider_reports_is_what_is_settled(serve: Start) -> None:
    server = serve(message("Hello.", 12, 3))
    with budget(tokens=1000) as account:
        assert infer(SITE, PROMPT) == "Hello."
    assert figures(account) == (15, 0)
    assert server.bodies() == [
        {"max_tokens": 100, "messages": [{"role": "user", "content": PROMPT}], "model": DEFAULT_MODEL}
    ]
    assert report()["models"][DEFAULT_MODEL]["input_tokens"] == 12
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_cache_tokens_count_as_input(serve: Start) -> None:
    serve(message("Hi.", 2, 3, cache_creation_input_tokens=20, cache_read_input_tokens=15))
    with budget(tokens=1000) as account:
        infer(SITE, PROMPT)
    assert account.spent == 2 + 20 + 15 + 3
    assert counters("input_tokens", "output_tokens") == [37, 3]


def test_options_reach_the_provider(serve: Start) -> None:
    server = serve(message())
    infer(SITE, PROMPT, model="claude-haiku-4-5", max_tokens=7, system="Be short.", stop=["END"])
    assert server.bodies() == [
        {
            "max_tokens": 7,
            "messages": [{"role": "user", "content": PROMPT}],
            "model": "claude-haiku-4-5",
            "stop_sequences": ["END"],
            "system": "Be short.",
        }
    ]


def test_text_blocks_are_joined_and_other_blocks_left_out(serve: Start) -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "s"}
    texts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    serve(message(blocks=[thinking, *texts]))
    assert infer(SITE, PROMPT) == "one two"


def test_a_cut_answer_is_counted_as_truncated(serve: Start) -> None:
    serve(message(stop_reason="max_tokens"))
    infer(SITE, PROMPT)
    assert counters("calls", "truncated") == [1, 1]


def test_more_billed_than_held_is_an_overrun(serve: Start) -> None:
    serve(message("Hi.", 500, 600))
    with budget(tokens=1000) as account:
        infer(SITE, PROMPT)
    assert figures(account) == (1100, 0)
    assert account.overrun == 1100 - HELD
    assert counters("overruns") == [1]


# failure, then success: waits between the attempts
RETRIED = {
    "overloaded": (error(529, "overloaded_error"), 0.5),
    "rate limit": (error(429, "rate_limit_error", retry_after="7"), 7.0),
    "rate limit without a wait": (error(429, "rate_limit_error"), 0.5),
    "server error": (error(500, "api_error"), 0.5),
}


@pytest.mark.parametrize(("failure", "wait"), RETRIED.values(), ids=RETRIED)
def test_a_passing_failure_that_cost_nothing_is_tried_again(
    serve: Start, clock: FakeClock, failure: Behaviour, wait: float
) -> None:
    server = serve(failure, message("Hello.", 12, 3))
    with budget(tokens=1000) as account:
        assert infer(SITE, PROMPT) == "Hello."
    assert figures(account) == (15, 0)
    assert clock.sleeps == [wait]
    assert len(server.bodies()) == 2
    assert counters("calls", "voided", "unknown") == [1, 1, 0]


def test_waits_double_and_attempts_end(serve: Start, clock: FakeClock) -> None:
    server = serve(*[error(529, "overloaded_error", "Overloaded")] * 4)
    with (
        budget(tokens=1000) as account,
        pytest.raises(ModelError, match=r"529 overloaded_error.*after 4 attempts"),
    ):
        infer(SITE, PROMPT)
    assert clock.sleeps == [0.5, 1.0, 2.0]
    assert len(server.bodies()) == 4
    assert figures(account) == (0, 0)
    assert counters("calls", "voided") == [0, 4]


def test_a_provider_that_asks_for_a_long_wait_is_not_tried_again(serve: Start, clock: FakeClock) -> None:
    serve(error(429, "rate_limit_error", retry_after="3600"))
    with pytest.raises(ModelError, match="429"):
        infer(SITE, PROMPT)
    assert clock.sleeps == []


def test_retry_after_may_be_a_date(serve: Start, clock: FakeClock) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    serve(error(429, "rate_limit_error", retry_after=when), message())
    infer(SITE, PROMPT)
    assert 25 < clock.sleeps[0] <= 30


REFUSED = {
    "bad request": (400, "invalid_request_error", "check the prompt"),
    "bad key": (401, "authentication_error", "check ANTHROPIC_API_KEY"),
    "forbidden": (403, "permission_error", "may not use that model"),
    "unknown model": (404, "not_found_error", "check the model's name"),
    "too large": (413, "request_too_large", "make the prompt shorter"),
    "unprocessable": (422, "invalid_request_error", "see the provider's documentation"),
}


@pytest.mark.parametrize(("status", "kind", "advice"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_costs_nothing_and_is_not_tried_again(serve: Start, status: int, kind: str, advice: str) -> None:
    server = serve(error(status, kind, f"no, {KEY}"))
    with budget(tokens=1000) as account, pytest.raises(ModelError) as caught:
        infer(SITE, PROMPT)
    assert figures(account) == (0, 0)
    assert len(server.bodies()) == 1
    assert counters("voided", "unknown") == [1, 0]
    assert caught.value.message.startswith(f"anthropic: {status} {kind}: no, …; ")
    assert advice in caught.value.message
    assert (caught.value.status, caught.value.billed) == (status, "no")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is not None


UNKNOWN = {
    "bad gateway": (gateway(502), "status 502"),
    "unavailable": (gateway(503), "status 503"),
    "unavailable in the provider's words": (error(503, "api_error"), "status 503"),
    "gateway time-out": (error(504, "timeout_error"), "status 504"),
    "server error of a gateway": (gateway(500), "status 500"),
    "overload of a gateway": (gateway(529), "status 529"),
    "refusal of a gateway": (gateway(403), "status 403"),
    "request time-out": (error(408, "timeout_error"), "status 408"),
    "JSON that is no error": (Answer(500, b'{"message": "oops"}'), "status 500"),
    "invalid JSON": (Answer(200, b'{"id": "msg_1", "conte'), "could not be read"),
    "not JSON": (Answer(200, b"<html>hello</html>", "text/html"), "could not be read"),
    "no usage": (Answer(200, b'{"id": "m", "type": "message", "content": []}'), "could not be read"),
    "negative usage": (message("x", -1, 5), "could not be read"),
    "empty": (Answer(200, b""), "could not be read"),
    "lost connection": (CutOff(), "connection was lost"),
}


@pytest.mark.parametrize(("behaviour", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_may_have_been_billed_is_booked_whole_and_not_tried_again(
    serve: Start, behaviour: Behaviour, said: str
) -> None:
    server = serve(behaviour)
    with budget(tokens=1000) as account, pytest.raises(ModelError, match=said) as caught:
        infer(SITE, PROMPT)
    assert figures(account) == (HELD, 0)
    assert len(server.bodies()) == 1
    assert counters("calls", "unknown", "unknown_tokens", "voided", "tokens") == [0, 1, HELD, 0, HELD]
    assert caught.value.billed == "unknown"


def test_a_time_out_may_have_been_billed(serve: Start) -> None:
    serve(Hang())
    start = time.monotonic()
    with (
        configure(timeout=1),
        budget(tokens=1000) as account,
        pytest.raises(ModelError, match="no whole answer within 1 s"),
    ):
        infer(SITE, PROMPT)
    assert time.monotonic() - start < 5
    assert figures(account) == (HELD, 0)
    assert counters("unknown", "voided") == [1, 0]


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that refuses connections: bound, but not listening."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_a_refused_connection_cost_nothing(
    monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger, clock: FakeClock, unused_port: int
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{unused_port}")
    with (
        configure(retries=2),
        budget(tokens=1000) as account,
        pytest.raises(ModelError, match="no connection"),
    ):
        infer(SITE, PROMPT)
    assert figures(account) == (0, 0)
    assert clock.sleeps == [0.5]
    assert counters("unknown", "voided") == [0, 2]


def test_an_address_that_is_none_costs_nothing(monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "ftp://127.0.0.1")
    with budget(tokens=1000) as account, pytest.raises(ModelError, match="no http"):
        infer(SITE, PROMPT)
    assert figures(account) == (0, 0)


# A budget in which the cheap bound (42 + 100) does not fit.
def test_the_exact_count_is_asked_for_only_when_the_bound_does_not_fit(serve: Start) -> None:
    server = serve(message("Hi.", 10, 5), message("Hi.", 10, 5))
    server.counts = [10]
    with budget(tokens=HELD):
        infer(SITE, PROMPT)
        assert len(server.bodies("/v1/messages/count_tokens")) == 0
        infer(SITE, PROMPT)
    assert len(server.bodies("/v1/messages/count_tokens")) == 1


def test_near_the_end_max_tokens_is_clamped_by_the_exact_count(serve: Start) -> None:
    server = serve(message("Hi.", 10, 5))
    server.counts = [10]
    with budget(tokens=60) as account:
        infer(SITE, PROMPT)
    # The count and its margin: 10 + 16.
    assert server.bodies()[0]["max_tokens"] == 60 - 26
    assert figures(account) == (15, 0)
    assert counters("clamped") == [1]


@pytest.mark.parametrize("count", [error(404, "not_found_error"), Answer(200, b"{}"), Answer(200, b"oops")])
def test_without_a_count_the_bound_stays(serve: Start, count: Behaviour) -> None:
    server = serve(message("Hi.", 10, 5))
    server.counts = [count]
    with budget(tokens=100):
        infer(SITE, PROMPT)
    assert server.bodies()[0]["max_tokens"] == 100 - len(PROMPT) - MESSAGE_OVERHEAD


def test_a_refused_call_sends_nothing(serve: Start) -> None:
    server = serve(message())
    server.counts = [10]
    with budget(tokens=26 + 15, name="tiny"), pytest.raises(BudgetExceeded) as caught:
        infer(SITE, PROMPT)
    assert server.bodies() == []
    assert caught.value.irritants == ("call.omega:3:7", 42, 41, "tiny")


def test_the_bound_covers_the_system_prompt_and_compatibility_forms(serve: Start) -> None:
    serve(gateway())
    with budget(tokens=10_000) as account, pytest.raises(ModelError):
        infer(SITE, "ﷺ", system="Kurz!", max_tokens=1)
    # U+FDFA is 3 bytes, and 33 once it is brought to NFKC.
    assert account.spent == 33 + MESSAGE_OVERHEAD + 5 + SYSTEM_OVERHEAD + 1


@pytest.mark.parametrize("key", ["", "two words", "line\nend", "schlüssel"])
def test_a_missing_or_broken_key_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger, key: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with budget(tokens=1000) as account, pytest.raises(OmegaError, match="ANTHROPIC_API_KEY") as caught:
        infer(SITE, PROMPT, model="claude-haiku-4-5")
    assert figures(account) == (0, 0)
    assert not key or key not in str(caught.value)
