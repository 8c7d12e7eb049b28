"""Runs that are stopped and gone on with: what was paid for is not paid for again."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import omegac
from tests.support.messages_api import Behaviour, Server, message

DOCUMENTS = 200
MODEL = ("--model", "claude-sonnet-4-6")
PROGRAM = """
(define (summarise n)
  (effect infer.op (list "Summary of document " n ".") max-tokens: 30))
(for-each (lambda (summary) (display summary) (newline))
          (map summarise (iota (string->number (car (command-line))))))
"""


class Paid(Server):
    """A provider that answers each prompt in its own way, and counts how often it was paid for which."""

    def __init__(self) -> None:
        super().__init__()
        self.paid: Counter[str] = Counter()
        self.answer_by = self._respond

    def _respond(self, body: dict[str, Any]) -> Behaviour:
        prompt = body["messages"][0]["content"]
        time.sleep(0.003)
        self.paid[prompt] += 1
        return message(f"Short: {prompt} ({self.paid[prompt]})", 8, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.omega").write_text(PROGRAM)
    return tmp_path


def environment(server: Server) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url}


def run(folder: Path, server: Server, *options: str, count: int = 12) -> subprocess.CompletedProcess[str]:
    return omegac(
        "run", "p.omega", *MODEL, "--ledger", "l.db", *options, "--", str(count), cwd=folder, **environment(server)
    )


def expected(count: int) -> str:
    return "".join(f"Short: Summary of document {n}. (1)\n" for n in range(count))


def counts(done: subprocess.CompletedProcess[str]) -> str:
    line = next(line for line in done.stderr.splitlines() if "replayed" in line)
    return line.split(": ", 2)[2]


def test_a_run_that_its_budget_stopped_goes_on_with_a_larger_one(folder: Path) -> None:
    with Paid() as server:
        first = run(folder, server, "--budget", "150")
        assert (first.returncode, first.stdout) == (3, "")
        assert f"{len(server.paid)} answers that were paid for are kept; go on with" in first.stderr
        asked = len(server.paid)
        assert 3 <= asked < 12
        second = run(folder, server, "--budget", "5000", "--raise-limit", "--resume")
        assert (second.returncode, second.stdout) == (0, expected(12))
        assert counts(second) == f"{asked} replayed, {12 - asked} run, 0 dropped"
        third = run(folder, server, "--resume")
        assert (third.stdout, counts(third)) == (expected(12), "12 replayed, 0 run, 0 dropped")
    assert set(server.paid.values()) == {1}


def test_without_resume_everything_is_asked_again(folder: Path) -> None:
    with Paid() as server:
        run(folder, server)
        done = run(folder, server)
        assert done.stdout == expected(12).replace("(1)", "(2)")
        assert counts(run(folder, server, "--resume")) == "12 replayed, 0 run, 0 dropped"


def test_a_changed_program_asks_only_what_changed(folder: Path) -> None:
    with Paid() as server:
        run(folder, server)
        changed = PROGRAM.replace("(iota ", "(cons 99 (iota ").replace("(command-line))))))", "(command-line)))))))")
        (folder / "p.omega").write_text("\n\n" + changed)
        done = run(folder, server, "--resume", count=11)
        assert done.stdout == "Short: Summary of document 99. (1)\n" + expected(11)
        assert counts(done) == "11 replayed, 1 run, 1 dropped"
        assert "the program has changed" in done.stderr
    assert set(server.paid.values()) == {1}


def test_no_journal_keeps_no_answers(folder: Path) -> None:
    with Paid() as server:
        run(folder, server, "--no-journal")
        assert b"Short: Summary" not in (folder / "l.db").read_bytes()
        done = run(folder, server, "--resume")
        assert "there is no earlier run" in done.stderr
        assert done.stdout == expected(12).replace("(1)", "(2)")


def test_answers_are_kept_for_the_owner_only(folder: Path) -> None:
    with Paid() as server:
        run(folder, server)
        assert (folder / "l.db").stat().st_mode & 0o777 == 0o600
        assert b"test-key" not in (folder / "l.db").read_bytes()
        (folder / "l.db").chmod(0o644)
        done = run(folder, server, "--resume")
        assert (done.returncode, done.stdout) == (2, "")
        assert "can be read by others" in done.stderr
        done = run(folder, server)
        assert "omegac: warning: the ledger file" in done.stderr
        assert done.stdout == expected(12).replace("(1)", "(2)")
        assert len(answers(folder)) == 12


def answers(folder: Path) -> list[tuple[bytes]]:
    with closing(sqlite3.connect(folder / "l.db")) as database:
        return database.execute("SELECT text FROM replies").fetchall()


JOBS = 8  # calls that go on at once


def start(folder: Path, server: Server, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "omegac", "run", "p.omega", *MODEL, "--ledger", "l.db", *options, "--", str(DOCUMENTS)],
        cwd=folder,
        env={**os.environ, **environment(server)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_cannot_be_resumed_while_it_goes_on(folder: Path) -> None:
    with Paid() as server:
        process = start(folder, server, "--jobs", "1")
        while len(server.paid) < 5:
            time.sleep(0.01)
        done = run(folder, server, "--resume")
        assert (done.returncode, "still going on in process" in done.stderr) == (2, True)
        process.kill()
        process.communicate()


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_again_and_again_pays_once(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    kills, in_flight = 0, 0
    with Paid() as server:
        options: list[str] = []
        while True:
            process = start(folder, server, *options)
            goal = len(server.paid) + rng.randrange(30, 70)
            while process.poll() is None and len(server.paid) < min(goal, DOCUMENTS):
                time.sleep(rng.random() * 0.01)
            if len(server.paid) < DOCUMENTS:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            output, messages = process.communicate(timeout=60)
            in_flight += sum(int(line.split()[1]) for line in messages.splitlines() if "had been sent" in line)
            options = ["--resume"]
            if process.returncode == 0:
                break
    assert kills >= 3, f"seed {seed}"
    again = {prompt: times for prompt, times in server.paid.items() if times > 1}
    # Only calls in flight at a kill were paid for again, and each of them was told of.
    assert sum(times - 1 for times in again.values()) <= in_flight <= kills * JOBS, f"seed {seed}: {again}"
    lines = [f"Short: Summary of document {n}. ({server.paid[f'Summary of document {n}.']})" for n in range(DOCUMENTS)]
    assert output.splitlines() == lines
    shown = json.loads(omegac("ledger", "show", "l.db", "--json", cwd=folder).stdout)
    billed = 20 * sum(server.paid.values())
    account = next(each for each in shown["accounts"] if each["name"] == "default")
    assert account["spent"] + account["held"] >= billed


def test_budgets_inside_a_resumed_run_count_what_is_replayed(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(
        """
        (define (ask n) (effect infer.op (list "Number " n) max-tokens: 20))
        (define (left thunk) (let ((before (get-budget))) (thunk) (display (- before (get-budget))) (newline)))
        (with-tracking (lambda (tokens) (display (list "tokens" tokens)) (newline))
          (lambda ()
            (with-budget 400 (lambda () (left (lambda () (map ask (iota 3))))))
            (left (lambda () (ask 7)))
            (if (string=? (car (command-line)) "stop") (error "stopped"))))
        """
    )
    with Paid() as server:
        options = ("--budget", "5000", *MODEL, "--ledger", "l.db")
        first = omegac("run", "p.omega", *options, "--", "stop", cwd=tmp_path, **environment(server))
        second = omegac("run", "p.omega", *options, "--resume", "--", "go", cwd=tmp_path, **environment(server))
    assert first.returncode == 1
    assert second.returncode == 0
    assert second.stdout == first.stdout == "(tokens 20)\n" * 3 + "60\n" + "(tokens 20)\n" + "20\n"
    assert sum(server.paid.values()) == 4


def test_a_run_without_answers_hides_no_earlier_ones(folder: Path) -> None:
    """It says that there are some, and how to go on with them; so does the printed command."""
    with Paid() as server:
        first = run(folder, server, "--budget", "150")
        asked = len(server.paid)
        empty = run(folder, server)
        assert (first.returncode, empty.returncode, len(server.paid)) == (3, 3, asked)
        assert f"{asked} answers of an earlier run are kept; go on with" in empty.stderr
        assert "--raise-limit --resume" in empty.stderr
        again = run(folder, server, "--budget", "5000", "--raise-limit", "--resume")
    assert (again.stdout, counts(again)) == (expected(12), f"{asked} replayed, {12 - asked} run, 0 dropped")
    assert "no earlier run" not in again.stderr
