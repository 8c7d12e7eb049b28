"""Which calls are plain, and that those which aren't take no short cut; what is plain costs no more than it must."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest
from omega_runtime import Reply, budget, configure
from omega_runtime.acceleration import IS_ACCELERATED
from omega_runtime.calls import infer, perform, reserve, settle
from omega_runtime.calls.call import Call, PlainCall
from omega_runtime.calls.context import Context, current
from omega_runtime.control.positions import Position, position
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE
from tests.support.quiet import Priced, Quiet, Running


class Wider(Quiet):
    """Needs more room than the text."""

    __slots__ = ()
    overhead = 7


class Doubling(Quiet):
    """Bounds prompts in its own way."""

    __slots__ = ()

    def bound(self, request: Request) -> int:
        return 2 * len(request.prompt)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with fresh_ledger(), configure(provider=Quiet(), unbudgeted="allow"):
        yield


def held(operand: Any = "say", **options: Any) -> Call:
    """A call in a budget that isn't the first with its settings."""
    reserve(SITE, "say")
    return reserve(SITE, operand, options.pop("max_tokens", None), options)


def tracked() -> AbstractContextManager[None]:
    return _within(lambda here: Context(here.account, (lambda _: None,), here.handlers, here.policy))


def minimal() -> AbstractContextManager[None]:
    current.get().policy.switch(minimal=True)
    return ExitStack()


@contextmanager
def in_map() -> Iterator[None]:
    before = position.set(Position(0, None))
    try:
        yield
    finally:
        position.reset(before)


@contextmanager
def _within(change: Any) -> Iterator[None]:
    before = current.set(change(current.get()))
    try:
        yield
    finally:
        current.reset(before)


@pytest.mark.parametrize("operand", ["say", "", "é", "日本"])
@pytest.mark.parametrize("provider", [Quiet(), Wider(), Doubling()])
def test_a_text_in_a_budget_in_memory_is_a_plain_call(operand: str, provider: Provider) -> None:
    with budget(1000), configure(provider=provider):
        assert type(held(operand, max_tokens=10)) is PlainCall


@pytest.mark.parametrize("around", [tracked, minimal, in_map])
def test_what_is_around_a_call_makes_it_more(around: Any) -> None:
    with budget(1000), around():
        assert type(held()) is Call


@pytest.mark.parametrize("provider", [Priced(), Running()])
def test_a_provider_makes_it_more(provider: Provider) -> None:
    with budget(1000), configure(provider=provider):
        assert type(held()) is Call


@pytest.mark.parametrize("limit", ["requests_per_minute", "tokens_per_minute"])
def test_a_limit_per_minute_makes_it_more(limit: str) -> None:
    with budget(1000), configure(**{limit: 10**6}):
        assert type(held()) is Call


@pytest.mark.parametrize("options", [{"system": "You say."}, {"max_tokens": 10.0}, {"max_tokens": False}])
def test_an_option_makes_it_more(options: dict[str, Any]) -> None:
    with budget(10_000):
        assert type(held(**options)) is Call


def test_no_budget_and_a_ledger_file_make_it_more(tmp_path: Any) -> None:
    assert type(held()) is Call
    with budget(10_000, ledger=str(tmp_path / "team.ledger"), name="team"):
        assert type(held()) is Call


@pytest.mark.parametrize(
    ("provider", "operand", "tokens"),
    [(Quiet(), "say", 3), (Wider(), "say", 10), (Doubling(), "say", 6), (Quiet(), "é", 2), (Wider(), "é", 9)],
)
def test_a_plain_call_holds_what_its_provider_bounds(provider: Provider, operand: str, tokens: int) -> None:
    with budget(1000), configure(provider=provider):
        assert held(operand, max_tokens=100).tokens == 100 + tokens


def test_other_settings_hold_from_the_next_call_on() -> None:
    with budget(1000):
        assert infer(SITE, "say") == "ok"
        with configure(provider=Quiet(Reply("other", 3, 2)), max_tokens=20):
            assert infer(SITE, "say") == "other"
            assert held().output == 20
            with configure(model="named"):
                assert held().request.model == "named"
        assert infer(SITE, "say") == "ok"
        with configure(requests_per_minute=10**6):
            assert type(held()) is Call


def test_a_plain_call_is_sent_while_it_is_held_and_booked_once() -> None:
    with budget(1000) as account:
        hold = held(max_tokens=10)
        settle(hold, perform(hold))
        assert (hold.open, hold.value, account.spent) == (0, "ok", 5)
        for again in (lambda: perform(hold), lambda: settle(hold, Reply("ok", 3, 2))):
            with pytest.raises(Exception, match="while its worst case is held|was settled before"):
                again()
        assert account.spent == 5


@pytest.mark.skipif(IS_ACCELERATED, reason="C does it")
def test_in_python_a_plain_call_takes_few_functions() -> None:
    called: list[str] = []
    with budget(1000), budget(1000):
        infer(SITE, "say")
        sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
        try:
            hold = reserve(SITE, "say", max_tokens=10)
            settle(hold, perform(hold))
            del hold
        finally:
            sys.setprofile(None)
    assert called == ["reserve", "reserve", "perform", "complete", "settle", "settle", "__del__"]
