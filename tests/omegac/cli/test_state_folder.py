"""Runs without a ledger file: what they paid for is kept in the state folder until they are finished."""

from __future__ import annotations

import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from omegac.cli import state
from tests.support.command import omegac
from tests.support.messages_api import Behaviour, Server, error, message

PROGRAM = """
(define (ask n) (effect infer.op (list "Number " n) max-tokens: 30))
(for-each (lambda (n) (display (ask n)) (newline)) (iota (string->number (car (command-line)))))
"""
CALL = 20


class Paid(Server):
    """Answers each prompt, and counts how often it was paid for which; from `fails` on with errors."""

    def __init__(self) -> None:
        super().__init__()
        self.paid: Counter[str] = Counter()
        self.answer_by = self._respond
        self.fails = 10**9

    def _respond(self, body: dict[str, Any]) -> Behaviour:
        if self.paid.total() >= self.fails:
            return error(400, "invalid_request_error")
        prompt = body["messages"][0]["content"]
        self.paid[prompt] += 1
        return message(f"Answer to {prompt} ({self.paid[prompt]})", 8, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a b.omega").write_text(PROGRAM)
    return tmp_path


def environment(folder: Path, server: Server) -> dict[str, str]:
    return {
        "ANTHROPIC_API_KEY": "test-key",
        "ANTHROPIC_BASE_URL": server.url,
        "XDG_STATE_HOME": str(folder / "state"),
    }


def run(folder: Path, server: Server, *options: str, count: int = 8, **more: str) -> subprocess.CompletedProcess[str]:
    arguments = ("run", "a b.omega", "--model", "claude-sonnet-4-6", *options, "--", str(count))
    return omegac(*arguments, cwd=folder, **{**environment(folder, server), **more})


def files(folder: Path) -> list[Path]:
    return sorted((folder / "state" / "omegac").glob("*"))


def command(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The command that the messages say goes on."""
    (line,) = (line for line in done.stderr.splitlines() if "-m omegac run" in line)
    words = shlex.split(line)
    assert words[1:3] == ["-m", "omegac"]
    return words[3:]


def expected(count: int = 8) -> str:
    return "".join(f"Answer to Number {n} (1)\n" for n in range(count))


def test_a_refused_run_without_answers_tells_of_an_earlier_one(folder: Path) -> None:
    with Paid() as server:
        run(folder, server, "--budget", "150")
        asked = server.paid.total()
        empty = run(folder, server, "--budget", "5")
        assert (empty.returncode, server.paid.total()) == (3, asked)
        assert f"{asked} answers of an earlier run are kept; go on with that one instead:" in empty.stderr
        assert "omegac run 'a b.omega' --model claude-sonnet-4-6 --resume -- 8" in empty.stderr
        assert run(folder, server, "--budget", "5000", "--resume").stdout == expected()
    assert set(server.paid.values()) == {1}


def test_a_refused_run_is_gone_on_with_by_the_command_that_is_printed(folder: Path) -> None:
    with Paid() as server:
        first = run(folder, server, "--budget", "100")
        asked = server.paid.total()
        assert (first.returncode, first.stdout) == (3, expected(asked))
        for text in (
            r"a b\.omega:2:17: error: Budget exceeded: the call needs \d+ tokens, and \d+ tokens are left",
            r"needed: \d+ tokens: \d+ for the prompt, 16 for the shortest answer",
            rf"left:   \d+ tokens of the 100 tokens of --budget; {asked * CALL} tokens spent",
            rf"help:   {asked} answers that were paid for are kept; go on with",
            r"max-tokens:",
            r"called by .* at a b\.omega:3:",
        ):
            assert re.search(text, first.stderr), first.stderr
        assert "Traceback" not in first.stderr
        words = command(first)
        assert words == ["run", "a b.omega", "--model", "claude-sonnet-4-6", "--budget", "200", "--resume", "--", "8"]
        second = omegac(*words, cwd=folder, **environment(folder, server))
        assert (second.returncode, second.stdout) == (0, expected())
        assert f"{asked} replayed, {8 - asked} run, 0 dropped" in second.stderr
    assert set(server.paid.values()) == {1}
    assert files(folder) == []


def test_the_answers_of_an_expression_are_kept(folder: Path) -> None:
    ask = '(list (effect infer.op "a") (effect infer.op "b" max-tokens: 60 clamp: #f))'
    with Paid() as server:

        def evaluate(expression: str, *options: str) -> subprocess.CompletedProcess[str]:
            arguments = ("eval", expression, "--model", "claude-sonnet-4-6", *options)
            return omegac(*arguments, cwd=folder, **environment(folder, server))

        refused = evaluate(ask, "--budget", "70")
        assert (refused.returncode, server.paid) == (3, {"a": 1})
        assert "1 answer that was paid for is kept; go on with" in refused.stderr
        assert "--resume" in refused.stderr
        other = evaluate('(effect infer.op "c")', "--resume")
        assert "there is no earlier run of this program" in other.stderr
        done = evaluate(ask, "--budget", "500", "--resume")
        assert (done.returncode, done.stdout) == (0, '("Answer to a (1)" "Answer to b (1)")\n')
    assert server.paid == {"a": 1, "b": 1, "c": 1}
    assert files(folder) == []


def test_the_limit_counts_what_was_spent_before(folder: Path) -> None:
    with Paid() as server:
        run(folder, server, "--budget", "100")
        asked = server.paid.total()
        same = run(folder, server, "--resume", "--report")
        assert (same.returncode, server.paid.total()) == (3, asked)
        assert f"the run, with what it goes on with, has spent {asked * CALL} of 100 tokens" in same.stderr
        less = run(folder, server, "--resume", "--budget", "20")
        assert (less.returncode, "cannot be limited to less than what is spent" in less.stderr) == (2, True)
        other = run(folder, server, "--resume", "--budget", "$1")
        assert (other.returncode, server.paid.total()) == (3, asked)
        anew = run(folder, server, "--budget", "90")
        assert anew.stdout == expected(server.paid.total() - asked).replace("(1)", "(2)") != ""
    assert len([path for path in files(folder) if path.suffix == ".ledger"]) == 2


@pytest.mark.slow
def test_every_new_run_has_the_whole_limit(folder: Path) -> None:
    with Paid() as server:
        for times in (1, 2, 3):
            done = run(folder, server, "--budget", "200", "--report", count=4)
            assert (done.returncode, done.stdout) == (0, expected(4).replace("(1)", f"({times})"))
            assert f"spent {4 * CALL} of 200 tokens" in done.stderr
            assert "all runs" not in done.stderr
    assert files(folder) == []


def test_errors_and_interrupts_say_how_to_go_on(folder: Path) -> None:
    with Paid() as server:
        server.fails = 3
        failed = run(folder, server)
        assert failed.returncode == 1
        assert "omegac: 3 answers that were paid for are kept; go on with" in failed.stderr
        assert command(failed) == ["run", "a b.omega", "--model", "claude-sonnet-4-6", "--resume", "--", "8"]
        server.fails = 10**9
        done = run(folder, server, "--resume")
        assert (done.returncode, done.stdout, set(server.paid.values())) == (0, expected(), {1})


def start(folder: Path, server: Server, *options: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "omegac",
            "run",
            "a b.omega",
            "--model",
            "claude-sonnet-4-6",
            *options,
            "--",
            str(count),
        ],
        cwd=folder,
        env={**os.environ, **environment(folder, server)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_a_signal_ends_is_resumed(folder: Path, number: int) -> None:
    with Paid() as server:
        process = start(folder, server, count=4_000)
        while server.paid.total() < 5:
            time.sleep(0.005)
        going_on = run(folder, server, "--resume", count=10)
        assert (going_on.returncode, "is still going on in process" in going_on.stderr) == (2, True)
        process.send_signal(number)
        _, messages = process.communicate(timeout=60)
        if number != signal.SIGKILL:
            assert "answers that were paid for are kept; go on with\n" in messages
        paid = server.paid.total()
        done = run(folder, server, "--resume", count=5)
        # A call in flight at the end may be asked again.
        assert (done.returncode, server.paid.total() <= paid + 1) == (0, True), done.stderr
    assert files(folder) == []


def test_only_the_owner_can_read(folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "omegac").mkdir(mode=0o755)
    with Paid() as server:
        assert run(folder, server, "--budget", "60").returncode == 3
    assert stat.S_IMODE((folder / "state" / "omegac").stat().st_mode) == 0o700
    assert files(folder)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files(folder))
    assert all(b"test-key" not in path.read_bytes() for path in files(folder))


def test_what_is_not_kept(folder: Path) -> None:
    with Paid() as server:
        off = run(folder, server, "--budget", "60", "--no-journal")
        assert (off.returncode, "--resume" in off.stderr) == (3, False)
        (folder / "state").write_text("no folder")
        unusable = run(folder, server, "--budget", "500")
        assert (unusable.returncode, unusable.stdout.count("\n")) == (0, 8)
        (notice,) = unusable.stderr.splitlines()
        assert notice.startswith("omegac: answers are not kept, so this run cannot be resumed: the state folder")
        assert run(folder, server, "--resume").returncode == 2
        (folder / "state").unlink()
        offline = omegac("run", "a b.omega", "--model", "offline", "--", "2", cwd=folder, **environment(folder, server))
        (folder / "c.omega").write_text("(display 1)")
        without = omegac("run", "c.omega", cwd=folder, **environment(folder, server))
        assert (offline.returncode, without.stdout) == (0, "1")
    assert not (folder / "state").exists()


def test_keeping_answers_is_no_budget_for_the_processes_that_a_program_starts(folder: Path) -> None:
    (folder / "inner.omega").write_text('(display (effect infer.op "Inner"))')
    inner = f"{sys.executable} -m omegac run inner.omega --no-journal"
    (folder / "outer.omega").write_text(f'(effect infer.op "Outer") (display (effect shell.op "{inner}"))')
    with Paid() as server:
        arguments = ("run", "outer.omega", "--allow", "shell")
        done = omegac(*arguments, cwd=folder, **environment(folder, server))
    assert (done.returncode, done.stdout) == (0, "Answer to Inner (1)"), done.stderr


def test_nothing_to_resume(folder: Path) -> None:
    with Paid() as server:
        done = run(folder, server, "--resume", "--budget", "500")
    assert (done.returncode, done.stdout) == (0, expected())
    assert "there is no earlier run of this program to resume; it begins anew" in done.stderr


def test_a_run_that_paid_for_nothing_hides_none_that_did(folder: Path) -> None:
    with Paid() as server:
        run(folder, server, "--budget", "100")
        paid = server.paid.total()
        server.fails = 0
        assert run(folder, server).returncode == 1
        server.fails = 10**9
        done = run(folder, server, "--resume", "--budget", "500")
        assert (done.stdout, server.paid.total()) == (expected(), 8)
        assert f"{paid} replayed" in done.stderr


def test_old_runs_make_room_but_never_one_in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Paid() as server:
        run(folder, server, "--budget", "60")
        run(folder, server, "--budget", "60")
        process = start(folder, server, count=2000)
        while server.paid.total() < 10:
            time.sleep(0.005)
        process.send_signal(signal.SIGSTOP)
        place = folder / "state" / "omegac"
        ledgers = sorted(place.glob("*.ledger"), key=lambda path: path.stat().st_mtime)
        assert len(ledgers) == 3
        long_ago = time.time() - state.MOST_SECONDS - 60
        for path in place.glob("*"):
            if not path.name.startswith(ledgers[1].name):
                os.utime(path, (long_ago, long_ago))
        state.prune(place)
        assert set(place.glob("*.ledger")) == set(ledgers[1:])
        monkeypatch.setattr(state, "MOST_BYTES", 0)
        state.prune(place)
        assert set(place.glob("*.ledger")) == {ledgers[2]}
        process.kill()
        process.communicate()
        state.prune(place)
        assert files(folder) == []
