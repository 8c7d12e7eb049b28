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
    assert "p.omega: a run may take 1 call, more than 0" in done.stderr


@pytest.mark.parametrize(("limit", "amount"), [("10/day", "10"), ("$2.50/hour", "$2.50")])
def test_a_limit_per_period_is_no_limit_of_a_run(limit: str, amount: str, folder: Path) -> None:
    done = omegac("check", "--cost", "p.omega", "--max-cost", limit, cwd=folder)
    assert done.returncode == 2
    assert f"doesn't bound a single run; write {amount}" in done.stderr


def commit(folder: Path) -> None:
    """Have git know the folder as it is."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def diff(folder: Path, *options: str) -> str:
    """What is printed about the bounds of p.omega since the commit."""
    return omegac("check", "--cost", "p.omega", "--diff", "HEAD", *options, cwd=folder).stdout


def test_only_what_differs_from_a_revision(folder: Path) -> None:
    commit(folder)
    assert diff(folder) == "no bound has changed\n"
    (folder / "p.omega").write_text(PROGRAM.replace("(map ask docs)", "(map ask (map ask docs))"))
    changed = diff(folder)
    assert changed.startswith("p.omega\n  (each)\n    was calls  len(docs)\n")
    assert "    is  calls  2·len(docs)\n" in changed
    unknown = omegac("check", "--cost", "p.omega", "--diff", "nowhere", cwd=folder)
    assert (unknown.returncode, "git knows no revision nowhere" in unknown.stderr) == (2, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(each docs) (map ask docs)", "(every docs) (map ask docs)"),
        ("(each docs) (map ask docs)", "(each texts) (map ask texts)"),
        ("(each docs) (map ask docs)", "(every texts) (map ask texts)"),
        ("(define (twice x) (list x x))\n", ""),
    ],
)
def test_another_name_is_no_difference(old: str, new: str, folder: Path) -> None:
    commit(folder)
    (folder / "p.omega").write_text(PROGRAM.replace(old, new))
    assert diff(folder) == "no bound has changed\n"
    assert diff(folder, "--format", "json") == "[]\n"
    assert diff(folder, "--format", "markdown") == "No bound on calls or tokens has changed.\n"


def test_differences_for_machines_and_for_pull_requests(folder: Path) -> None:
    commit(folder)
    new = PROGRAM.replace("(each docs) (map ask docs)", "(pairs docs) (map ask (map ask docs))")
    (folder / "p.omega").write_text(new + '(define (again x) (ask (ask "abc")))\n(define (copy x) (ask x))\n')
    (data,) = json.loads(diff(folder, "--format", "json"))
    changes = {each["procedure"]: (each["was"] or {}, each["is"] or {}) for each in data["changes"]}
    assert data["file"] == "p.omega"
    assert {name: (was.get("calls"), now.get("calls")) for name, (was, now) in changes.items()} == {
        "pairs": (None, "2·len(docs)"),
        "again": (None, "2"),
        "copy": (None, "1"),
        "each": ("len(docs)", None),
    }
    markdown = diff(folder, "--format", "markdown")
    assert markdown == diff(folder, "--format", "markdown")
    assert markdown.startswith(
        "### `p.omega`\n\n|  | calls | tokens |\n| --- | --- | --- |\n| `(pairs)` | – → `2·len(docs)` |"
    )
    assert "| `(each)` | `len(docs)` → – | `<= len(docs)·(bytes(docs[]) + 137)` → – |\n" in markdown


def test_the_limits_of_a_project_are_a_gate(folder: Path) -> None:
    (folder / "p.omega").write_text("(define (f docs) (for-each (lambda (d) (effect infer.op d max-tokens: 10)) docs))")
    (folder / "pyproject.toml").write_text('[tool.omegac.check]\nignore = ["OM102", "OM111"]\nmax-cost = 44\n')
    assert omegac("check", "p.omega", cwd=folder).returncode == 0
    (folder / "p.omega").write_text('(display (effect infer.op "abc" max-tokens: 10)) ; noqa')
    for options in ([], ["--cost"]):
        done = omegac("check", "p.omega", *options, cwd=folder)
        assert (done.returncode, done.stderr) == (1, "omegac: p.omega: a run may take 45 tokens, more than 44\n")
    assert omegac("check", "p.omega", "--cost", "--max-cost", "45", cwd=folder).returncode == 0


def test_limits_for_some_files_with_sizes_and_a_model(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.omegac.check]\nignore = ["OM101"]\nmax-calls = 0\n'
        "[tool.omegac.check.per-file-budgets]\n"
        '"p.*" = {max-calls = 5, max-cost = "$0.02", model = "claude-sonnet-4-5"}\n'
    )
    done = omegac("check", "p.omega", cwd=folder)
    assert done.returncode == 1
    assert "p.omega: a run may take len(arguments) calls, more than 5; assume sizes" in done.stderr
    assert "dollars" not in done.stderr
    with (folder / "pyproject.toml").open("a") as file:
        file.write('"p.omega" = {assume = {arguments = 5, bytes = 20}}\n')
    assert omegac("check", "p.omega", cwd=folder).returncode == 0
    (folder / "q.omega").write_text(PROGRAM)
    assert omegac("check", ".", cwd=folder).returncode == 1


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("max-calls = -1", "max-calls must be a whole number of calls from 0 on, but is -1"),
        ("max-cost = 0.5", 'max-cost must be tokens such as 10000 or dollars such as "$0.50", but is 0.5'),
        ('max-cost = "10/day"', "max-cost: a limit per day doesn't bound a single run; write 10"),
        ('max-cost = "lots"', "max-cost: 'lots' is neither a whole number of tokens"),
        ("assume = 3", "assume must be a table such as {docs = 100, chars = 4000}, but is 3"),
        ("model = 3", "model must be a model's name, but is 3"),
        ("per-file-budgets = 3", "per-file-budgets must be a table such as"),
        ("[tool.omegac.check.per-file-budgets.a]\nmax-call = 3", "there is no key per-file-budgets.a.max-call; "),
    ],
)
def test_limits_that_are_none(table: str, message: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.omegac.check]\n{table}\n")
    done = omegac("check", "p.omega", cwd=folder)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize("options", [["--assume", "docs"], ["--format", "sarif"], ["--format", "markdown"]])
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


def test_a_run_tells_what_its_budget_did(folder: Path) -> None:
    (folder / "p.omega").write_text(
        "(define (ask x) (effect infer.op x max-tokens: 50))\n"
        '(guard (e (#t (display "refused")))\n'
        "  (with-budget 60 (lambda ()\n"
        '    (for-each (lambda (x) (display (ask x))) (list "abc" "def" "ghi" "jkl" "mno" "pqr")))))\n'
        "(for-each (lambda (each) (display (cdr (assq 'kind each))) (newline)) (explain-budget))\n"
    )
    done = omegac("run", "p.omega", "--model", "offline", "--report", cwd=folder)
    kinds = [line for line in done.stdout.splitlines() if line.endswith(("clamp", "refusal"))]
    assert kinds
    words = " ".join(done.stderr.split())
    assert "a call at p.omega:1:17" in words
    assert 'of the 60 of "with-budget" were left' in words
