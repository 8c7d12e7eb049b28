"""effect and handle: what is asked, what it costs, and who answers."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from omega_runtime.calls.report import report
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model

from tests.support.ledgers import Figures
from tests.support.omega import NAME, Run, compiled, error_of, findings_of, table, value_of

Answers = Callable[[str], Any]


def echo(prompt: str) -> Reply:
    """Answers in capitals, at a token for each character."""
    return Reply(prompt.upper(), len(prompt), len(prompt))


def runs(program: str, answers: Answers = echo) -> tuple[Run, list[str], int]:
    """How a program ran, what it asked and what it spent; the same for the code object and the text."""
    program_ = compiled(program)
    found = []
    for code in (program_.code(), compile(program_.text(), "module.py", "exec")):
        with fresh_ledger() as ledger, scripted_model(answers) as model:
            run = Run(code)
        assert ledger.root.held == 0
        found.append((run, model.prompts, ledger.root.spent))
    (first, *facts), (second, *others) = found
    assert (first.value, first.message, first.output, *facts) == (second.value, second.message, second.output, *others)
    return found[1]


@pytest.mark.parametrize(
    ("program", "result", "prompts"),
    [
        ('(effect infer.op "hi")', '"HI"', ["hi"]),
        ('(string-append (effect infer.op "a") (effect infer.op "b"))', '"AB"', ["a", "b"]),
        ('(effect infer.op \'("Summary: " doc 1.5))', '"SUMMARY: DOC1.5"', ["Summary: doc1.5"]),
        ('(effect infer.op (list "n = " (+ 1 2) " " \'(a "b")))', '"N = 3 (A B)"', ["n = 3 (a b)"]),
        ("(effect infer.op 'symbol)", '"SYMBOL"', ["symbol"]),
        ('(map (lambda (d) (effect infer.op d)) \'("a" "b" "c"))', '("A" "B" "C")', ["a", "b", "c"]),
        ('(for-each (lambda (d) (effect infer.op d)) \'("a" "b"))', "#<unspecified>", ["a", "b"]),
        ('(define (f d) (effect infer.op d)) (list (f "a") (f "b"))', '("A" "B")', ["a", "b"]),
        ('(let loop ((i 0) (s "x")) (if (< i 2) (loop (+ i 1) (effect infer.op s)) s))', '"X"', ["x", "X"]),
        ('(effect infer.op (effect infer.op "inner"))', '"INNER"', ["inner", "INNER"]),
        ('(if (string=? (effect infer.op "yes") "YES") 1 2)', "1", ["yes"]),
        ('(cond ((effect infer.op "a") => list) (else 1))', '("A")', ["a"]),
        ('(or (effect infer.op "a") (effect infer.op "b"))', '"A"', ["a"]),
        ('(and (effect infer.op "a") (effect infer.op "b"))', '"B"', ["a", "b"]),
        ('(define x (effect infer.op "a")) (set! x (effect infer.op x)) x', '"A"', ["a", "A"]),
        ('(define p (delay (effect infer.op "a"))) (force p) (force p)', '"A"', ["a"]),
        ('(define p (delay (effect infer.op "a"))) 5', "5", []),
        ('(let-values (((a b) (values (effect infer.op "a") 2))) (list a b))', '("A" 2)', ["a"]),
        ('(guard (e (#t (effect infer.op e))) (raise "x"))', '"X"', ["x"]),
        ('(guard (e (#t (list e 1))) (effect infer.op "a") (raise (effect infer.op "b")))', '("B" 1)', ["a", "b"]),
        ('(call/cc (lambda (k) (k (effect infer.op "a")) (effect infer.op "b")))', '"A"', ["a"]),
        ('(sort (list "b" "a") (lambda (x y) (string<? (effect infer.op x) (effect infer.op y))))', '("a" "b")', None),
        ('(define (f g) (g "x")) (f (lambda (p) (effect infer.op p)))', '"X"', ["x"]),
        ('(effect infer.op "a" model: #f max-tokens: 5 system: #f stop: #f clamp: #t)', '"A"', ["a"]),
        ('`(answer ,(effect infer.op "a") ,@(list (effect infer.op "b")))', '(answer "A" "B")', ["a", "b"]),
    ],
)
def test_asking_a_model(program: str, result: str, prompts: Sequence[str] | None) -> None:
    run, asked, spent = runs(program)
    assert (run.message, run.value) == (None, result)
    assert prompts is None or asked == prompts
    assert spent == 2 * sum(map(len, asked))


class Recording(Figures):
    """A model that keeps the requests."""

    def __init__(self) -> None:
        super().__init__(10)
        self.requests: list[Request] = []

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        self.requests.append(request)
        return Reply("x", 1, 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {"model": "figures", "wanted": 1024, "system": None, "stop": (), "clamp": True}),
        ("model: 'claude-x", {"model": "claude-x"}),
        ('model: "claude-x"', {"model": "claude-x"}),
        ('model: (string-append "gpt" "-3.5")', {"model": "gpt-3.5"}),
        ("max-tokens: 300", {"wanted": 300}),
        ("max-tokens: (* 3 100)", {"wanted": 300}),
        ('system: "Be brief."', {"system": "Be brief."}),
        ('system: (list "Be " \'brief)', {"system": "Be brief"}),
        ('stop: "END"', {"stop": ("END",)}),
        ('stop: \'("a" "b")', {"stop": ("a", "b")}),
        ("clamp: #f", {"clamp": False}),
        ("clamp: #t model: 'm stop: '() max-tokens: 1", {"clamp": True, "model": "m", "stop": (), "wanted": 1}),
    ],
)
def test_options(options: str, expected: dict[str, Any]) -> None:
    program = compiled(f'(define (f) (effect infer.op "p" {options}))\n(f)')
    for code in (program.code(), compile(program.text(), "module.py", "exec")):
        model = Recording()
        with fresh_ledger(), configure(provider=model):
            assert Run(code).message is None
        (request,) = model.requests
        assert {name: getattr(request, name) for name in expected} == expected
        site = request.site
        assert (site.file, site.line, site.column, site.operation, site.procedure) == (NAME, 1, 13, "infer.op", "f")


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(effect infer.op "p" max-tokens: 0)        ⇒ infer.op: option max-tokens: must be an integer >= 1, but got 0
(effect infer.op "p" max-tokens: "many")   ⇒ infer.op: option max-tokens: must be an integer >= 1, but got "many"
(effect infer.op "p" model: 5)             ⇒ infer.op: option model: must be a model's name, but got 5
(effect infer.op "p" system: 5)            ⇒ infer.op: option system: must be a string or a list, but got 5
(effect infer.op "p" stop: '("" 1))        ⇒ infer.op: option stop: must be a string or a list of strings, none of them empty, but got ("" 1)
"""),
)
def test_wrong_options(program: str, message: str) -> None:
    run, asked, spent = runs(program)
    assert (run.message, asked, spent) == (message, [], 0)


BUDGETED = """
(define calls 0)
(define (ask p) (set! calls (+ calls 1)) (effect infer.op p max-tokens: 20 clamp: #f))
(define (message e) (list (error-object-message e) (car (cdr (error-object-irritants e)))))
"""


@pytest.mark.parametrize(
    ("program", "result", "spent"),
    [
        ('(with-budget 1000 (lambda () (ask "abcd")))', '"ABCD"', 8),
        ('(with-budget 1000 (lambda () (ask "abcd") (get-budget)))', "992", 8),
        ('(list (with-budget 1000 (lambda () (ask "ab") 1)) (get-budget))', "(1 +inf.0)", 4),
        ('(guard (e (#t (error-object-message e))) (with-budget 10 (lambda () (ask "abcd"))))', '"Budget exceeded"', 0),
        ('(with-budget 1000 (lambda () (with-budget 500 (lambda () (ask "ab") (get-budget)))))', "496", 4),
        ('(with-budget 500 (lambda () (with-budget 1000 (lambda () (ask "ab") (get-budget)))))', "496", 4),
        (
            '(let ((l \'())) (with-tracking (lambda (n) (set! l (cons n l))) (lambda () (ask "a") (ask "bcd"))) l)',
            "(6 2)",
            8,
        ),
        (
            '(define (f n) (if (= n 0) \'done (begin (ask "ab") (f (- n 1))))) (with-budget 1000 (lambda () (f 5)))',
            "done",
            20,
        ),
        (
            '(define (all n) (guard (e ((error-object? e) n)) (ask "ab") (all (+ n 1)))) (with-budget 100 (lambda () (all 0)))',
            "20",
            80,
        ),
    ],
)
def test_budgets(program: str, result: str, spent: int) -> None:
    def short(prompt: str) -> Reply:
        return Reply(prompt.upper(), len(prompt), len(prompt))

    run, _, cost = runs(BUDGETED + program, short)
    assert (run.message, run.value) == (None, result)
    assert cost == spent


def test_a_budget_that_is_exceeded_names_the_site_and_the_figures() -> None:
    run, asked, spent = runs('(define (f)\n  (effect infer.op "a long prompt" clamp: #f))\n(with-budget 5 f)')
    assert (run.message or "").startswith("Budget exceeded ")
    assert f"{NAME}:2:3" in (run.message or "")
    assert (asked, spent) == ([], 0)


def test_a_model_that_fails_raises_and_leaves_nothing_held() -> None:
    def fails(prompt: str) -> Any:
        return ValueError("broken")

    run, asked, _ = runs('(list (guard (e ((error-object? e) 5)) (effect infer.op "p")) (effect infer.op "q"))', fails)
    assert "broken" in (run.message or "")
    assert asked == ["p", "q"]


def test_each_site_has_its_own_entry_in_the_report() -> None:
    program = compiled('(define (f) (effect infer.op "a"))\n(f)\n(f)\n(effect infer.op "bc")')
    with fresh_ledger() as ledger, scripted_model(echo):
        assert Run(program.code()).message is None
    sites = [(site["file"], site["line"], site["column"], site["procedure"]) for site in report(ledger)["sites"]]
    assert sites == [(NAME, 1, 13, "f"), (NAME, 4, 1, "")]


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(handle (+ 1 (effect ask.op 10)) (on ask.op (x k) (k (* x 2))))                 ⇒ 21
(handle (+ 1 (effect ask.op 10)) (ask.op (x k) (k (* x 2))))                    ⇒ 21
(handle (+ 1 (effect ask.op 10)) (on ask.op (x k) 'aborted))                    ⇒ aborted
(handle 5 (on ask.op (x k) (k 1)))                                              ⇒ 5
(handle (effect ask.op) (ask.op (k) (k 'none)))                                 ⇒ none
(handle (effect ask.op 1 2 3) (ask.op (a b c k) (k (list a b c))))              ⇒ (1 2 3)
(handle (list (effect a.op 1) (effect b.op 2)) (a.op (x k) (k (list 'a x))) (b.op (x k) (k (list 'b x))))  ⇒ ((a 1) (b 2))
(handle (list (effect ask.op 1) (effect ask.op 2)) (ask.op (x k) (k (+ x 10)))) ⇒ (11 12)
(handle (handle (effect ask.op 1) (ask.op (x k) (k (list 'inner x)))) (ask.op (x k) (k (list 'outer x))))  ⇒ (inner 1)
(handle (handle (effect ask.op 1) (tell.op (x k) (k 'told))) (ask.op (x k) (k (list 'outer x))))  ⇒ (outer 1)
;; a clause runs with the handlers outside
(handle (handle (effect ask.op 1) (ask.op (x k) (k (effect ask.op (+ x 1))))) (ask.op (x k) (k (* x 100))))  ⇒ 200
;; a clause may decide
(handle (list (effect ask.op 1) (effect ask.op 2)) (ask.op (x k) (if (= x 2) 'stopped (k x))))  ⇒ stopped
(handle (effect ask.op 3) (ask.op (x k) (cond ((= x 1) 'one) ((= x 2) (k 'two)) (else (k 'many)))))  ⇒ many
(handle (effect ask.op 3) (ask.op (x k) (let ((y (+ x 1))) (let* ((z y)) (begin 'more (k z))))))  ⇒ 4
(handle (effect ask.op 3) (ask.op (x k) (case x ((1) (k 'one)) (else (when #t (k 'else))))))  ⇒ else
(handle (effect ask.op 3) (ask.op (x k) (define y (* 2 x)) (k y)))              ⇒ 6
(handle (effect ask.op 3) (ask.op (x k) (guard (e (#t (k e))) (raise 'raised))))  ⇒ raised
(handle (effect ask.op 3) (ask.op (x k) (let loop ((i 0)) (if (< i x) (loop (+ i 1)) (k i)))))  ⇒ 3
(handle (effect ask.op 3) (ask.op (x k) (and x (or #f (k (+ x 1))))))           ⇒ 4
;; a clause's parameters are its own, and see the program's variables
(define x 5) (list (handle (effect ask.op 1) (ask.op (x k) (k x))) x)           ⇒ (1 5)
(define (f y) (handle (effect ask.op 1) (ask.op (x k) (set! y (+ x y)) (k y)))) (f 10)  ⇒ 11
(define (f) (define n 0) (handle (begin (effect tick.op) (effect tick.op) n) (tick.op (k) (set! n (+ n 1)) (k n)))) (f)  ⇒ 2
(define log '()) (handle (for-each (lambda (x) (effect log.op x)) '(1 2 3)) (log.op (x k) (set! log (cons x log)) (k #t))) log  ⇒ (3 2 1)
;; through procedures, library procedures, loops, guards, promises and parameters
(define (f) (effect ask.op 1)) (define (g) (+ 1 (f))) (handle (g) (ask.op (x k) (k (* x 10))))  ⇒ 11
(handle (map (lambda (x) (effect ask.op x)) '(1 2 3)) (ask.op (x k) (k (* x x))))  ⇒ (1 4 9)
(handle (let loop ((i 0) (s 0)) (if (< i 4) (loop (+ i 1) (+ s (effect ask.op i))) s)) (ask.op (x k) (k (* x 10))))  ⇒ 60
(handle (guard (e (#t 'wrong)) (effect ask.op 1)) (ask.op (x k) (k 'right)))    ⇒ right
(handle (guard (e (#t 'not-for-guards)) (effect ask.op 1)) (ask.op (x k) 'aborted))  ⇒ aborted
(handle (force (delay (effect ask.op 1))) (ask.op (x k) (k 'forced)))           ⇒ forced
(define p (make-parameter 1)) (handle (parameterize ((p 2)) (effect ask.op 1)) (ask.op (x k) (k (p))))  ⇒ 2
(define p (make-parameter 1)) (handle (parameterize ((p 2)) (effect ask.op 1)) (ask.op (x k) 'gone)) (p)  ⇒ 1
(let ((l '())) (handle (dynamic-wind (lambda () (set! l (cons 'in l))) (lambda () (effect ask.op)) (lambda () (set! l (cons 'out l)))) (ask.op (k) 'gone)) l)  ⇒ (out in)
(let loop ((i 0)) (if (< i 3) (handle (effect next.op) (next.op (k) (loop (+ i 1)))) i))  ⇒ 3
(define (count n) (if (= n 0) 'end (handle (begin (effect ask.op) (count (- n 1))) (ask.op (k) (k 1))))) (count 50)  ⇒ end
(map (lambda (f) (handle (f) (ask.op (k) (k 1)))) (list (lambda () (effect ask.op)) (lambda () 2)))  ⇒ (1 2)
;; a resumption that is assigned is one no more
(handle (+ 1 (effect ask.op 1)) (ask.op (x k) (set! k list) (k x)))             ⇒ (1)
(handle (+ 1 (effect ask.op 1)) (ask.op (x k) (let ((k list)) (k x))))          ⇒ (1)
;; a handler keeps nothing: the next handle has its own
(define (h v) (handle (effect ask.op) (ask.op (k) (k v)))) (list (h 1) (h 2) (h 3))  ⇒ (1 2 3)
;; an error in a clause goes to the guard around handle
(guard (e (#t (list 'outside e))) (handle (effect ask.op) (ask.op (k) (raise 'oops))))  ⇒ (outside oops)
"""),
)
def test_handlers(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "result", "asked"),
    [
        ('(handle (effect infer.op "p") (on infer.op (prompt k) (k "canned")))', '"canned"', []),
        ('(handle (effect infer.op \'("a" 1)) (on infer.op (prompt k) (k prompt)))', '("a" 1)', []),
        ('(handle (effect infer.op "p" max-tokens: 5) (on infer.op (prompt k) (k "canned")))', '"canned"', []),
        (
            '(handle (effect infer.op "p") (on infer.op (x k) (k (effect infer.op (string-append "quoted " x)))))',
            '"QUOTED P"',
            ["quoted p"],
        ),
        (
            '(handle (list (effect infer.op "a") (effect ask.op "b")) (ask.op (x k) (k (effect infer.op x))))',
            '("A" "B")',
            ["a", "b"],
        ),
        ('(with-budget 1 (lambda () (handle (effect infer.op "p") (on infer.op (p k) (k "free")))))', '"free"', []),
    ],
)
def test_handlers_of_model_calls_answer_before_anything_is_reserved(
    program: str, result: str, asked: list[str]
) -> None:
    run, prompts, spent = runs(program)
    assert (run.message, run.value, prompts) == (None, result, asked)
    assert spent == 2 * sum(map(len, asked))


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(effect ask.op 1)                                                  ⇒ no handler for effect ask.op
(effect infre.op "x")                                              ⇒ no handler for effect infre.op; did you mean infer.op?
(handle (effect ask.op 1) (tell.op (x k) (k 1)))                   ⇒ no handler for effect ask.op
(handle (effect ask.op 1) (ask.op (x k) (k (effect ask.op x))))    ⇒ no handler for effect ask.op
(begin (handle 1 (ask.op (x k) (k 1))) (effect ask.op 1))          ⇒ no handler for effect ask.op
(effect file.write.op "x" "y")                                     ⇒ file.write.op is off; allow it with --allow write
(effect shell.op "ls")                                             ⇒ shell.op is off; allow it with --allow shell
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program).startswith(message)


@pytest.mark.parametrize("operands", ["", "1 2"])
def test_a_clause_with_other_parameters_than_the_effect_has_operands(operands: str) -> None:
    message = error_of(f"(handle (effect ask.op {operands}) (ask.op (x k) (k x)))")
    assert "ask.op" in message
    assert "wrong number" in message


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(effect)                             ⇒ 1:1: error: malformed effect: expected (effect operation operand … [option: value] …)
(effect "infer.op" "p")              ⇒ 1:9: error: the operation of an effect must be a symbol
(effect infer.op)                    ⇒ 1:1: error: infer.op takes one prompt, got 0
(effect infer.op "a" "b")            ⇒ 1:1: error: infer.op takes one prompt, got 2
(effect infer.op "a" max-token: 5)   ⇒ 1:22: error: unknown option max-token: of infer.op
(effect infer.op "a" max-tokens:)    ⇒ 1:22: error: the option max-tokens: has no value
(effect infer.op "a" clamp: #f clamp: #t)  ⇒ 1:32: error: the option clamp: is given twice
(effect infer.op "a" clamp: #f "b")  ⇒ 1:32: error: malformed effect: expected (effect operation operand … [option: value] …)
(effect ask.op 1 model: 2)           ⇒ 1:18: error: unknown option model: of ask.op
(handle 1)                           ⇒ 1:1: error: malformed handle: expected (handle expression (on operation (argument … resumption) body …) … [(return (value) body …)] [(finally body …)])
(handle 1 (on))                      ⇒ 1:11: error: malformed handle: expected (handle expression (on operation (argument … resumption) body …) … [(return (value) body …)] [(finally body …)])
(handle 1 (on ask.op (k)))           ⇒ 1:11: error: malformed handle: expected (handle expression (on operation (argument … resumption) body …) … [(return (value) body …)] [(finally body …)])
(handle 1 (on ask.op () 1))          ⇒ 1:22: error: a clause needs a parameter for the resumption
(handle 1 (on ask.op (k k) 1))       ⇒ 1:25: error: duplicate parameter k
(handle 1 (return (a b) a))          ⇒ 1:19: error: a return clause takes 1 parameter, but has 2
(handle 1 (return (v) v) (return (v) v))  ⇒ 1:26: error: there are two (return …) clauses
(handle 1 (finally))                 ⇒ 1:11: error: malformed handle: expected (handle expression (on operation (argument … resumption) body …) … [(return (value) body …)] [(finally body …)])
(handle 1 (ask.op (k) (k 1 2)))      ⇒ 1:23: error: k takes 1 argument, but gets 2
(handle 1 (ask.op (k) (k)))          ⇒ 1:23: error: k takes 1 argument, but gets 0
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
