"""search.op, int.op and oracle-lambda: what is asked, what it costs, and who answers."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import omega_runtime
import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site
from omega_runtime.calls.report import report
from omega_runtime.calls.sampling import search
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model

from omegac.pipeline import dump
from omegac.source import Source
from tests.support.agreement import check_agreement
from tests.support.omega import NAME, Run, compiled, error_of, findings_of, table, value_of

SITE = Site("test.omega", 1, 1, "search.op", "main", 1)


def numbered() -> Callable[[str], Reply]:
    """Answers a, b, a, b, … at a token for the prompt and two for the answer."""
    answers: Iterator[str] = iter("abababababababab")
    return lambda prompt: Reply(next(answers), 1, 2)


def run(program: str) -> tuple[Run, list[str], int]:
    """How a program ran, what it asked and what it spent; the same for the code object and the text."""
    made = compiled(program)
    found = []
    for code in (made.code(), compile(made.text(), "module.py", "exec")):
        with fresh_ledger() as ledger, scripted_model(numbered()) as model:
            ran = Run(code)
        assert ledger.root.held == 0
        found.append((ran, model.prompts, ledger.root.spent))
    (first, *facts), (second, *others) = found
    assert (first.value, first.message, *facts) == (second.value, second.message, *others)
    return found[0]


@pytest.mark.parametrize(
    ("program", "value", "calls"),
    [
        ('(dist-to-list (effect search.op "p" n: 3))', '(("a" . 2) ("b" . 1))', 3),
        ('(dist-to-list (effect search.op "p" n: 1))', '(("a" . 1))', 1),
        ('(dist-to-list (effect search.op "p"))', '(("a" . 4) ("b" . 4))', 8),
        ('(dist-to-list (effect search.op "p" n: #f))', '(("a" . 4) ("b" . 4))', 8),
        ('(dist-to-list (effect search.op "p" n: 2.0))', '(("a" . 1) ("b" . 1))', 2),
        ('(dist-to-list (effect search.op "p" n: 2 max-tokens: 5 system: "s" stop: "x"))', '(("a" . 1) ("b" . 1))', 2),
        ('(define (f n) (dist-count (effect search.op "p" n: n))) (list (f 1) (f 2))', "(1 2)", 3),
        ('(map (lambda (p) (dist-count (effect search.op p n: 2))) \'("x" "y"))', "(2 2)", 4),
        ('(dist-value-at (dist-topk (effect search.op "p" n: 5) 1) 0)', '"a"', 5),
        ('(effect search.op "p" n: 2) 5', "5", 2),
        ('(effect int.op "p")', '"a"', 1),
        ('(effect int.op "p" max-tokens: 7)', '"a"', 1),
        # The same where continuations are entered again.
        ('(amb-collect (dist-count (effect search.op (amb "x" "y") n: 2)))', "(2 2)", 4),
        ('(define k (call/cc (lambda (k) k))) (dist-count (effect search.op "p" n: 2))', "2", 2),
    ],
)
def test_what_is_asked(program: str, value: str, calls: int) -> None:
    ran, prompts, spent = run(program)
    assert (ran.value, len(prompts), spent) == (value, calls, 3 * calls)


def test_the_prompt_and_the_options_are_evaluated_once() -> None:
    program = """
    (define (note x) (display x) x)
    (dist-count (effect search.op (list (note "p") 1) n: (note 3) max-tokens: (note 9)))"""
    ran, prompts, _ = run(program)
    assert (ran.output, prompts) == ("p39", ["p1", "p1", "p1"])


def test_each_sample_is_held_and_settled_by_itself() -> None:
    tracked = """
    (define seen '())
    (with-tracking (lambda (tokens) (set! seen (cons tokens seen)))
      (lambda () (effect search.op "p" n: 3)))
    seen"""
    assert run(tracked)[0].value == "(3 3 3)"
    with fresh_ledger(), scripted_model(numbered()):
        Run(compiled('(define (f) (effect search.op "p" n: 3)) (f)').code())
        sites = report()["sites"]
    found = [(site["line"], site["column"], site["operation"], site["procedure"], site["calls"]) for site in sites]
    assert found == [(1, 13, "search.op", "f", 3)]


def test_a_budget_that_ends_within_keeps_the_answers_that_were_paid_for() -> None:
    with fresh_ledger() as ledger, scripted_model(numbered()):
        with pytest.raises(BudgetExceeded) as refused, budget(tokens=30) as account:
            search(SITE, "p", 8, max_tokens=16, clamp=False)
        assert (account.spent, ledger.root.held) == (3 * len(refused.value.partial), 0)
    assert refused.value.partial[:3] == ("a", "b", "a")


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; A handler for search.op answers once, and the samples are calls that a handler for infer.op answers.
(handle (effect search.op "p") (on search.op (prompt k) (k (list 'handled prompt))))  ⇒ (handled "p")
(handle (list (effect search.op "p")) (on search.op (prompt k) 'ended))  ⇒ ended
(handle (dist-to-list (effect search.op '("p" 1) n: 3)) (on infer.op (prompt k) (k prompt)))  ⇒ ((("p" 1) . 3))
(handle (handle (dist-to-list (effect search.op "p" n: 2)) (on infer.op (p k) (k 'inner))) (on search.op (p k) (k (dist 'outer))))  ⇒ ((outer . 1))
(handle (effect int.op "p") (on infer.op (prompt k) (k prompt)))  ⇒ "p"
(handle (effect infer.op "p") (on int.op (prompt k) (k prompt)))  ⇒ "p"
;; oracle-lambda: the specification, and a line for each argument.
(define (shown thunk) (handle (thunk) (on infer.op (prompt k) (k prompt))))
(shown (lambda () ((oracle-lambda (text language) "Translate.") "bonjour" 'english)))  ⇒ "Translate.\n\ntext: bonjour\nlanguage: english"
(define (shown thunk) (handle (thunk) (on infer.op (prompt k) (k prompt))))
(shown (lambda () ((oracle-lambda () '("Say " 1)))))             ⇒ "Say 1"
(define (shown thunk) (handle (thunk) (on infer.op (prompt k) (k prompt))))
(shown (lambda () ((oracle-lambda (a . more) 'sum) 1 2 "x")))    ⇒ "sum\n\na: 1\nmore: (2 x)"
(define (shown thunk) (handle (thunk) (on infer.op (prompt k) (k prompt))))
(define n 0) (define f (oracle-lambda (x) (begin (set! n (+ n 1)) (list "made " n)))) (list (shown (lambda () (f 1))) (shown (lambda () (f 2))))  ⇒ ("made 1\n\nx: 1" "made 1\n\nx: 2")
(handle (map (oracle-lambda (x) "Double.") '(1 2)) (on infer.op (prompt k) (k (string-length prompt))))  ⇒ (13 13)
(define x 5) (handle ((oracle-lambda (y) x) 1) (on infer.op (prompt k) (k prompt)))  ⇒ "5\n\ny: 1"
(oracle-lambda (x) "s")                                          ⇒ #<procedure>
(define ask (oracle-lambda (x) "s")) ask                         ⇒ #<procedure ask>
"""),
)
def test_who_answers(program: str, value: str) -> None:
    assert value_of(program) == value


def test_an_oracle_asks_with_its_options() -> None:
    program = (
        '(define budget 7) (define ask (oracle-lambda (x) "s" max-tokens: (+ budget 1) system: "be short")) (ask 1)'
    )
    ran, prompts, spent = run(program)
    assert (ran.value, spent) == ('"a"', 3)
    assert prompts == ["s\n\nx: 1"]


@pytest.mark.parametrize(
    ("program", "row"),
    table(r"""
(define (f) (effect search.op "p" n: 2))                         ⇒ infer
(define (f) (effect int.op "p"))                                 ⇒ infer
(define f (oracle-lambda (x) "s"))                               ⇒ infer
(define g (oracle-lambda (x) "s")) (define (f) (g 1))            ⇒ infer
"""),
)
def test_rows(program: str, row: str) -> None:
    lines = dump(Source(NAME, program), "analyse").splitlines()
    assert any(line.endswith(f" f: {row}") for line in lines), lines


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(effect search.op "a" "b")                                       ⇒ 1:1: error: search.op takes one prompt, got 2
(effect search.op "a" samples: 5)                                ⇒ 1:23: error: unknown option samples: of search.op
(effect infer.op "a" n: 5)                                       ⇒ 1:22: error: unknown option n: of infer.op
(effect search.op "a" n: 5 n: 6)                                 ⇒ 1:28: error: the option n: is given twice
(oracle-lambda (x))                                              ⇒ 1:1: error: malformed oracle-lambda: expected (oracle-lambda (parameter …) specification [option: value] …)
(oracle-lambda (x) "s" 5)                                        ⇒ 1:24: error: malformed effect: expected (effect operation operand … [option: value] …)
(oracle-lambda (x) "s" n: 5)                                     ⇒ 1:24: error: unknown option n: of infer.op
(oracle-lambda (x x) "s")                                        ⇒ 1:19: error: duplicate parameter x
((oracle-lambda (x) "s"))                                        ⇒ 1:1: error: this procedure takes 1 argument, but gets 0
"""),
)
def test_findings(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]


@pytest.mark.parametrize("n", ["0", "-1", "1.5", '"5"', "+inf.0", "'()"])
def test_a_wrong_number_of_samples_asks_nobody(n: str) -> None:
    with fresh_ledger() as ledger, scripted_model(numbered()) as model:
        message = error_of(f'(effect search.op "p" n: {n})')
    assert message.startswith("search.op: option n: must be an integer >= 1, but got")
    assert (model.prompts, ledger.root.spent) == ([], 0)


def test_samples_are_asked_for_anew_where_answers_are_kept() -> None:
    def samples() -> Any:
        return [search(SITE, "p", 2).entries, omega_runtime.current_account().spent]

    with fresh_ledger(), scripted_model(numbered()), budget(tokens=10_000):
        Run(compiled("(enable-caching!)").code())
        assert samples() == [[("a", 1), ("b", 1)], 6]
        assert samples() == [[("a", 1), ("b", 1)], 12]


@pytest.mark.parametrize(
    "program",
    [
        '(dist-to-list (effect search.op (list "p" 1) n: 3))',
        '(handle (dist-count (effect search.op "p" n: 2)) (on infer.op (p k) (k p)))',
        '((oracle-lambda (x . y) (string-append "a" "b") max-tokens: 20) 1 2)',
    ],
)
def test_every_way_to_run_a_program_ends_alike(program: str) -> None:
    assert check_agreement(program).error is None
