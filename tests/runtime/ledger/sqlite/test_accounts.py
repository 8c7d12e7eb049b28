"""Named accounts: their limits are stored, and hold for all runs, threads and scopes together."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.context import current_account
from omega_runtime.calls.report import report
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.values.errors import OmegaError

from tests.support.ledger_files import audit, ledger_of, opened, query, used
from tests.support.ledgers import SITE, Thread, cost, eventually, hold, settle


def spend(account: Account, tokens: int) -> None:
    settle(hold(account, 0, tokens), cost(0, tokens))


def test_a_limit_covers_all_runs(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    for _ in range(3):
        with opened(path, 100) as account:
            spend(account, 30)
    with opened(path) as account:
        assert (account.limit, account.spent, account.remaining) == (100, 90, 10)
        with pytest.raises(BudgetExceeded):
            hold(account, 0, 50, clamp=False)


def test_names_are_separate(tmp_path: Path) -> None:
    with opened(tmp_path / "ledger", 100, "one") as one:
        spend(one, 100)
    with opened(tmp_path / "ledger", 10, "two") as two:
        assert (two.spent, two.remaining) == (0, 10)
        assert ledger_of(two).root.spent == 100


def test_the_name_is_default_when_none_is_given(tmp_path: Path) -> None:
    with budget(tokens=5, ledger=tmp_path / "ledger") as account:
        assert account.name == "default"
    ledger_of(account).close()


OTHER = 'the account "job" has another limit, '
LIMITS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "the same": ({"tokens": 100}, {"tokens": 100}, None),
    "none given": ({"tokens": 100}, {}, None),
    "one of two given": ({"tokens": 100, "dollars": 1}, {"dollars": "1.00"}, None),
    "another": ({"tokens": 100}, {"tokens": 101}, OTHER + "100 tokens; leave the limit out"),
    "one more": ({"tokens": 100}, {"dollars": 1}, OTHER + "100 tokens; leave"),
    "other dollars": ({"dollars": "0.5"}, {"dollars": "0.51"}, OTHER + "$0.50; leave"),
    "of both": ({"tokens": 1000, "dollars": 2}, {"tokens": 1, "dollars": 2}, OTHER + "1,000 tokens and $2.00; leave"),
    "where there was none": ({}, {"tokens": 100}, OTHER + "none; leave"),
    "raised": ({"tokens": 100}, {"tokens": 150, "raise_limit": True}, None),
    "lowered": ({"tokens": 100}, {"tokens": 60, "raise_limit": True}, None),
    "one more by raising": ({"tokens": 100}, {"dollars": 1, "raise_limit": True}, None),
    "lowered too far": (
        {"tokens": 100},
        {"tokens": 59, "raise_limit": True},
        'the account "job" cannot be limited to less than what is spent and held: 60 tokens',
    ),
    "too large": ({}, {"tokens": 2**63}, "a limit in a ledger file is at most"),
}


@pytest.mark.parametrize(("first", "second", "message"), LIMITS.values(), ids=LIMITS)
def test_limits(tmp_path: Path, first: dict[str, Any], second: dict[str, Any], message: str | None) -> None:
    path = tmp_path / "ledger"
    with opened(path, **first) as account:
        spend(account, 60) if "dollars" not in first else None
    stored = query(path, 'SELECT "limit", dollar_limit FROM accounts WHERE is_named')
    if message is None:
        with opened(path, **second) as account:
            tokens = second.get("tokens", first.get("tokens"))
            dollars = second.get("dollars", first.get("dollars"))
            assert account.limit == tokens
            assert account.dollars.limit == (None if dollars is None else Decimal(str(dollars)))
        return
    with pytest.raises(OmegaError) as caught, budget(ledger=path, name="job", **second):
        pass
    assert message in caught.value.message
    assert query(path, 'SELECT "limit", dollar_limit FROM accounts WHERE is_named') == stored
    ledger_of(account).close()


def test_an_overrun_account_can_be_raised_a_little(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with opened(path, 100) as account:
        settle(hold(account, 0, 100), cost(0, 500))
    with opened(path, 300, raise_limit=True) as account:
        assert (account.spent, account.overrun, account.remaining) == (500, 400, 0)


def test_raising_is_for_files() -> None:
    with pytest.raises(OmegaError, match="raise_limit.* for accounts in a ledger file; give ledger=FILE"):
        budget(tokens=5, raise_limit=True)


def test_a_raised_limit_lets_waiting_calls_go_on(tmp_path: Path) -> None:
    with opened(tmp_path / "ledger", 100) as account:
        first = hold(account, 0, 100)
        waiting = Thread(lambda: hold(account, 0, 50, clamp=False))
        eventually(lambda: bool(account.ledger.tickets))
        ledger_of(account).open_named("job", 150, None, account.ledger.root, raise_limit=True)
        account.ledger.void(waiting.result())
        account.ledger.void(first)


def test_accounts_inside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with use_model(lambda prompt: Reply("a", 5, 5)), opened(path, 1000, "outer") as outer:
        with budget(tokens=500, ledger=path, name="inner") as inner, budget(tokens=30) as scope:
            infer(SITE, "p", max_tokens=10)
            assert current_account() is scope
            assert (scope.spent, inner.spent, outer.spent) == (10, 10, 10)
            assert (scope.remaining, inner.remaining) == (20, 490)
            with pytest.raises(BudgetExceeded) as caught:
                infer(SITE, "p" * 30, max_tokens=30)
        assert caught.value.account == "budget"
        assert caught.value.partial == ("a",)
        infer(SITE, "p", max_tokens=10)
        assert (inner.spent, outer.spent, ledger_of(outer).root.spent) == (10, 20, 20)
        lines = {row["name"]: row["spent"] for row in report(outer.ledger)["accounts"]}
        assert lines == {"all calls": 20, "outer": 20, "inner": 10, "budget": 10}


def test_an_account_stays_where_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with opened(path, 1000, "outer"), budget(tokens=500, ledger=path, name="inner"):
        pass
    message = 'the account "inner" was made inside "outer", and cannot be opened inside "all calls"'
    with pytest.raises(OmegaError, match=message), budget(ledger=path, name="inner"):
        pass
    message = 'the account "outer" was made inside no other account, and cannot be opened inside "other"'
    with opened(path, 10, "other"), pytest.raises(OmegaError, match=message), budget(ledger=path, name="outer"):
        pass


def test_an_account_is_not_opened_inside_itself(tmp_path: Path) -> None:
    """It would count each call twice, or hide the scopes in between."""
    path = tmp_path / "ledger"
    message = 'the account "job" is open around this already, and counts every call made here'
    with opened(path, 100) as account:
        with pytest.raises(OmegaError, match=message), budget(ledger=path, name="job"):
            pass
        with budget(tokens=50), pytest.raises(OmegaError, match=message), budget(ledger=path, name="job"):
            pass
        spend(account, 10)
        assert account.spent == 10


def test_threads_open_the_same_account_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "ledger"

    def spend_all() -> int:
        with budget(tokens=400, ledger=path, name="job"):
            calls = 0
            while True:
                try:
                    infer(SITE, "p", max_tokens=30)
                except BudgetExceeded:
                    return calls
                calls += 1

    with use_model(lambda prompt: Reply("a", 4, 6)):
        threads = [Thread(spend_all) for _ in range(3)]
        calls = sum(thread.result() for thread in threads)
    with opened(path) as account:
        assert account.spent == 10 * calls
        assert 380 <= account.spent <= 400


def test_a_budget_in_memory_cannot_be_around_a_file(tmp_path: Path) -> None:
    """What is spent in the file would not be counted there."""
    path = tmp_path / "ledger"
    for tokens in (1000, None):
        with budget(tokens=tokens, name="memory"):
            message = 'cannot be opened inside the budget "memory", which is not kept there; open the ledger file first'
            with pytest.raises(OmegaError, match=message), budget(tokens=5, ledger=path):
                pass


def test_dollars(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    prices = configure(prices={"priced": ("1", "10")}, model="priced")
    with prices, use_model(lambda prompt: Reply("a", 2, 9)), configure(model="priced"):
        for spent in ("0.000092", "0.000184"):
            with opened(path, dollars="0.00025") as account:
                infer(SITE, "p", max_tokens=10)
                assert account.dollars.spent == Decimal(spent)
        with opened(path), pytest.raises(BudgetExceeded) as caught:
            infer(SITE, "p", max_tokens=10, clamp=False)
        assert caught.value.available == Decimal("0.000066")


def test_a_price_that_is_not_known(tmp_path: Path) -> None:
    with use_model(lambda prompt: "a"), opened(tmp_path / "ledger", dollars=1):
        with pytest.raises(OmegaError, match="the price of model .* is not known"):
            infer(SITE, "p")


@pytest.mark.parametrize("name", ["", 5, b"job"])
def test_impossible_names(tmp_path: Path, name: Any) -> None:
    with pytest.raises(OmegaError, match="budget: name must be a string"):
        budget(ledger=tmp_path / "ledger", name=name)


@pytest.mark.parametrize("name", ["a b", "Ω", "'; DROP TABLE calls; --", "x" * 10_000, "nul\0in it"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    with opened(tmp_path / "ledger", 100, name) as account:
        spend(account, 7)
    with opened(tmp_path / "ledger", 100, name) as account:
        assert (account.name, account.spent) == (name, 7)


def test_what_a_run_did_is_told_without_the_others(tmp_path: Path) -> None:
    path = used(tmp_path / "ledger", 5)
    assert audit(path) == []
    with use_model(lambda prompt: Reply("a", 5, 5)), opened(path) as account:
        infer(SITE, "p", max_tokens=10)
        assert report(account.ledger)["totals"]["calls"] == 1
        assert account.spent == 60


def test_a_call_outside_while_a_ledger_file_has_a_budget_open_is_noticed(tmp_path: Path) -> None:
    problems: list[str] = []
    with use_model(lambda prompt: Reply("yes", 5, 5)), configure(unbudgeted="error"):
        with budget(1000, ledger=tmp_path / "ledger") as account:
            # A plain thread has not the budget of the context that starts it.
            outside = threading.Thread(target=lambda: problems.append(_error_of_a_call()))
            outside.start()
            outside.join()
            assert account.spent == 0
        assert "outside every budget" in problems[0]
        assert _error_of_a_call() == ""


def _error_of_a_call() -> str:
    try:
        infer(SITE, "hello")
    except OmegaError as error:
        return str(error)
    return ""
