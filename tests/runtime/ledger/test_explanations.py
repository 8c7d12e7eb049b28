"""Why calls waited, got less than they asked for or were refused: what is kept of it, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.explanations import MOST, text_of
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.report import report_of

from tests.support.auditor import FlatPrice, Rates
from tests.support.ledgers import BACKENDS, Thread, cost, eventually, hold, opened, settle, spend

CENT = 10**10
PRICE = FlatPrice(Rates(CENT, CENT, CENT, 2 * CENT))


@pytest.fixture(params=BACKENDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    with opened(request.param, tmp_path) as ledger:
        yield ledger


def figures(ledger: Ledger) -> list[tuple[Any, ...]]:
    """What is kept, in short."""
    names = ("kind", "account", "unit", "needed", "left", "limit", "granted")
    return [tuple(each[name] for name in names) for each in report_of(ledger)["decisions"]]  # type: ignore[literal-required]


def told(ledger: Ledger) -> list[str]:
    """What is kept, in words."""
    return [text_of(each) for each in omega_runtime.explain_budget(ledger)]


def test_what_is_simply_granted_is_not_kept(ledger: Ledger) -> None:
    spend(ledger.open_account("purse", 100, ledger.root), 40)
    assert told(ledger) == []


def test_a_call_that_gets_less(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 100, ledger.root)
    inner = ledger.open_account("inner", 90, purse)
    spend(purse, 30)
    settle(hold(inner, 20, 80), cost(20, 50))
    assert figures(ledger) == [("clamp", "purse", "tokens", 100, 70, 100, 70)]
    assert told(ledger) == ['got 70 instead of 100 tokens: 70 of the 100 of "purse" were left']


def test_a_call_that_is_refused(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 1000, ledger.root)
    spend(purse, 990)
    with pytest.raises(BudgetExceeded):
        hold(purse, 20, 80)
    assert figures(ledger) == [("refusal", "purse", "tokens", 36, 10, 1000, 0)]
    assert told(ledger) == ['was refused: needed 36 tokens, and 10 of the 1,000 of "purse" were left']


def test_limits_in_dollars(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 10_000, ledger.root, 30 * CENT)
    with pytest.raises(BudgetExceeded):
        hold(purse, 40, 80, price=PRICE)
    assert figures(ledger) == [
        ("refusal", "purse", "dollars", Decimal("0.72"), Decimal("0.30"), Decimal("0.30"), Decimal(0)),
    ]
    assert told(ledger) == ['was refused: needed $0.72, and $0.30 of the $0.30 of "purse" were left']


def test_a_wait_in_vain(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 100, ledger.root)
    held = hold(purse, 0, 60)
    with pytest.raises(BudgetTimeout):
        hold(purse, 10, 60, clamp=False, max_wait=2.0)
    assert figures(ledger) == [("wait", "purse", "tokens", 70, 40, 100, 0)]
    (text,) = told(ledger)
    assert text == ('waited 2 s, in vain: needed 70 tokens, and 40 of the 100 of "purse" were neither spent nor held')
    settle(held, cost(0, 60))


def test_a_wait_until_there_is_room(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 100, ledger.root)
    held = hold(purse, 0, 60)
    thread = Thread(lambda: settle(hold(purse, 10, 60, clamp=False), cost(10, 60)))
    eventually(lambda: bool(omega_runtime.explain_budget(ledger)))
    settle(held, cost(0, 20))
    thread.result()
    assert figures(ledger) == [("wait", "purse", "tokens", 70, 40, 100, 70)]


def test_the_last_ones_are_kept(ledger: Ledger) -> None:
    purse = ledger.open_account("purse", 10, ledger.root)
    for i in range(MOST + 5 if not ledger.is_shared else 5):
        with suppress(BudgetExceeded):
            hold(purse, 20 + i, 80)
    kept = omega_runtime.explain_budget(ledger)
    assert len(kept) <= MOST
    assert kept[-1]["needed"] == 20 + i + 16
