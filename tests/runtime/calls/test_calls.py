"""The woven sequence reserve, perform, settle or void, as compiled code runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer, perform, reserve, settle, void
from omega_runtime.calls.report import report
from omega_runtime.chapter.scopes import with_tracking
from omega_runtime.ledger.errors import BudgetExceeded, LedgerMisuse
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.provider import Failure, ModelError, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, fresh_ledger
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Figures

REPLY = Reply("answer", 20, 30)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(clock: FakeClock) -> Iterator[MemoryLedger]:
    with fresh_ledger(clock) as ledger, configure(max_tokens=100, jitter=lambda: 0.0):
        yield ledger


def provider(*answers: Reply | BaseException, billed: str = "unknown", transient: bool = False) -> Figures:
    figures = Figures(50, 50, *answers)
    figures.billed, figures.transient = billed, transient
    return figures


def test_a_call_is_held_then_settled(ledger: MemoryLedger) -> None:
    with configure(provider=provider(REPLY)), budget(tokens=1000) as account:
        hold = reserve(SITE, "prompt")
        assert isinstance(hold, Hold)
        assert (account.spent, account.held, account.remaining) == (0, 150, 850)
        request = hold.request
        assert (request.prompt, request.model, request.wanted) == ("prompt", "figures", 100)
        assert (request.system, request.stop, request.site) == (None, (), SITE)
        reply = perform(hold)
        assert (account.spent, account.held) == (0, 150)
        settle(hold, reply)
        assert (account.spent, account.held, hold.open, hold.value) == (50, 0, False, "answer")


def test_no_call_without_an_open_hold(ledger: MemoryLedger) -> None:
    with configure(provider=provider(REPLY, REPLY)):
        hold = reserve(SITE, "prompt")
        settle(hold, perform(hold))
        with pytest.raises(LedgerMisuse):
            perform(hold)
        with pytest.raises(LedgerMisuse):
            settle(hold, REPLY)
    assert ledger.root.spent == 50


class Boom(Exception):
    pass


# billed, transient -> attempts, spent, voided, unknown
FAILURES = {
    "not billed, passing": ("no", True, 3, 0, 3, 0),
    "not billed, lasting": ("no", False, 1, 0, 1, 0),
    "unknown, lasting": ("unknown", False, 1, 150, 0, 1),
    "unknown, passing: never paid for twice unasked": ("unknown", True, 1, 150, 0, 1),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES)
def test_failures(ledger: MemoryLedger, clock: FakeClock, case: tuple[str, bool, int, int, int, int]) -> None:
    billed, transient, attempts, spent, voided, unknown = case
    failing = provider(*[Boom("no luck")] * 5, billed=billed, transient=transient)
    with (
        configure(provider=failing, retries=3),
        budget(tokens=1000) as account,
        pytest.raises(ModelError) as caught,
    ):
        infer(SITE, "prompt")
    totals = report(ledger)["totals"]
    assert len(failing.asked) == attempts
    assert (account.spent, account.held, totals["voided"], totals["unknown"]) == (spent, 0, voided, unknown)
    assert clock.sleeps == [0.5, 1.0][: attempts - 1]
    assert isinstance(caught.value.__cause__, Boom)
    assert (caught.value.provider, caught.value.billed) == ("figures", billed)
    assert "no luck" in caught.value.message


def test_each_attempt_is_a_hold_of_its_own_and_asks_for_all_it_wanted(ledger: MemoryLedger) -> None:
    failing = provider(Boom("busy"), REPLY, billed="no", transient=True)
    failing.figures = (50, None)
    with configure(provider=failing), budget(tokens=120) as account:
        first = reserve(SITE, "prompt")
        assert first.output == 70
        try:
            perform(first)
        except Boom as error:
            failing.figures = (50, 30)
            second = void(first, error)
        assert second is not first
        assert (first.open, second.open, second.output) == (False, True, 90)
        assert account.held == 120
        settle(second, perform(second))
    assert account.spent == 50


def test_an_answered_call_that_is_never_settled_counts_as_unknown(ledger: MemoryLedger) -> None:
    with configure(provider=provider(REPLY)), budget(tokens=1000) as account:
        hold = reserve(SITE, "prompt")
        perform(hold)
        del hold
    assert (account.spent, account.held, report(ledger)["totals"]["unknown"]) == (150, 0, 1)


def test_another_attempt_that_no_longer_fits_is_refused(ledger: MemoryLedger) -> None:
    with budget(tokens=200) as account:

        class Sibling(Figures):
            """Fails while something else uses the budget up."""

            def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
                account.spent_tokens += 150
                account.committed_tokens += 150
                raise Boom("busy")

        failing = Sibling(50, 50)
        failing.billed, failing.transient = "no", True
        with configure(provider=failing), pytest.raises(BudgetExceeded):
            infer(SITE, "prompt", max_tokens=10)
    assert account.held == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()], ids=repr)
def test_an_interrupt_during_the_call_passes_as_it_is_and_is_booked_whole(
    ledger: MemoryLedger, error: BaseException
) -> None:
    heard: list[int] = []
    with (
        configure(provider=provider(error)),
        budget(tokens=1000) as account,
        pytest.raises(type(error)) as caught,
    ):
        with_tracking(heard.append, lambda: infer(SITE, "prompt"))
    assert caught.value is error
    assert (account.spent, account.held, heard) == (150, 0, [])


def test_a_failure_method_that_fails_leaves_the_call_unknown(ledger: MemoryLedger) -> None:
    class Broken(Provider):
        def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
            raise Boom("first")

        def failure(self, error: Exception) -> Failure:
            raise Boom("second")

    with (
        configure(provider=Broken()),
        budget(tokens=1000) as account,
        pytest.raises(ModelError, match="Boom"),
    ):
        infer(SITE, "prompt")
    assert (account.spent, account.held) == (106, 0)


def test_omega_errors_of_a_model_pass_as_they_are(ledger: MemoryLedger) -> None:
    error = OmegaError("my own")
    with (
        configure(provider=provider(error)),
        budget(tokens=1000) as account,
        pytest.raises(OmegaError) as caught,
    ):
        infer(SITE, "prompt")
    assert caught.value is error
    assert account.spent == 150


def test_trackers_hear_of_each_call_innermost_first(ledger: MemoryLedger) -> None:
    heard: list[tuple[str, int, int]] = []
    with configure(provider=provider(REPLY)), budget(tokens=1000) as account:

        def tracker(name: str):  # type: ignore[no-untyped-def]
            return lambda tokens: heard.append((name, tokens, account.held))

        with_tracking(tracker("outer"), lambda: with_tracking(tracker("inner"), lambda: infer(SITE, "prompt")))
    assert heard == [("inner", 50, 0), ("outer", 50, 0)]


def test_a_trackers_error_comes_after_the_booking(ledger: MemoryLedger) -> None:
    def stop(tokens: int) -> None:
        raise OmegaError("Budget exceeded")

    with configure(provider=provider(REPLY)), budget(tokens=1000) as account:
        with pytest.raises(OmegaError, match="Budget exceeded"):
            with_tracking(stop, lambda: infer(SITE, "prompt"))
    assert (account.spent, account.held) == (50, 0)


def test_trackers_hear_of_calls_that_may_have_been_billed(ledger: MemoryLedger) -> None:
    heard: list[int] = []
    with configure(provider=provider(Boom())), pytest.raises(ModelError):
        with_tracking(heard.append, lambda: infer(SITE, "prompt"))
    assert heard == [150]


def test_a_tracker_hears_only_of_what_happens_inside(ledger: MemoryLedger) -> None:
    heard: list[int] = []
    with configure(provider=provider(REPLY, REPLY)):
        infer(SITE, "before")
        with_tracking(heard.append, lambda: None)
        infer(SITE, "after")
    assert heard == []


@pytest.mark.parametrize("arguments", [(1, lambda: 0), (print, 2)])
def test_with_tracking_takes_procedures(arguments: tuple[object, object]) -> None:
    with pytest.raises(TypeError, match=r"with-tracking: argument \d must be a procedure"):
        with_tracking(*arguments)  # type: ignore[arg-type]


def test_what_was_counted_at_each_site_and_for_each_model(ledger: MemoryLedger) -> None:
    cut = Reply("cut", 20, 100, stop_reason="max_tokens")
    with configure(provider=provider(REPLY, cut, REPLY)), budget(tokens=1000, name="tests"):
        infer(SITE, "prompt")
        infer(SITE, "prompt", model="other")
        infer(SITE, "prompt", model="other")
    found = report(ledger)
    assert [(each["line"], each["model"], each["calls"], each["tokens"]) for each in found["sites"]] == [
        (1, "figures", 1, 50),
        (1, "other", 2, 170),
    ]
    assert found["models"]["other"]["truncated"] == 1
    assert found["totals"]["tokens"] == 220
    money = {"dollar_limit": None, "dollars_spent": None, "dollars_held": None, "dollars_overrun": 0}
    periods = dict.fromkeys(("period", "period_end", "dollar_period", "dollar_period_end", "timezone"))
    figures = {"limit": 1000, "spent": 220, "held": 0, "overrun": 0}
    assert found["accounts"][1:] == [{"name": "tests", **figures, "scopes": 1, "open": False, **money, **periods}]


def test_sites_of_a_module_that_was_loaded_twice_are_one(ledger: MemoryLedger) -> None:
    from omega_runtime.calls import Site

    for _ in range(2):
        with configure(provider=provider(REPLY)):
            infer(Site("again.omega", 5, 1, "infer.op", "f", 1), "prompt")
    assert [(each["file"], each["calls"]) for each in report(ledger)["sites"]] == [("again.omega", 2)]
