"""Processes that are started while a budget is open hear of it, and their calls outside every budget are errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from omega_runtime.calls.elsewhere import VARIABLE

from tests.support.command import omegac

SETUP = """
import multiprocessing, os, subprocess, sys
from omega_runtime import Reply, budget, configure, use_model
from omega_runtime.calls import infer
from omega_runtime.places import Site
from omega_runtime.values.errors import OmegaError

FILE = sys.argv[1]
CHILD = sys.argv[2]
SITE = Site("test.omega", 1, 2, "infer.op", "main", 1)
use_model(lambda prompt: Reply("answer", 4, 6))

def call():
    try:
        return infer(SITE, "p", max_tokens=20)
    except OmegaError as error:
        return error.message

def child(*arguments, **options):
    command = [sys.executable, "-W", "error", CHILD, FILE, CHILD, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    return done.stdout.strip() or done.stderr
"""

CHILD = (
    SETUP
    + """
kind = sys.argv[3] if len(sys.argv) > 3 else "plain"
if kind == "plain":
    print(call())
elif kind == "file":
    with budget(ledger=FILE) as account:
        print(call(), account.spent)
elif kind == "own":
    with budget():
        print(call())
elif kind == "grandchild":
    with budget(tokens=100):
        print(call())
    print(child())
else:
    configure(unbudgeted=kind)
    print(call())
"""
)

LOST = "test.omega:1:2: a call to a model outside every budget, in a process that was started while its parent had one"


@pytest.fixture
def run(tmp_path: Path) -> object:
    """Runs a program in a process of its own, and gives the lines that it prints."""
    (tmp_path / "child.py").write_text(CHILD)

    def run_program(program: str) -> list[str]:
        (tmp_path / "parent.py").write_text(SETUP + program)
        command = [sys.executable, "-W", "error", "parent.py", str(tmp_path / "ledger"), str(tmp_path / "child.py")]
        environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run_program


def test_a_child_started_while_a_budget_is_open(run) -> None:  # type: ignore[no-untyped-def]
    before, inside, own, after = run("""
print(child())
with budget(tokens=100), budget(tokens=50):
    print(child())
    print(child("own"))
print(child())
""")
    assert (before, own, after) == ("answer", "answer", "answer")
    assert inside.startswith(LOST)


def test_the_mends_of_the_message(run) -> None:  # type: ignore[no-untyped-def]
    with_file, allowed, warned = run("""
with budget(tokens=100, ledger=FILE) as account:
    print(child("file"), account.spent)
    print(child("allow"))
    print(child("warn").splitlines()[-1])
""")
    assert with_file == "answer 10 10"
    assert allowed == "answer"
    assert LOST.partition(": ")[2] in warned


def test_the_children_of_children(run) -> None:  # type: ignore[no-untyped-def]
    own, grandchild = run("""
with budget(tokens=100):
    print(child("grandchild"))
""")
    assert own == "answer"
    assert grandchild.startswith(LOST)


def test_a_variable_of_the_user_wins(run) -> None:  # type: ignore[no-untyped-def]
    assert run(f"""
with budget(tokens=100):
    print(child(env={{**os.environ, "{VARIABLE}": "0"}}))
""") == ["answer"]


def test_threads_that_open_and_end_budgets_leave_it_right(run) -> None:  # type: ignore[no-untyped-def]
    said = run(f"""
import threading

def many():
    for _ in range(300):
        with budget(tokens=100):
            assert os.environ["{VARIABLE}"] == "1"

sys.setswitchinterval(1e-6)
for _ in range(5):
    threads = [threading.Thread(target=many) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    print(os.environ["{VARIABLE}"])
""")
    assert said == ["0"] * 5


def test_multiprocessing(run) -> None:  # type: ignore[no-untyped-def]
    spawned, forked, executed = run("""
from concurrent.futures import ProcessPoolExecutor

if __name__ == "__main__":
    spawn, fork = multiprocessing.get_context("spawn"), multiprocessing.get_context("fork")
    with budget(tokens=100):
        with spawn.Pool(1) as pool:
            print(pool.apply(call))
        with fork.Pool(1) as pool:
            print(pool.apply(call))
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            print(pool.submit(call).result())
""")
    assert spawned.startswith(LOST)
    assert executed.startswith(LOST)
    assert forked.startswith("this process was forked while a budget was open")


def test_omegac_in_a_shell_effect(tmp_path: Path) -> None:
    (tmp_path / "inner.omega").write_text('(display (effect infer.op "Say hello." max-tokens: 20))\n')
    command = f"{sys.executable} -m omegac run inner.omega --model offline"
    (tmp_path / "outer.omega").write_text(
        "(define (shell command) (guard (e (#t (error-object-message e))) (effect shell.op command)))\n"
        f'(display (shell "{command} 2>&1; true")) (newline)\n'
        f'(display (shell "{command} --budget 500"))\n'
    )
    options = ["--model", "offline", "--allow", "shell"]
    done = omegac("run", "outer.omega", *options, "--budget", "1000", cwd=tmp_path, **{VARIABLE: "0"})
    assert done.returncode == 0, done.stderr
    lost, paid = done.stdout.split("\n", 1)[0], done.stdout.splitlines()[-1]
    assert "outside every budget, in a process that was started while its parent had one" in done.stdout
    assert "--ledger FILE" in done.stdout
    assert lost != paid
    assert "error" not in paid
    without = omegac("run", "outer.omega", *options, cwd=tmp_path, **{VARIABLE: "0"})
    assert "outside every budget" not in without.stdout
