"""`parallel-map` by workers: what it gives, what it refuses, and what becomes of what it pays for."""

from __future__ import annotations

import importlib
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import omega_runtime
import pytest
from omega_runtime.chapter.scopes import with_tracking
from omega_runtime.concurrent.library import parallel_map
from omega_runtime.ledger.stores import contents
from omega_runtime.ledger.urls import without_password
from omega_runtime.lib.ports import with_output_to_string
from omega_runtime.remote import setup
from omega_runtime.values.pairs import list_from
from omega_runtime.values.printing import write_text

from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.processes_engine import ProcessesEngine


def program(text: str) -> dict[str, Any]:
    """The variables of a program, which nobody can import."""
    module = ModuleType("program")
    exec(compile_source(Source("program.omega", text)).code(), vars(module))
    return vars(module)


def run(text: str, engine: ProcessesEngine, folder: Path, **budget: Any) -> str:
    """What a program writes with two workers."""
    with omega_runtime.budget(ledger=folder / "a.ledger", **budget), omega_runtime.workers("ray", 2, jobs=2):
        return with_output_to_string(lambda: program(text))


POINTS = """
(define-record-type point (make-point x y) point? (x px) (y py))
(define p (make-point 1 2))
(define (f q) (list (px p) (py q) (point? q) q))
(write (map (lambda (found) (px (cadddr found))) (parallel-map f (list p (make-point 3 4)))))
"""


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("(define n 3) (define (f x) (+ n x)) (write (parallel-map f '(1 2 3)))", "(4 5 6)"),
        ("(define (f x) (if (= x 0) 'done (g (- x 1)))) (define (g x) (f x)) (write (parallel-map f '(9 4)))",
         "(done done)"),
        ("(define (f n) (parallel-map (lambda (x) (* n x)) '(1 2))) (write (f 5))", "(5 10)"),
        ("(define (f n) (define (fac k) (if (= k 0) 1 (* k (fac (- k 1))))) (parallel-map fac n)) (write (f '(3 4)))",
         "(6 24)"),
        (POINTS, "(1 3)"),
        ("(write (parallel-map (lambda (x y) (list x y)) '(1 2) '(3 4)))", "((1 3) (2 4))"),
        ("(write (map (lambda (f) (f 1)) (parallel-map (lambda (n) (lambda (x) (+ x n))) '(10 20))))", "(11 21)"),
        ("(define t (alist->hash-table '((a . 1)))) (write (parallel-map (lambda (k) (hash-table-ref t k)) '(a)))",
         "(1)"),
        ("(write (parallel-map (lambda (x) (display x) (newline) (* x x)) '(3 1 2)))", "3\n1\n2\n(9 1 4)"),
        ("(write (parallel-map (lambda (x) (parallel-map - (list x 1))) '(1 2)))", "((-1 -1) (-2 -1))"),
        ("(write (parallel-map car '()))", "()"),
        ("(write (guard (e (#t (condition/report-string e))) (parallel-map (lambda (x) (car x)) '((1) 2 3))))",
         '"car: argument 1 must be a pair, but got 2"'),
        ("(write (guard (e (#t e)) (parallel-map (lambda (x) (raise (list x))) '(1 2))))", "(1)"),
    ],
)  # fmt: skip
def test_programs_do_what_they_do_without_workers(
    text: str, output: str, engine: ProcessesEngine, tmp_path: Path
) -> None:
    assert with_output_to_string(lambda: program(text)) == output
    assert run(text, engine, tmp_path) == output
    assert engine.is_closed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(define n 0) (parallel-map (lambda (x) (set! n x)) '(1))", "changes n, which is not its own"),
        ("(define (f) (define n 0) (parallel-map (lambda (x) (set! n (+ n x)) n) '(1))) (f)", "changes n, which"),
        ("(define p (make-parameter 1)) (parallel-map (lambda (x) (p)) '(1))", "p, which is #<parameter>,"),
        ("(define o (open-output-string)) (parallel-map (lambda (x) (write x o)) '(1))", "o, which is #<output-port>"),
        ("(parallel-map (lambda (x) (open-output-string)) '(1))", "the result of a call cannot be sent back"),
        ("(parallel-map display (list 1 (open-output-string)))", "an argument of call 2: #<output-port> cannot"),
        ("(define p (make-parameter 1)) (parameterize ((p 2)) (parallel-map - '(1)))", "parameterize is around"),
        ("(handle (parallel-map - '(1)) (on infer.op (p k) (k p)))", "handle is around"),
        ("(enable-caching!) (parallel-map - '(1))", "an emergency mode is around"),
    ],
)  # fmt: skip
def test_what_workers_cannot_know_of_is_refused(text: str, says: str, engine: ProcessesEngine, tmp_path: Path) -> None:
    with pytest.raises(omega_runtime.OmegaError, match=says.replace("(", r"\(")):
        run(text, engine, tmp_path)


def test_there_are_no_calls_without_a_ledger_that_all_share(engine: ProcessesEngine) -> None:
    with omega_runtime.workers("ray", 1), pytest.raises(omega_runtime.OmegaError, match="workers need a budget"):
        parallel_map(abs, list_from([1]))
    with omega_runtime.workers("ray", 1), omega_runtime.budget(100):
        with pytest.raises(omega_runtime.OmegaError, match="in a ledger file on this machine or on a server"):
            parallel_map(abs, list_from([1]))


def test_within_sequential_the_program_makes_the_calls(engine: ProcessesEngine, tmp_path: Path) -> None:
    text = "(define n 0) (sequential (parallel-map (lambda (x) (set! n x)) '(1 2))) (write n)"
    assert run(text, engine, tmp_path) == "2"


# Calls to models

ERRANDS = """
(import (python os))
(define (ask prompt) (effect infer.op prompt))
(define (twice prompt) (string-append (ask prompt) (ask (string-append prompt " again"))))
(define (within prompt) (with-budget 50 (lambda () (string-append (ask prompt) (twice prompt)))))
(define (end prompt) (os._exit 1))
(define (end-once file)
  (define answer (twice file))
  (if (file-exists? file) answer (begin (call-with-output-file file (lambda (port) (write 1 port))) (os._exit 1))))
(define (everything procedure data) (parallel-map procedure data))
"""
MODEL = """
import omega_runtime


def model(prompt):
    with open(LOG, "a") as file:
        file.write(f"{prompt}\\n")
    return omega_runtime.Reply(f"[{prompt}]", 4, 2)
"""


@pytest.fixture
def errands(modules: Path) -> Iterator[ModuleType]:
    """A module of procedures that ask a model, which writes down what it was asked."""
    (modules / "errands_of_workers.omega").write_text(ERRANDS)
    (modules / "logging_model.py").write_text(f"LOG = {str(modules / 'asked.txt')!r}\n{MODEL}")
    found = importlib.import_module("errands_of_workers")
    with omega_runtime.use_model(importlib.import_module("logging_model").model):
        with omega_runtime.configure(allow={"python", "read", "write"}):
            yield found


def asked(modules: Path) -> list[str]:
    file = modules / "asked.txt"
    return sorted(file.read_text().splitlines()) if file.exists() else []


def answers(ledger: Path) -> int:
    with closing(sqlite3.connect(ledger)) as file:
        (found,) = file.execute("SELECT count(*) FROM replies").fetchone()
    return int(found)


def test_calls_of_workers_are_the_programs(
    engine: ProcessesEngine, errands: ModuleType, modules: Path, tmp_path: Path
) -> None:
    heard: list[int] = []
    prompts = list_from(["a", "b", "c"])
    with omega_runtime.budget(1_000, ledger=tmp_path / "a.ledger", run="job") as account:
        with omega_runtime.workers("ray", 2):
            found = with_tracking(heard.append, lambda: errands.everything(errands.twice, prompts))
            assert write_text(found) == '("[a][a again]" "[b][b again]" "[c][c again]")'
        totals = omega_runtime.report(account.ledger)["totals"]
        assert (account.spent, account.held, account.journal_counts) == (36, 0, (0, 6))
        assert sorted(account.answers or ()) == sorted(f"[{each}]" for each in asked(modules))
    assert (totals["calls"], totals["input_tokens"], totals["output_tokens"]) == (6, 24, 12)
    assert heard == [6] * 6


def test_a_refusal_has_what_was_paid_for_before(
    engine: ProcessesEngine, errands: ModuleType, modules: Path, tmp_path: Path
) -> None:
    with omega_runtime.configure(max_tokens=4, floor=4):
        with omega_runtime.budget(30, ledger=tmp_path / "a.ledger"), omega_runtime.workers("ray", 1, jobs=1):
            with pytest.raises(omega_runtime.BudgetExceeded) as caught:
                errands.everything(errands.ask, list_from([f"prompt {n}" for n in range(9)]))
    assert caught.value.account == "default"
    assert caught.value.partial
    assert len(set(caught.value.partial)) == len(caught.value.partial)
    assert set(caught.value.partial) == {f"[{each}]" for each in asked(modules)}
    assert caught.value.spent == 6 * len(caught.value.partial)


@pytest.mark.parametrize("procedure", ["twice", "within"])
def test_a_resumed_run_pays_for_nothing_again(
    engine: ProcessesEngine, errands: ModuleType, modules: Path, tmp_path: Path, procedure: str
) -> None:
    ledger, prompts = tmp_path / "a.ledger", list_from(["a", "a", "b"])
    first: list[Any] = []
    for is_again in (False, True, True):
        with omega_runtime.budget(ledger=ledger, run="job", resume=is_again) as account:
            with omega_runtime.workers("ray", 2), omega_runtime.budget(500):
                # Twice, so that there are answers of two maps for the same places.
                found = [write_text(errands.everything(getattr(errands, procedure), prompts)) for _ in range(2)]
            first = first or [found, asked(modules), account.spent]
            assert [found, asked(modules), account.spent] == first
            assert account.journal_counts[is_again] == 0
    assert engine.started
    assert contents(ledger)


def test_an_answer_of_a_lost_worker_is_not_paid_for_again(
    engine: ProcessesEngine, errands: ModuleType, modules: Path, tmp_path: Path
) -> None:
    ledger, files = tmp_path / "a.ledger", [str(tmp_path / name) for name in "abc"]
    with omega_runtime.budget(ledger=ledger, run="job") as account, omega_runtime.workers("ray", 2, jobs=1):
        errands.everything(errands.twice, list_from(files))  # the same questions, at other places
        found = list(errands.everything(errands.end_once, list_from(files)))
        assert found == [f"[{each}][{each} again]" for each in files]
        assert account.spent == 6 * len(asked(modules))
        assert account.journal_counts == (0, 12)
    assert asked(modules) == sorted([*files, *(f"{each} again" for each in files)] * 2)
    assert len(engine.started) > 2
    assert answers(ledger) == 12


def test_an_element_that_ends_its_workers_is_not_tried_for_ever(
    engine: ProcessesEngine, errands: ModuleType, tmp_path: Path
) -> None:
    with omega_runtime.budget(ledger=tmp_path / "a.ledger", run="job"), omega_runtime.workers("ray", 1):
        with pytest.raises(omega_runtime.OmegaError, match="call 1 was under way each time when 3 workers were lost"):
            errands.everything(errands.end, list_from(["a"]))
        assert list(errands.everything(errands.ask, list_from(["a"]))) == ["[a]"]


# What workers are set up with


@pytest.mark.parametrize(
    ("function", "value", "says"),
    [
        ("version_here", ["0.0.1", 1, [3, 11]], r"the program has omegac 0\.0\.1 \(interface 1\) under Python 3\.11"),
        ("identity_of", ["another machine", 1, 1], "is not there on .*, and a file serves one machine only"),
    ],
)
def test_workers_that_do_not_fit_are_refused_before_any_call(
    function: str, value: Any, says: str, engine: ProcessesEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omega_runtime.remote import mapping

    monkeypatch.setattr(setup, function, lambda *_: value)
    monkeypatch.setattr(mapping, "identity_of", setup.identity_of)
    with omega_runtime.budget(ledger=tmp_path / "a.ledger"):
        with pytest.raises(omega_runtime.OmegaError, match=says), omega_runtime.workers("ray", 1):
            parallel_map(abs, list_from([1]))
    assert engine.is_closed


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"requests_per_minute": {"m": 3}}, "requests_per_minute of m is 3, too few to share among 4 workers"),
        ({"embed": len, "similarity": 0.5}, "embed is a function and cannot travel"),
    ],
)
def test_settings_that_cannot_be_shared_out_are_refused(given: dict[str, Any], says: str) -> None:
    with omega_runtime.configure(**given), pytest.raises(omega_runtime.OmegaError, match=says):
        setup.settings_for(4)


def test_settings_travel_and_rates_are_shared_out() -> None:
    with omega_runtime.configure(tokens_per_minute={"m": 10}, max_tokens=7):
        told = setup.settings_for(4)
    assert (told["tokens_per_minute"], told["max_tokens"]) == ({"m": 2}, 7)
    assert not told.keys() & {"provider", "embed", "jitter"}


@pytest.mark.parametrize(
    ("where", "count", "says"),
    [
        ("spark", 1, "'spark' is no place of workers; there is ray and ray://HOST:PORT"),
        ("ray", 0, "count must be an integer >= 1"),
    ],
)
def test_impossible_workers_are_refused(where: str, count: int, says: str) -> None:
    with pytest.raises(omega_runtime.OmegaError, match=says):
        omega_runtime.workers(where, count).__enter__()


def test_without_ray_the_error_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(omega_runtime.OmegaError, match=r"pip install 'omegac\[ray\]' brings it"):
        omega_runtime.workers("ray").__enter__()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://db/omega", "postgresql://db/omega"),
        ("postgresql://me:secret@db:5432/omega", "postgresql://me@db:5432/omega"),
        (
            "postgres://me:a%40b@db/o?password=x&sslpassword=y&options=-c%20a%3Db",
            "postgres://me@db/o?options=-c%20a%3Db",
        ),
    ],
)
def test_passwords_of_ledgers_stay_with_the_program(url: str, told: str) -> None:
    assert without_password(url) == told
