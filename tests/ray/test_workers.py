"""Workers on a real Ray: what they answer, what they pay, and what becomes of calls whose worker is killed."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import omega_runtime
import pytest
from omega_runtime.values.pairs import NIL, Pair, list_from

from benchmarks.guarantee import LARGEST, TOKENS, prompts_of, tokens_of
from tests.ray.conftest import worker_processes
from tests.support.counting_server import CountingServer
from tests.support.ledgers import eventually

LEAST_USE = 0.95


@pytest.fixture
def errands(cluster: CountingServer) -> ModuleType:
    import errands  # type: ignore[import-not-found]

    return errands


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return str(tmp_path / "team.ledger")


def test_results_are_in_order_and_large_data_travels(errands: ModuleType, ledger: str) -> None:
    long, deep = list_from(range(20_000)), NIL
    for _ in range(20_000):
        deep = Pair(deep, NIL)
    with omega_runtime.budget(ledger=ledger), omega_runtime.workers("ray", 2):
        assert list(errands.everything(errands.sum_of, list_from([long, list_from([1, 2])]))) == [199_990_000, 3]
        assert list(errands.everything(errands.inverse, list_from([5, 1, 4]))) == [-5, -1, -4]
        (same,) = errands.everything(errands.same, list_from([deep]))
    depth = 0
    while same is not NIL:
        same, depth = same.car, depth + 1
    assert depth == 20_000


def test_the_first_error_by_number_is_raised_as_it_was(errands: ModuleType, ledger: str) -> None:
    with omega_runtime.budget(ledger=ledger), omega_runtime.workers("ray", 2):
        with pytest.raises(omega_runtime.OmegaError) as caught:
            errands.everything(errands.inverse, list_from([1, 3, 2, 3]))
    assert caught.value.message == "there is no inverse of"
    assert [str(each) for each in caught.value.irritants] == ["3", "sorry"]
    assert str(caught.value).endswith("errands.omega:9:37)")


def test_a_limit_holds_for_all_workers_together(errands: ModuleType, ledger: str, server: CountingServer) -> None:
    with omega_runtime.budget(tokens=TOKENS, ledger=ledger) as account, omega_runtime.workers("ray", 4, jobs=16):
        found = list(errands.everything(errands.attempt, list_from(prompts_of(1))))
        left = [each.cdr.cdr.cdr.car for each in found if isinstance(each, Pair)]
        answers = {each for each in found if isinstance(each, str)}
        assert answers == {each.id for each in server.bill}
        assert left
        assert tokens_of(server.bill) == account.spent <= TOKENS
    assert 1 - max(left) / TOKENS >= LEAST_USE or max(left) < LARGEST


def test_budgets_in_procedures_are_inside_those_around(
    errands: ModuleType, ledger: str, server: CountingServer
) -> None:
    with omega_runtime.budget(tokens=50_000, ledger=ledger) as outer, omega_runtime.workers("ray", 2):
        with (
            omega_runtime.budget(tokens=1_500, name="inner") as inner,
            pytest.raises(omega_runtime.BudgetExceeded) as e,
        ):
            errands.everything(errands.within, list_from(prompts_of(2, 20)))
        assert e.value.account == "inner"
        assert tokens_of(server.bill) == inner.spent == outer.spent <= 1_500
        assert set(e.value.partial) == {each.id for each in server.bill}


@pytest.mark.parametrize("seed", range(3))
def test_what_a_killed_worker_has_paid_for_is_not_paid_for_again(
    errands: ModuleType, ledger: str, server: CountingServer, seed: int
) -> None:
    prompts = prompts_of(10 + seed, 24)
    with omega_runtime.budget(ledger=ledger, run="errands") as account, omega_runtime.workers("ray", 3, jobs=4):

        def kill() -> None:
            eventually(lambda: len(server.arrived) >= 15 + 7 * seed, 30)
            worker_processes()[seed % 3].kill()

        killer = threading.Thread(target=kill)
        killer.start()
        found = list(errands.everything(errands.twice, list_from(prompts)))
        killer.join()
        eventually(lambda: server.pending == 0)
        assert account.spent + account.held >= tokens_of(server.bill)
        assert omega_runtime.report(account.ledger)["totals"]["calls"] == 2 * len(prompts)
    kept = answers_in(ledger)
    billed: dict[str, list[str]] = {}
    for each in server.bill:
        billed.setdefault(each.prompt, []).append(each.id)
    for prompt, answer in zip(prompts, found, strict=True):
        one, two = answer.split(", ")
        assert one in billed[prompt]
        assert two in billed[f"{prompt} Again."]
        # What was billed and not heard of by anybody is in no journal, and the other way round.
        assert kept[one] == kept[two] == 1
    assert sum(kept.values()) == 2 * len(prompts)


def answers_in(ledger: str) -> Counter[str]:
    with closing(sqlite3.connect(ledger)) as file:
        return Counter(text.decode() for (text,) in file.execute("SELECT text FROM replies"))


def test_without_a_journal_a_lost_worker_is_an_error(errands: ModuleType, ledger: str, server: CountingServer) -> None:
    with omega_runtime.budget(ledger=ledger), omega_runtime.workers("ray", 2, jobs=2):
        killer = threading.Thread(target=lambda: (eventually(lambda: server.arrived), worker_processes()[0].kill()))
        killer.start()
        with pytest.raises(omega_runtime.OmegaError, match="a worker was lost, and no answers are kept"):
            errands.everything(errands.twice, list_from(prompts_of(3, 30)))
        killer.join()


def test_other_code_of_a_module_is_refused_before_any_call(modules: Path, ledger: str, server: CountingServer) -> None:
    source = modules / "changing.omega"
    source.write_text('(define (ask prompt) (effect infer.op (string-append "Sum up: " prompt)))\n')
    import changing  # type: ignore[import-not-found]
    import errands

    source.write_text('(define (ask prompt) (effect infer.op (string-append prompt ", in short")))\n')
    with omega_runtime.budget(ledger=ledger), omega_runtime.workers("ray", 2):
        with pytest.raises(omega_runtime.OmegaError, match="the module changing has other code there"):
            errands.everything(changing.ask, list_from(["a", "b"]))
    assert not server.arrived


def test_what_is_resumed_is_not_asked_again(errands: ModuleType, ledger: str, server: CountingServer) -> None:
    prompts = list_from(prompts_of(4, 12))

    def run(resume: bool) -> list[Any]:
        with omega_runtime.budget(ledger=ledger, run="job", resume=resume), omega_runtime.workers("ray", 2):
            return list(errands.everything(errands.twice, prompts))

    first = run(False)
    assert run(True) == first
    assert len(server.bill) == 24
