# ruff: noqa: E501 - a case stands on one line
"""Bounds on calls and tokens: the formulas, that no run exceeds them, and that those called exact are."""

from __future__ import annotations

from typing import Any

import omega_runtime
import pytest
from omega_runtime.control.deep import deep
from omega_runtime.testing import scripted_model

from omegac.analyse.cost import algebra
from omegac.analyse.cost.asking import Assumptions
from omegac.analyse.cost.bounds import Bound, Bounds, Sizes, bounds_of
from omegac.cli.costs import cost_text
from omegac.pipeline import analysed, compile_source
from omegac.source import Source
from tests.support.omega import table

ASK = '(define (ask x) (effect infer.op (list "Say: " x) max-tokens: 100)) '


def bounds(program: str, assumptions: Assumptions | None = None) -> Bounds:
    """The bounds of a program."""

    def found() -> Bounds:
        unit = analysed(Source("test.omega", program))
        return bounds_of(unit.program, unit.facts, assumptions)

    result: Bounds = deep(found)
    return result


def bound_of(program: str, name: str) -> Bound:
    """The bound of a procedure."""
    return next(each for each in bounds(program).procedures if each.name == name)


def calls(bound: Bound) -> str:
    """The number of calls as text."""
    low, high = algebra.text(bound.low.calls), algebra.text(bound.high.calls)
    return high if low == high else f"{low} .. {high}"


# Each defines f; ⇒ the calls that it makes.
CALLS = table("""
;; straight
(define (f x) (ask x))                                                          ⇒ 1
(define (f x) (ask x) (ask x))                                                  ⇒ 2
(define (f x) (if (string=? x "a") (ask x) 0))                                  ⇒ 0 .. 1
(define (f x) (if (string=? x "a") (begin (ask x) (ask x)) (ask x)))            ⇒ 1 .. 2
(define (f x) (cond ((string=? x "a") (ask x)) ((string=? x "b") (ask (ask x))) (else (error "neither"))))  ⇒ 1 .. 2
(define (f x) (when (string=? x "a") (exit)) (ask x))                           ⇒ 0 .. 1
(define (f x) (guard (e (#t (ask x))) (ask x)))                                 ⇒ 1 .. 2
(define (f x) (handle (ask x) (infer.op (p k) (k "no"))))                       ⇒ 0
(define (f x) (handle (ask x) (infer.op (p k) (k (effect infer.op p)))))        ⇒ 1
(define (f x) (call/cc (lambda (k) (if (string=? x "a") (k 1) 0) (ask x))))     ⇒ 0 .. 1
(define (f x) (let-values (((a b) (values (ask x) 2))) a))                      ⇒ 1
(define (f g x) (g (ask x)))                                                    ⇒ 1 .. calls(g) + 1
(define (f x) (force (delay (ask x))))                                          ⇒ 0 .. 1
;; lists
(define (f docs) (map ask docs))                                                ⇒ len(docs)
(define (f docs) (for-each ask docs))                                           ⇒ len(docs)
(define (f docs) (vector-map ask docs))                                         ⇒ len(docs)
(define (f docs) (map ask (append docs docs)))                                  ⇒ 2·len(docs)
(define (f docs) (map ask (cons "a" docs)))                                     ⇒ len(docs) + 1
(define (f docs) (map ask (filter string? docs)))                               ⇒ 0 .. len(docs)
(define (f docs) (filter ask docs))                                             ⇒ len(docs)
(define (f docs) (find ask docs))                                               ⇒ min(1, len(docs)) .. len(docs)
(define (f docs) (fold (lambda (sum d) (ask d) sum) 0 docs))                    ⇒ len(docs)
(define (f docs) (apply ask (list (car docs))))                                 ⇒ 1
(define (f) (map ask '("a" "b" "c")))                                           ⇒ 3
(define (f items) (map (lambda (a) (map (lambda (b) (ask (list a b))) items)) items))  ⇒ len(items)²
(define (f a b) (for-each (lambda (x) (for-each (lambda (y) (ask x)) b)) a))    ⇒ len(a)·len(b)
(define (f docs) (for-each ask (list-tail docs 2)))                             ⇒ len(docs) - 2
(define (f n) (for-each ask (iota n)))                                          ⇒ n
;; structural recursion
(define (f docs) (if (null? docs) '() (cons (ask (car docs)) (f (cdr docs)))))  ⇒ len(docs)
(define (f docs) (if (pair? docs) (begin (ask (car docs)) (f (cdr docs)))))     ⇒ len(docs)
(define (f docs) (cond ((null? docs) (ask "end")) (else (ask (car docs)) (f (cdr docs)))))  ⇒ len(docs) + 1
(define (f docs) (cond ((null? docs) #f) ((string=? (ask (car docs)) "yes") (car docs)) (else (f (cdr docs)))))  ⇒ 0 .. len(docs)
(define (f docs) (let loop ((d docs) (out '())) (if (null? d) (reverse out) (loop (cdr d) (cons (ask (car d)) out)))))  ⇒ len(docs)
(define (f docs) (if (null? docs) 0 (begin (map ask docs) (f (cdr docs)))))     ⇒ len(docs)·(len(docs) + 1)/2
(define (build n) (if (= n 0) '() (cons "a" (build (- n 1))))) (define (f n) (map ask (build n)))  ⇒ n
;; counting
(define (f n) (do ((i 0 (+ i 1))) ((= i n)) (ask i)))                           ⇒ n
(define (f n) (do ((i 0 (+ i 1))) ((>= i n)) (ask i)))                          ⇒ n
(define (f n) (do ((i 1 (+ i 1))) ((> i n)) (ask i)))                           ⇒ n
(define (f n) (if (> n 0) (begin (ask "x") (f (- n 1)))))                       ⇒ n
(define (f n) (do ((i 0 (+ i 2))) ((>= i n)) (ask i)))                          ⇒ ⌈n/2⌉
(define (f v) (let loop ((i 0)) (if (< i (vector-length v)) (begin (ask (vector-ref v i)) (loop (+ i 1))))))  ⇒ len(v)
(define (f) (let loop ((i 0)) (if (< i 3) (begin (ask i) (loop (+ i 1))))))     ⇒ 3
(define (f text) (let loop ((t text) (n 3)) (if (= n 0) t (loop (ask t) (- n 1)))))  ⇒ 3
;; dividing and branching
(define (f n) (if (> n 0) (begin (ask n) (f (quotient n 2)))))                  ⇒ 0 .. ⌊log2(max(1, n))⌋ + 1
(define (f n) (if (< n 2) (ask n) (begin (f (- n 1)) (f (- n 2)))))             ⇒ 0 .. 2^max(0, n - 1)
(define (f docs) (if (null? (cdr docs)) (ask (car docs)) (let ((half (quotient (length docs) 2))) (ask (list (f (take docs half)) (f (drop docs half)))))))  ⇒ 2·max(1, len(docs)) - 1
;; unknown
(define (f) (ask 1) (f))                                                        ⇒ 0 .. unknown
(define (f t) (ask (car t)) (for-each f (cdr t)))                               ⇒ 0 .. unknown
(define (f) (ask ((eval-it))) (f)) (define (eval-it) read)                      ⇒ 0 .. unknown
(define g car) (define (f x) (g x)) (set! g ask)                                ⇒ 0 .. unknown
(define (f x) (ask (amb 1 2)))                                                  ⇒ 1 .. unknown
(define (f table) ((hash-table-ref table 'g) 1))                                ⇒ 0 .. unknown
""")


@pytest.mark.parametrize(("program", "expected"), CALLS)
def test_calls(program: str, expected: str) -> None:
    assert calls(bound_of(ASK + program, "f")) == expected


# ⇒ the tokens of f.
TOKENS = table("""
(define (f x) (ask x))                                                          ⇒ bytes(x) + 137
(define (f) (ask "abc"))                                                        ⇒ 140
(define (f docs) (map ask docs))                                                ⇒ len(docs)·(bytes(docs[]) + 137)
(define (f x) (effect infer.op x))                                              ⇒ bytes(x) + 1,056
(define (f x) (effect infer.op x max-tokens: 10 system: "abc"))                 ⇒ bytes(x) + 77
(define (f) (effect embed.op "abc"))                                            ⇒ 83
(define (f) (effect embed.op (list "abc" "de")))                                ⇒ 101
(define (f x) (deferred (effect infer.op "abc" max-tokens: 10)))                ⇒ 45
(define (f x) (with-budget 5000 (lambda () (let loop () (ask x) (loop)))))      ⇒ 5,000
(define (f x) (with-budget 1000 (lambda () (ask x))))                           ⇒ min(1,000, bytes(x) + 137)
(define (f x) (with-budget 100 (lambda () (ask x))))                            ⇒ 100
(define (f docs) (fold (lambda (s d) (effect infer.op (list s d) max-tokens: 1)) "" docs))  ⇒ len(docs)·(bytes(docs[]) + 161)
(define (f docs) (fold (lambda (s d) (effect infer.op (list s d) max-tokens: 1) (string-append s "ab")) "" docs))  ⇒ len(docs)·(bytes(docs[]) + 2·len(docs) + 33)
(define (f docs) (fold (lambda (s d) (effect infer.op (list s d) max-tokens: 1) (string-append s s)) "a" docs))  ⇒ unknown
(define (f x) (effect search.op x n: 3 max-tokens: 10))                         ⇒ 3·(bytes(x) + 42)
(define (f path) (ask (effect file.read.op path)))                              ⇒ bytes(file) + 137
(define (f t) (ask (string-append t ", " t)))                                   ⇒ 2·bytes(t) + 139
(define (f x) (ask (hash-table-ref x 1)))                                       ⇒ unknown
(define (f x) (effect infer.op x max-tokens: 10 schema: 'string))               ⇒ unknown
(define (f x) (ask (effect infer.op x max-tokens: 10 schema: 'string)))         ⇒ unknown
(define (f x) (ask (list (user x))))                                            ⇒ unknown
""")


@pytest.mark.parametrize(("program", "expected"), TOKENS)
def test_tokens(program: str, expected: str) -> None:
    assert algebra.text(bound_of(ASK + program, "f").high.tokens) == expected


def test_what_is_unknown_says_where_and_why() -> None:
    bound = bound_of(ASK + "\n(define (f)\n  (ask 1)\n  (f))", "f")
    assert [(each.span.line, each.reason) for each in bound.causes] == [(2, "it calls itself without arguments")]


# A program, a call of f, and the sizes of what f is given.
RUNS: list[tuple[str, str, dict[str, int]]] = [
    ("(define (f docs) (map ask docs))", '(f \'("a" "bb" "ccc"))', {"docs": 3, "docs[]": 3}),
    (
        "(define (f items) (map (lambda (a) (map (lambda (b) (ask (list a b))) items)) items))",
        '(f \'("a" "b" "c" "d"))',
        {"items": 4, "items[]": 1},
    ),
    ("(define (f n) (do ((i 0 (+ i 1))) ((= i n)) (ask i)))", "(f 7)", {"n": 7}),
    ("(define (f n) (do ((i 0 (+ i 3))) ((>= i n)) (ask i)))", "(f 7)", {"n": 7}),
    ("(define (f n) (if (< n 2) (ask n) (begin (f (- n 1)) (f (- n 2)))))", "(f 6)", {"n": 6}),
    ("(define (f n) (if (> n 0) (begin (ask n) (f (quotient n 2)))))", "(f 9)", {"n": 9}),
    (
        (
            "(define (f docs) (if (null? (cdr docs)) (ask (car docs)) (let ((half (quotient (length docs) 2)))"
            " (ask (list (f (take docs half)) (f (drop docs half)))))))"
        ),
        '(f \'("a" "b" "c" "d" "e"))',
        {"docs": 5, "docs[]": 1},
    ),
    (
        "(define (f docs) (if (null? docs) 0 (begin (map ask docs) (f (cdr docs)))))",
        '(f \'("a" "b" "c"))',
        {"docs": 3, "docs[]": 1},
    ),
    (
        (
            '(define (f docs) (let loop ((d docs) (history "")) (if (null? d) history (loop (cdr d) (string-append'
            " history (ask (list history (car d))))))))"
        ),
        '(f \'("a" "b" "c"))',
        {"docs": 3, "docs[]": 1},
    ),
    (
        '(define (f docs) (cond ((null? docs) #f) ((string=? (ask (car docs)) "Say: b") 1) (else (f (cdr docs)))))',
        '(f \'("a" "b" "c"))',
        {"docs": 3, "docs[]": 1},
    ),
    ("(define (f text) (let loop ((t text) (n 3)) (if (= n 0) t (loop (ask t) (- n 1)))))", '(f "abc")', {"text": 3}),
    ('(define (f n) (guard (e (#t (if (> n 0) (f (- n 1)) 0))) (ask n) (error "no")))', "(f 3)", {"n": 3}),
]


@pytest.mark.parametrize(("program", "call", "sizes"), RUNS)
def test_no_run_exceeds_its_bound(program: str, call: str, sizes: dict[str, int]) -> None:
    bound = bound_of(ASK + program, "f").with_sizes(Sizes(sizes, text_bytes=3))
    with scripted_model(lambda prompt: omega_runtime.Reply(prompt, len(prompt), 100)) as model:
        names: dict[str, Any] = {"__name__": "omega_program"}
        deep(exec, compile_source(Source("test.omega", ASK + program + call)).code(), names)
    made = len(model.prompts)
    spent = sum(len(prompt) + 100 for prompt in model.prompts)
    low, high = algebra.constant(bound.low.calls), algebra.constant(bound.high.calls)
    tokens = algebra.constant(bound.high.tokens)
    assert low is not None is not high
    assert low <= made <= high
    assert tokens is not None
    assert spent <= tokens
    if bound.is_exact:
        assert made == high


def test_the_text_for_people_is_the_same_each_time() -> None:
    program = (
        ASK + "(define (f items) (map (lambda (a) (map (lambda (b) (ask (list a b))) items)) items)) (define (g) 1)"
    )
    text = cost_text(bounds(program), "test.omega")
    assert text == cost_text(bounds(program), "test.omega")
    assert text.split("\n\n")[2] == (
        "(f items)  line 1\n"
        "  calls    n², quadratic\n"
        "  tokens   <= 2·n²·(b + 70)\n"
        "  input    <= 2·n²·(b + 20)\n"
        "  output   <= 100·n²\n"
        "  where    b is the bytes of an element of items\n"
        "  where    n is the length of items"
    )
    assert text.endswith("\n\n1 other procedure calls no model.\n")


@pytest.mark.parametrize(
    ("assumed", "shown"),
    [
        (["docs=100", "docs[]=4000"], "413700"),
        (["docs=100", "chars=1000"], "413700"),
        (["docs=100", "bytes=4000"], "413700"),
        (["docs=1_0"], "10*bytes(docs[]) + 1370"),
    ],
)
def test_sizes_that_are_assumed(assumed: list[str], shown: str) -> None:
    bound = bound_of(ASK + "(define (f docs) (map ask docs))", "f").with_sizes(Sizes.of(assumed))
    assert str(algebra.expanded(bound.high.tokens)) == shown


@pytest.mark.parametrize("text", ["docs", "docs=", "=3", "docs=-1", "docs=x", "docs=1.5"])
def test_assumptions_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="write NAME=SIZE"):
        Sizes.of([text])


def test_the_actual_arguments_and_files_of_a_run() -> None:
    program = ASK + "(for-each (lambda (path) (ask (effect file.read.op path))) (command-line))"
    assumptions = Assumptions(arguments=("a.txt", "b.txt"), file_size={"a.txt": 1000, "b.txt": 500}.get)
    run = bounds(program, assumptions).run
    assert (algebra.text(run.high.calls), algebra.text(run.high.tokens)) == ("2", "1,774")


def test_prices_make_dollars() -> None:
    def price(_: str | None) -> tuple[Any, Any]:
        return algebra.number(3) / 1_000_000, algebra.number(15) / 1_000_000

    run = bounds(ASK + '(ask "abc")', Assumptions(price=price)).run
    assert algebra.constant(run.high.dollars) == pytest.approx((40 * 3 + 100 * 15) / 1_000_000)
