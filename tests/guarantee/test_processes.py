"""Four processes with one ledger: billed is never more than the budget, also when one of them is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.report_types import Counters
from omega_runtime.ledger.sqlite import queries
from omega_runtime.ledger.sqlite.opening import open_ledger_file
from omega_runtime.ledger.stores import contents
from omega_runtime.settings import configure

from benchmarks.guarantee import LARGEST, TOKENS, program, served, tokens_of
from tests.guarantee.common import FAILING, HEALTHY, LEAST_USE, seeds
from tests.guarantee.team import CALLS_EACH, PROCESSES, Team, spend_together
from tests.support.counting_server import Billed
from tests.support.ledgers import BACKENDS, eventually

# Seconds that holds of a killed process stay held: short for those who wait, long enough for those who renew theirs.
LEASE = 2.0


def failing_share(seed: int) -> float:
    """Responses fail with every second seed."""
    return FAILING if seed % 2 else HEALTHY


@pytest.fixture(params=[each for each in BACKENDS if each != "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the books are; they agree at the end."""
    if request.param == "file":
        yield str(tmp_path / "team.ledger")
        with closing(open_ledger_file(str(tmp_path / "team.ledger"), create=False)) as db:
            assert queries.audit(db) == []
        return
    from tests.support.servers import audit, shared_server

    url = shared_server().books()
    yield url
    assert audit(url) == []


def counted(ledger: str) -> Counters:
    """What all processes together have counted."""
    return contents(ledger)["totals"]


def spend_rest(account: Account, seed: int) -> list[Billed]:
    """Go on here until not even a short call fits, and no hold of the killed process is open any more; the bill."""
    ask = program()["ask"]

    def is_used_up() -> bool:
        try:
            ask("Anything else?")
        except BudgetExceeded:
            return account.held == 0
        return False

    with served(seed) as server:
        eventually(is_used_up, 30)
    return server.bill


def assert_fair(team: Team) -> None:
    """Answers reached the callers that live, and calls were refused only when nothing was left for them."""
    assert team.failures == {}
    assert team.answers == team.billed_to_the_living
    assert all(available < needed <= LARGEST for needed, available in team.refusals.values())
    assert 1 - team.available_at_refusal / TOKENS >= LEAST_USE
    living = PROCESSES - bool(team.lost)
    assert len(team.answers) + len(team.refusals) == living * CALLS_EACH


@pytest.mark.parametrize("seed", seeds([1], range(2, 8)))
def test_processes_share_one_budget(tmp_path: Path, ledger: str, seed: int) -> None:
    team = spend_together(tmp_path, ledger, seed, failing_share(seed), lease=60.0)
    assert tokens_of(team.bill) <= TOKENS
    assert_fair(team)
    with budget(ledger=ledger, name="team") as account:
        assert (account.spent, account.held, account.overrun) == (tokens_of(team.bill), 0, 0)
    total = counted(ledger)
    assert (total["calls"], total["unknown"]) == (len(team.bill), 0)


@pytest.mark.parametrize("seed", seeds([0], range(1, 13)))
def test_what_a_killed_process_held_is_spent_and_the_others_go_on(tmp_path: Path, ledger: str, seed: int) -> None:
    team = spend_together(tmp_path, ledger, seed, failing_share(seed), LEASE, is_killing=True)
    assert_fair(team)
    with configure(lease=LEASE), budget(ledger=ledger, name="team") as account:
        rest = spend_rest(account, seed)
        bill = [*team.bill, *rest]
        assert tokens_of(bill) <= account.spent <= TOKENS
        assert account.overrun == 0
        total = counted(ledger)
        # Each call is in the books once: with what it cost, or with all that was held for it.
        settled = total["input_tokens"] + total["output_tokens"]
        assert account.spent == settled + total["unknown_tokens"]
        assert 0 <= len(bill) - total["calls"] <= total["unknown"]
        assert 0 <= tokens_of(bill) - settled <= total["unknown_tokens"]
