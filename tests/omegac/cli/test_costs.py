"""`omegac check --cost` and `omegac run --plan`: what is spent is known before anything runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import omegac

PROGRAM = """\
(define (ask x) (effect infer.op (list "Say: " x) max-tokens: 100))
(define (each docs) (map ask docs))
(define (twice x) (list x x))
(for-each (lambda (path) (ask (effect file.read.op path))) (command-line))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.omega").write_text(PROGRAM)
    (tmp_path / "a.txt").write_text("x" * 500)
    (tmp_path / "b.txt").write_text("y" * 300)
    return tmp_path


def test_bounds_are_formulas(folder: Path) -> None:
    done = omegac("check", "--cost", "p.omega", cwd=folder)
    assert done.returncode == 0
    assert "(each docs)  line 2\n  calls    n, linear\n  tokens   <= n·(b + 137)\n" in done.stdout
    assert done.stdout.endswith("1 other procedure calls no model.\n")
    assert done.stdout == omegac("check", "--cost", "p.omega", cwd=folder).stdout


def test_assumed_sizes_and_a_model_make_dollars(folder: Path) -> None:
    options = ["--assume", "docs=10,chars=100", "--model", "claude-sonnet-4-5", "--format", "json"]
    done = omegac("check", "--cost", "p.omega", *options, cwd=folder)
    (data,) = json.loads(done.stdout)
    each = data["procedures"][1]
    assert (each["name"], each["most"]["calls"], each["most"]["tokens"]) == ("each", "10", "5370")
    assert 0.02 < float(each["most"]["dollars"]) < 0.1


def test_a_gate_for_what_a_run_may_cost(folder: Path) -> None:
    (folder / "p.omega").write_text('(effect infer.op "abc" max-tokens: 10)')
    assert omegac("check", "--cost", "p.omega", "--max-cost", "45", "--max-calls", "1", cwd=folder).returncode == 0
    done = omegac("check", "--cost", "p.omega", "--max-cost", "44", "--max-calls", "0", cwd=folder)
    assert done.returncode == 1
    assert "p.omega: a run may take 45 tokens, more than 44" in done.stderr
    assert "p.omega: a run may take 1 calls, more than 0" in done.stderr


@pytest.mark.parametrize(("limit", "amount"), [("10/day", "10"), ("$2.50/hour", "$2.50")])
def test_a_limit_per_period_is_no_limit_of_a_run(limit: str, amount: str, folder: Path) -> None:
    done = omegac("check", "--cost", "p.omega", "--max-cost", limit, cwd=folder)
    assert done.returncode == 2
    assert f"doesn't bound a single run; write {amount}" in done.stderr


def test_only_what_differs_from_a_revision(folder: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert omegac("check", "--cost", "p.omega", "--diff", "HEAD", cwd=folder).stdout == "no bound has changed\n"
    (folder / "p.omega").write_text(PROGRAM.replace("(each docs) (map ask docs)", "(every docs) (map ask docs)"))
    assert omegac("check", "--cost", "p.omega", "--diff", "HEAD", cwd=folder).stdout == "no bound has changed\n"
    (folder / "p.omega").write_text(PROGRAM.replace("(map ask docs)", "(map ask (map ask docs))"))
    changed = omegac("check", "--cost", "p.omega", "--diff", "HEAD", cwd=folder).stdout
    assert changed.startswith("p.omega\n  (each)\n    was calls  len(docs)\n")
    assert "    is  calls  2·len(docs)\n" in changed
    unknown = omegac("check", "--cost", "p.omega", "--diff", "nowhere", cwd=folder)
    assert (unknown.returncode, "git knows no revision nowhere" in unknown.stderr) == (2, True)


@pytest.mark.parametrize("options", [["--assume", "docs"], ["--format", "sarif"]])
def test_usage(options: list[str], folder: Path) -> None:
    assert omegac("check", "--cost", "p.omega", *options, cwd=folder).returncode == 2
    assert omegac("check", "p.omega", "--assume", "docs=1", cwd=folder).returncode == 2


def test_a_plan_has_the_sizes_of_the_actual_files_and_runs_nothing(folder: Path) -> None:
    done = omegac("run", "p.omega", "a.txt", "b.txt", "--plan", "--budget", "2000", "--model", "offline", cwd=folder)
    assert done.returncode == 0
    assert "p.omega: nothing was run\n" in done.stdout
    assert "  calls    2\n  tokens   <= 1,074\n" in done.stdout
    assert "  1:17 infer.op  2 calls, <= 1,074 tokens\n" in done.stdout
    assert done.stdout.endswith("the budget of 2,000 tokens surely suffices\n")


def test_a_budget_that_is_surely_too_small_is_refused_before_anything_is_sent(folder: Path) -> None:
    done = omegac("run", "p.omega", "a.txt", "b.txt", "--budget", "17", "--model", "offline", cwd=folder)
    assert done.returncode == 3
    assert "this run makes at least 2 calls to the model and needs 18 tokens; the budget is 17" in done.stderr
    assert "Nothing was sent" in done.stderr
