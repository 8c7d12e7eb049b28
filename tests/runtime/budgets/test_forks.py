"""Budgets in a forked process: one in memory cannot be shared, one in a ledger file is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = """
import os
from omega_runtime import Reply, budget, configure, use_model
from omega_runtime.calls import infer
from omega_runtime.places import Site
from omega_runtime.values.errors import OmegaError
from omega_runtime.ledger.errors import BudgetExceeded

SITE = Site("test.omega", 1, 2, "infer.op", "main", 1)
use_model(lambda prompt: Reply("answer", 10, 20))
configure(max_tokens=20)

def call():
    try:
        return infer(SITE, "ten tokens")
    except OmegaError as error:
        return error.message

def in_child(work):
    "What `work()` gives in a forked process."
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, str(work()).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return said
"""

REFUSED = "this process was forked while a budget was open"


def run(program: str, *arguments: str) -> list[str]:
    """What a program of its own process prints."""
    command = [sys.executable, "-W", "error", "-c", SETUP + program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.splitlines()


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def test_a_budget_in_memory_is_refused_in_the_child_and_goes_on_in_the_parent() -> None:
    said = run("""
with budget(tokens=1000) as account:
    print(call())
    print(in_child(call))
    print(call(), account.spent, account.held)
""")
    assert said[0] == "answer"
    assert said[1].startswith(REFUSED)
    assert "give the budget a ledger file" in said[1]
    assert said[2] == "answer 60 0"


def test_a_budget_inside_an_inherited_one_is_refused_too() -> None:
    (said,) = run("""
def work():
    with budget(tokens=100):
        return call()

with budget(tokens=1000):
    print(in_child(work))
""")
    assert said.startswith(REFUSED)


@pytest.mark.parametrize("around", ["budget()", "budget(tokens=float('inf'))"])
def test_a_budget_opened_in_the_child_holds_there(around: str) -> None:
    (said,) = run(f"""
def work():
    with budget(tokens=70) as account:
        return call(), call(), call(), account.spent

with {around}:
    print(in_child(work))
""")
    assert said == "('answer', 'answer', 'Budget exceeded', 60)"


def test_a_budget_in_a_ledger_file_is_shared_with_the_child(tmp_path: Path) -> None:
    said = run(
        """
import sys
with budget(tokens=100, ledger=sys.argv[1], name="shared") as account:
    print(call())
    print(in_child(lambda: (call(), account.spent, account.held)))
    print(call(), account.spent)
    print(call(), in_child(call), account.spent, account.held)
""",
        str(tmp_path / "ledger"),
    )
    assert said == ["answer", "('answer', 60, 0)", "answer 90", "Budget exceeded Budget exceeded 90 0"]


def test_a_child_neither_ends_nor_keeps_its_parents_calls(tmp_path: Path) -> None:
    """A call under way at the fork is the parent's; the child's end says nothing about it."""
    said = run(
        """
import sys
from omega_runtime.calls import perform, reserve, settle
with budget(tokens=100, ledger=sys.argv[1]) as account:
    hold = reserve(SITE, "ten tokens")
    print(account.held == hold.tokens)
    print(in_child(lambda: (account.held == hold.tokens, call(), account.spent)))
    settle(hold, perform(hold))
    print(account.spent, account.held)
""",
        str(tmp_path / "ledger"),
    )
    assert said == ["True", "(True, 'answer', 30)", "60 0"]


def test_calls_that_wait_in_the_parent_wait_for_nothing_in_the_child() -> None:
    said = run("""
import contextvars, threading, time, warnings
from omega_runtime.calls import reserve, void
warnings.simplefilter("ignore")  # of Python, about forks beside threads

def alone():
    "A budget of the child's own, which is entered from outside those that it has inherited."
    with budget(tokens=1000) as own:
        return call(), own.spent, account.waiters, account.ledger.tickets

with budget(tokens=40) as account:
    first = reserve(SITE, "ten tokens")
    waiting = threading.Thread(target=contextvars.copy_context().run, args=(call,))
    waiting.start()
    while not account.ledger.tickets:
        time.sleep(0.01)
    print(in_child(lambda: contextvars.Context().run(alone)))
    account.ledger.void(first)
    waiting.join()
    print(account.spent)
""")
    assert said == ["('answer', 30, [], {})", "30"]


def test_a_child_may_open_the_account_that_it_has_inherited(tmp_path: Path) -> None:
    """As a worker of a pool does, which is written for children that inherit nothing."""
    said = run(
        """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

def work(number):
    try:
        with budget(ledger=sys.argv[1], name="job"):
            return call()
    except OmegaError as error:
        return error.message

with budget(tokens=1000, ledger=sys.argv[1], name="around"):
    with budget(tokens=100, ledger=sys.argv[1], name="job") as account:
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
            print(sorted(pool.map(work, range(5))), account.spent, account.held)
        with budget(tokens=50):
            print(in_child(lambda: work(1)))
        print(work(1))
""",
        str(tmp_path / "ledger"),
    )
    again = 'the account "job" is open around this already, and counts every call made here'
    assert said[0] == "['Budget exceeded', 'Budget exceeded', 'answer', 'answer', 'answer'] 90 0"
    assert said[1:] == [again, again]
