"""Many threads on few tokens: never overspent, at no moment, and nothing stranded."""

from __future__ import annotations

import random
import time

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.context import current_account
from omega_runtime.calls.report import report
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.models.provider import ModelError, NotBilled, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request
from omega_runtime.settings import configure
from omega_runtime.testing import checkpoint, fresh_ledger

from tests.support.ledgers import SITE, Thread

THREADS = 16


class Busy(Provider):
    """Takes a moment, costs anything up to what was held, fails now and then, and audits at every call."""

    def __init__(self, *watched: Account) -> None:
        self.watched = watched
        self.random = random.Random(48)
        self.faults: list[str] = []

    def count(self, request: Request, clock: SystemClock | None = None) -> int:
        return len(request.prompt) // 2

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        account = current_account()
        with account.ledger.lock:
            for each in account.chain:
                if each.limit is not None and each.committed_tokens > each.limit:
                    self.faults.append(repr(each))
        dice = self.random.random()
        time.sleep(dice / 2000)
        if dice < 0.1:
            raise ConnectionError("lost")
        if dice < 0.2:
            raise NotBilled("busy", transient=True)
        used = self.random.randint(0, max_tokens)
        return Reply("ok", self.count(request), used)

    def failure(self, error: Exception):  # type: ignore[no-untyped-def]
        from omega_runtime.models.function import FunctionProvider

        return FunctionProvider(str).failure(error)


def spend_all(share: int | None) -> int:
    """Call until the budget refuses; gives the number of answers."""
    answers = 0
    chance = random.Random(share)
    while True:
        try:
            infer(SITE, "p" * chance.randint(1, 40), max_tokens=chance.randint(1, 200))
            answers += 1
        except (ModelError, NotBilled):
            continue
        except BudgetExceeded:
            return answers


def test_threads_use_a_budget_up_and_never_exceed_it() -> None:
    provider = Busy()
    with fresh_ledger() as ledger, configure(provider=provider, retry_wait=0), checkpoint() as calls:
        with budget(tokens=20_000) as outer:
            threads = [Thread(lambda share=share: spend_all(share)) for share in range(THREADS)]  # type: ignore[misc]
            answers = sum(thread.result(60) for thread in threads)
        assert provider.faults == []
        # Each thread stopped at a call that can no longer fit: at most 20 prompt tokens and the floor.
        assert 20_000 - 36 < outer.spent <= 20_000
        assert outer.held == ledger.root.held == 0
        assert ledger.root.spent == outer.spent == report(ledger)["totals"]["tokens"]
        assert calls.count >= answers == report(ledger)["totals"]["calls"]


def test_threads_with_budgets_of_their_own_inside_a_shared_one() -> None:
    provider = Busy()

    def own(share: int) -> tuple[int, int]:
        with budget(tokens=1000 + share) as account:
            spend_all(share)
        return account.spent, account.limit or 0

    with fresh_ledger(), configure(provider=provider, retry_wait=0), budget(tokens=10_000) as shared:
        threads = [Thread(lambda share=share: own(share)) for share in range(THREADS)]  # type: ignore[misc]
        results = [thread.result(60) for thread in threads]
        assert provider.faults == []
        assert all(spent <= limit for spent, limit in results)
        assert 10_000 - 36 < shared.spent == sum(spent for spent, _ in results) <= 10_000


@pytest.mark.parametrize("mode", ["warn", "error", "allow"])
def test_a_call_outside_every_budget_while_one_is_open_elsewhere(mode: str) -> None:
    import contextvars
    import threading
    import warnings

    from omega_runtime.calls import elsewhere
    from omega_runtime.values.errors import OmegaError

    said: list[str] = []

    def lost() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(2):
                try:
                    infer(SITE, "p")
                except OmegaError as error:
                    said.append(f"error {error.message}")
            said.extend(f"warning {each.message}" for each in caught)

    with fresh_ledger(), configure(provider=Free(), unbudgeted=mode):
        elsewhere._is_warned = False
        outside = contextvars.copy_context()
        with budget(tokens=5000):
            thread = threading.Thread(target=outside.run, args=(lost,))
            thread.start()
            thread.join()
    expected = {"warn": ["warning"], "error": ["error", "error"], "allow": []}[mode]
    assert [each.split()[0] for each in said] == expected
    assert all("test.omega:1:2" in each for each in said)


class Free(Provider):
    """Answers at once, at no cost."""

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        return Reply("ok", 0, 0)
