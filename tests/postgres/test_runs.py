"""Runs whose answers are on a server: gone on with from anywhere, by one process at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.postgres import leases
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.values.errors import OmegaError

from tests.support import answering
from tests.support.answering import asked
from tests.support.command import omegac
from tests.support.ledgers import SITE, eventually

ROOT = Path(__file__).parents[2]


def run(url: str, prompts: str, resume: bool = False, tokens: int | str = 1000, inner: int | None = None) -> Any:
    """An execution that asks for each letter: how many answers were given again, how many paid for, and the account."""
    asked.clear()
    with use_model(answering.model), budget(tokens, ledger=url, run="job", resume=resume) as account:
        for prompt in prompts:
            if inner is None:
                assert infer(SITE, prompt, max_tokens=20) == f"answer to {prompt}"
            else:
                with budget(inner) as part:
                    infer(SITE, prompt, max_tokens=20)
                    assert part.spent == 10
        spent = account.spent
    account.ledger.close()
    assert asked == list(prompts[len(prompts) - len(asked) :])
    return *account.journal_counts, spent


def test_answers_that_were_paid_for_are_not_paid_again(url: str) -> None:
    assert run(url, "abc") == (0, 3, 30)
    assert run(url, "abcd", resume=True) == (3, 1, 40)
    assert run(url, "abcde", resume=True) == (4, 1, 50)


@pytest.mark.parametrize("tokens", [1000, "1000/day"])
def test_budgets_of_a_resumed_run_count_what_it_is_given_again(url: str, tokens: int | str) -> None:
    assert run(url, "abc", tokens=tokens, inner=50) == (0, 3, 30)
    assert run(url, "abcd", resume=True, tokens=tokens, inner=50) == (3, 1, 40)


def test_budgets_per_period_inside(url: str) -> None:
    def inside(resume: bool) -> int:
        with use_model(lambda prompt: Reply("a", 6, 4)), budget(1000, ledger=url, run="job", resume=resume) as account:
            with budget("100/day") as part:
                infer(SITE, "p", max_tokens=20)
                spent = part.spent
        account.ledger.close()
        return spent

    assert [inside(False), inside(True)] == [10, 10]


def test_a_refused_run_keeps_its_answers(url: str) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        run(url, "abcd", tokens=30)
    assert caught.value.partial == ("answer to a", "answer to b")
    asked.clear()
    with use_model(answering.model), budget(1000, ledger=url, run="job", resume=True, raise_limit=True) as account:
        assert [infer(SITE, prompt, max_tokens=20) for prompt in "abc"] == [f"answer to {each}" for each in "abc"]
    account.ledger.close()
    assert asked == ["c"]


PROGRAM = """
import sys
from omega_runtime import budget, use_model, configure
from omega_runtime.calls import infer
from tests.support import answering
from tests.support.ledgers import SITE
answering.stops_at = "c"
with configure(lease=10), use_model(answering.model), budget(1000, ledger=sys.argv[1], run="job"):
    for prompt in "abc":
        infer(SITE, prompt, max_tokens=20)
"""


def started(url: str) -> subprocess.Popen[str]:
    """A process that has two answers and waits for a third."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "runtime")])}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n"
    return process


def test_a_run_whose_process_was_killed_goes_on_at_once_on_its_machine(url: str) -> None:
    process = started(url)
    with pytest.raises(OmegaError, match=f"run 1 is still going on in process {process.pid}"):
        run(url, "abc", resume=True)
    process.kill()
    process.communicate()
    asked.clear()
    with use_model(answering.model), budget(1000, ledger=url, run="job", resume=True) as account:
        assert account.journal.in_flight == (1, 21)
        assert [infer(SITE, prompt, max_tokens=20) for prompt in "abc"] == [f"answer to {each}" for each in "abc"]
    account.ledger.close()
    assert asked == ["c"]


def test_on_another_machine_it_goes_on_once_the_lease_has_ended(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    process = started(url)
    process.kill()
    process.communicate()
    monkeypatch.setattr("omega_runtime.ledger.postgres.runs.machine", lambda: "elsewhere 1 2")
    with pytest.raises(OmegaError, match=r'still going on in process \d+ on ".+", until its lease has ended'):
        run(url, "abc", resume=True)

    def goes_on() -> bool:
        try:
            return bool(run(url, "ab", resume=True) == (2, 0, 20))
        except OmegaError:
            return False

    eventually(goes_on, 20)


def test_machines_are_told_apart() -> None:
    assert leases.machine() == leases.machine() != ""


def test_from_the_command_line(url: str, tmp_path: Path) -> None:
    program = tmp_path / "p.omega"
    program.write_text('(display (effect infer.op (list "hello")))\n(display (effect infer.op (list "world")))\n')
    secret = url.replace("owner@", "owner:s3cr3t@")
    command = ("run", program, "--model", "offline", "--ledger", secret, "--account", "team")
    first = omegac(*command, "--budget", "18")
    assert "Budget exceeded" in first.stderr
    assert "--resume" in first.stderr
    assert "s3cr3t" not in first.stdout + first.stderr
    again = omegac(*command, "--budget", "1000", "--raise-limit", "--resume", "--report")
    assert "1 replayed, 1 run" in again.stderr
    assert "s3cr3t" not in again.stdout + again.stderr


# Forks


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_opens_the_books_for_itself(url: str) -> None:
    with use_model(lambda prompt: Reply("a", 6, 4)), configure(lease=20):
        with budget(1000, ledger=url, name="job") as account:
            infer(SITE, "p", max_tokens=20)
            child = os.fork()
            if not child:
                code = 1
                try:
                    with budget(ledger=url, name="job"):
                        infer(SITE, "q", max_tokens=20)
                    code = 0
                finally:
                    os._exit(code)
            assert os.waitpid(child, 0)[1] == 0
            infer(SITE, "r", max_tokens=20)
            assert (account.spent, account.held) == (30, 0)
    account.ledger.close()
