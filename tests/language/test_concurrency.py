"""Calls at once: programs give, print and raise what they do one call after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from omega_runtime import Reply, budget, configure, use_model
from omega_runtime.testing import fresh_ledger

from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.command import omegac
from tests.support.messages_api import KEY, Server, message
from tests.support.omega import Run

ASK = '(define (ask x) (effect infer.op (list "Tell me of " x) max-tokens: 30))\n'
PROGRAMS = (
    "(map ask '(1 2 3 4 5 6 7 8 9 10))",
    "(map (lambda (a b) (ask (* a b))) '(1 2 3) '(4 5 6 7))",
    "(vector-map ask #(1 2 3))",
    "(filter (lambda (x) (> (string-length (ask x)) 11)) '(1 22 333))",
    "(for-each ask '(1 2 3))",
    "(let ((a (ask 1)) (b (ask 2)) (c 5)) (list a b c))",
    "(let-values (((a b) (values (ask 1) 2)) ((c) (ask 3))) (list a b c))",
    "(map (lambda (xs) (map ask xs)) '((1 2) (3 4) (5 6)))",
    "(map ask '())",
    "(map ask '(1))",
    "(map ask 5)",
    "(map (lambda (x) (if (= x 3) (car x) (ask x))) '(1 2 3 4 3))",
    "(map (lambda (x) (with-budget 200 (lambda () (ask x)))) '(1 2 3))",
    "(map (lambda (x) (guard (e (#t (list 'caught x))) (if (odd? x) (error \"odd\" x) (ask x)))) '(1 2 3 4))",
    '(guard (e (#t (error-object-message e))) (map (lambda (x) (error "odd" (ask x))) \'(1 2 3)))',
    "(call/cc (lambda (k) (map (lambda (x) (if (= x 2) (k 'out) (ask x))) '(1 2 3))))",
    "(with-tracking display (lambda () (map ask '(1 2 3))))",
    "(handle (map ask '(1 2 3)) (on infer.op (p k) (k (length p))))",
    (
        "(with-exception-handler (lambda (e) (display e) 'x)"
        " (lambda () (map (lambda (x) (raise-continuable (ask x))) '(1 2))))"
    ),
    "(parallel-map (lambda (x) (list x (ask x))) '(1 2 3))",
    "(sequential (parallel-map ask '(1 2 3)))",
    "(parallel-map (lambda (x) (parallel-map ask x)) '((1 2) (3 4)))",
    "(define (tree n) (if (= n 0) (ask n) (map (lambda (m) (tree m)) (iota n)))) (tree 4)",
    "(amb-collect (car (map ask (list (amb 1 2) 3))))",
    "(amb-collect (sequential (list (amb 1 2) (map ask '(3 4)))))",
    "(handler-bind ((string? display)) (map (lambda (x) (raise-continuable (ask x))) '(1 2)))",
    "(restart-case (map (lambda (x) (if (= x 2) (invoke-restart 'use x) (ask x))) '(1 2 3)) (use (x) (* 10 x)))",
)


def outcome(program: str, jobs: int) -> tuple[object, ...]:
    run_of = compile_source(Source("test.omega", ASK + program), result=True)
    with (
        fresh_ledger(),
        configure(jobs=jobs),
        use_model(lambda prompt: Reply(prompt, 5, 5)),
        budget(tokens=100_000) as account,
    ):
        run = Run(run_of.code())
        return run.value, run.output, run.message, run.place, account.spent if run.error is None else None


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_gives_the_same_at_once_and_in_turn(program: str) -> None:
    assert outcome(program, 8) == outcome(program, 1)


def test_an_error_in_a_helping_thread_shows_its_calls(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(
        '(define (work x)\n  (effect infer.op x)\n  (if (string=? x "c") (vector-ref (vector) 0) x))\n\n'
        '(define (work-all xs)\n  (map work xs))\n\n(display (work-all \'("a" "b" "c" "d")))\n'
    )
    shown = [omegac("run", "p.omega", "--model", "offline", "--jobs", jobs, cwd=tmp_path) for jobs in ("1", "8")]
    assert shown[0].returncode == 1
    assert shown[1].stderr == shown[0].stderr
    assert "  3 |   (if (string=? x" in shown[0].stderr
    assert "line 6, in work_all" in shown[0].stderr


def test_a_run_that_stopped_in_a_map_is_resumed_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    """With any number of jobs; equal prompts get the answers that they got before."""
    (tmp_path / "p.omega").write_text(
        "(define (ask x) (effect infer.op x max-tokens: 20))\n"
        '(display (map ask \'("same" "same" "a" "same" "b" "c" "same")))\n'
        '(if (equal? (car (command-line)) "fail") (error "stop"))\n'
    )
    with Server() as server:
        server.answer_by = lambda body: message(f"{body['messages'][0]['content']} {len(server.requests)}")
        environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url, "XDG_STATE_HOME": str(tmp_path)}

        def run(*arguments: str) -> tuple[int, str]:
            done = omegac("run", "p.omega", *arguments, "--budget", "10000", cwd=tmp_path, **environment)
            return done.returncode, done.stdout

        status, first = run("fail", "--jobs", "4")
        assert (status, len(server.requests)) == (1, 7)
        assert run("fail", "--jobs", "1", "--resume") == (1, first)
        assert run("fine", "--jobs", "7", "--resume") == (0, first)
        assert len(server.requests) == 7


def test_a_refusal_keeps_the_answers_and_resuming_pays_for_the_rest_only(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(
        '(define (ask x) (effect infer.op (list "Number " x) max-tokens: 20))\n(display (map ask (iota 20)))\n'
    )
    with Server() as server:
        server.answer_by = lambda body: message(body["messages"][0]["content"][7:])
        environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url, "XDG_STATE_HOME": str(tmp_path)}
        refused = omegac("run", "p.omega", "--budget", "180", "--jobs", "4", cwd=tmp_path, **environment)
        assert refused.returncode == 3
        paid = len(server.bodies())
        fine = omegac("run", "p.omega", "--budget", "10000", "--resume", "--jobs", "4", cwd=tmp_path, **environment)
        assert (fine.returncode, fine.stdout) == (0, f"({' '.join(map(str, range(20)))})")
        assert len(server.bodies()) == 20
        assert paid >= 8


def test_ctrl_c_ends_a_map(tmp_path: Path) -> None:
    import signal
    import time

    from tests.support.messages_api import Hang

    (tmp_path / "p.omega").write_text('(map (lambda (x) (effect infer.op x)) \'("a" "b" "c"))\n')
    with Server(Hang(), Hang(), Hang()) as server:
        import os

        environment = {
            **os.environ,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": server.url,
            "XDG_STATE_HOME": str(tmp_path),
        }
        command = [sys.executable, "-m", "omegac", "run", "p.omega", "--jobs", "3"]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        while len(server.requests) < 3:
            time.sleep(0.02)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - start < 6
        assert process.returncode == 130
        assert "interrupted" in said


def test_jobs_must_be_a_number(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("1")
    assert omegac("run", "p.omega", "--jobs", "0", cwd=tmp_path).returncode == 2
