"""Requests and tokens per minute, and models that say when to come back: all calls of the process keep to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import ModelError, NotBilled, OmegaError, Reply, budget, configure, gather, hold, use_model
from omega_runtime.calls.woven import infer
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.models import warming
from omega_runtime.models.pace import limit_of, paces
from omega_runtime.places import Site
from omega_runtime.testing import FakeClock, fresh_ledger

from tests.support.messages_api import Start, error, message

SITE = Site("test.omega", 1, 1, "infer.op", "ask", 1)


@pytest.fixture(autouse=True)
def no_pace_stays() -> Iterator[None]:
    paces.clear()
    yield
    paces.clear()


def ask(prompt: object, **options: object) -> str:
    return str(infer(SITE, str(prompt), max_tokens=50, **options))


def model(prompt: str) -> Reply:
    return Reply(prompt, 10, 10)


def seconds_of(calls: int, **settings: object) -> float:
    """How long so many calls, one after the other, take on the ledger's clock."""
    clock = FakeClock()
    with fresh_ledger(clock), use_model(model), configure(**settings), budget(tokens=100_000):
        start = clock.now()
        for n in range(calls):
            ask(n)
        return clock.now() - start


@pytest.mark.parametrize(
    ("calls", "settings", "seconds"),
    [
        (10, {}, 0),
        (10, {"requests_per_minute": 10}, 0),
        (11, {"requests_per_minute": 10}, 6),
        (20, {"requests_per_minute": 10}, 60),
        (20, {"requests_per_minute": {"other-*": 10}}, 0),
        (20, {"requests_per_minute": {"mod*": 10}}, 60),
        # Each call uses 20 tokens, and is booked with 50 for its answer and up to 2 for its prompt.
        (10, {"tokens_per_minute": 1_000}, 0),
        (101, {"tokens_per_minute": 1_000}, 60),
        (3, {"tokens_per_minute": 20}, 120),
        (20, {"requests_per_minute": 100, "tokens_per_minute": {"model": 10_000}}, 0),
    ],
)
def test_calls_wait_for_their_rate(calls: int, settings: dict[str, object], seconds: float) -> None:
    assert seconds_of(calls, **settings) == pytest.approx(seconds, abs=4)


def test_a_rate_is_that_of_all_threads() -> None:
    begun: list[float] = []

    def note(prompt: str) -> Reply:
        begun.append(time.monotonic())
        return Reply(prompt, 1, 1)

    with use_model(note), configure(requests_per_minute=1_200, jobs=8), budget(tokens=1_000_000):
        gather(ask, range(1_200))  # what the bucket holds
        start = time.monotonic()
        gather(ask, range(20))
    assert time.monotonic() - start > 0.5


@pytest.mark.parametrize(
    ("limits", "name", "limit"),
    [
        ({}, "a", None),
        ({"a": 1, "*": 2}, "a", 1),
        ({"a": 1, "*": 2}, "b", 2),
        ({"claude-*": 5}, "gpt-4", None),
    ],
)
def test_the_limit_of_a_model(limits: dict[str, int], name: str, limit: int | None) -> None:
    assert limit_of(limits, name) == limit


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "many", {"a": 0}, {"a": "x"}, {"": 3}])
def test_impossible_rates(wrong: object) -> None:
    with pytest.raises(OmegaError, match="requests_per_minute must be an integer >= 1, or a table"):
        configure(requests_per_minute=wrong)


def test_too_many_requests_slow_all_calls_down_and_fail_none(serve: Start, clock: FakeClock) -> None:
    """More refusals in a row than there are attempts."""
    server = serve(*[error(429, "rate_limit_error", retry_after="3")] * 6, message("Hello."))
    start = clock.now()
    with configure(retries=2), budget(tokens=10_000) as account:
        assert ask("hello", model="claude-test") == "Hello."
    assert clock.now() - start == pytest.approx(18, abs=1)
    assert (account.spent, len(server.bodies())) == (15, 7)


def test_while_one_call_was_told_to_wait_others_wait_too() -> None:
    told, asked = threading.Event(), []

    def limited(prompt: str) -> Reply:
        asked.append((prompt, time.monotonic()))
        if prompt == "first" and not told.is_set():
            told.set()
            raise NotBilled("too many", transient=True, retry_after=0.3)
        return Reply(prompt, 1, 1)

    def call(prompt: str) -> str:
        if prompt == "second":
            told.wait()
            time.sleep(0.05)
        return ask(prompt)

    with use_model(limited), budget(tokens=10_000):
        start = time.monotonic()
        assert gather(call, ["first", "second"], jobs=2) == ["first", "second"]
    assert all(at - start > 0.25 for _, at in asked[1:])


def test_a_provider_that_asks_for_too_long_a_wait_is_not_tried_again(serve: Start) -> None:
    serve(error(429, "rate_limit_error", retry_after="3600"))
    with budget(tokens=10_000), pytest.raises(ModelError, match="429"):
        ask("hello", model="claude-test")


@pytest.mark.parametrize("backend", ["memory", "file"])
@pytest.mark.parametrize("waits_for", ["pace", "cache"])
def test_an_interrupt_before_anything_is_sent_costs_nothing(
    backend: str, waits_for: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> Reply:
        asked.append(prompt)
        return Reply(prompt, 10, 10)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    where: dict[str, Any] = {"ledger": tmp_path / "l", "name": "a"} if backend == "file" else {}
    settings: dict[str, Any] = {"requests_per_minute": 1} if waits_for == "pace" else {}
    with fresh_ledger(), use_model(answer), configure(**settings), budget(tokens=10_000, **where) as account:
        ask("one")
        monkeypatch.setattr(SystemClock, "sleep", interrupted)
        monkeypatch.setattr(SystemClock, "wait", interrupted)
        monkeypatch.setattr(warming, "beginning", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ask("two", cache=waits_for == "cache")
        assert (account.spent, account.held, asked) == (20, 0, ["one"])
        ledger = account.ledger
    if isinstance(ledger, FileLedger):
        ledger.close()


def test_an_interrupt_of_a_hold_before_it_is_sent_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with fresh_ledger(), configure(requests_per_minute=1), budget(tokens=10_000) as account:
        with hold("m", input_tokens=10, max_tokens=10) as call:
            call.settle(input_tokens=1, output_tokens=1)
        monkeypatch.setattr(SystemClock, "sleep", interrupted)
        monkeypatch.setattr(SystemClock, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), hold("m", input_tokens=10, max_tokens=10):
            pass
        assert (account.spent, account.held) == (2, 0)
