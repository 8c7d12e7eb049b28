"""What each rule reports, with the place and a part of the message; and what it leaves alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from omegac.check.checking import check_source
from omegac.check.rules import CHECKS, RULES
from omegac.check.rules.table import UNUSED_SUPPRESSION
from omegac.source import Source
from tests.support.omega import table

REPORTED = {
    "OM101": """
        (display (effect infer.op "a"))                      ⇒ 1:10 this model call at the top level

        (define (f) (effect infer.op "a"))
        (f)                                                  ⇒ 1:13 in f, called by the top level,

        (define (f) (effect infer.op "a"))
        (define (g) (f))
        (with-budget 90 g)
        (display (g))                                        ⇒ 1:13 called by the top level → g,

        (for-each (lambda (x) (display (effect infer.op x))) '("a")) ⇒ 1:32 at the top level
        (display (single-pass "a" 'gpt-4))                   ⇒ 1:10 at the top level
        (display (apply single-pass '("a" gpt-4)))           ⇒ 1:17 at the top level

        (define (call f) (f))
        (call (lambda () (effect infer.op "a")))             ⇒ 2:18 in call

        (define fs (list (lambda () (effect infer.op "a"))))
        ((car fs))                                           ⇒ 1:29 at the top level

        (define (make) (lambda () (effect infer.op "a")))
        (define f (with-budget 90 make))
        (f)                                                  ⇒ 1:27 at the top level

        (define f #f)
        (set! f (lambda () (effect infer.op "a")))
        (f)                                                  ⇒ 2:20 at the top level

        (define p (with-budget 90 (lambda () (delay (effect infer.op "a")))))
        (display (force p))                                  ⇒ 1:45 at the top level

        (handle (effect ask) (on ask (k) (k (effect infer.op "a")))) ⇒ 1:37 at the top level
        (display (amb 1 (effect infer.op "a")))              ⇒ 1:17 at the top level
        (display (mplus 1 (lambda () (effect infer.op "a"))))  ⇒ 1:30 at the top level
    """,
    "OM102": """
        (define (f) (effect infer.op "a"))                   ⇒ 1:13 a caller of f from outside

        (define (g) (f))
        (define (f) (effect infer.op "a"))                   ⇒ 2:13 from outside
    """,
    "OM103": """
        (define (f) (effect infer.op "a") (f))
        (f)                                                  ⇒ 1:1 no bound is known on the model calls of f:

        (define (f x)
          (let loop ((draft x))
            (if (string=? draft "") draft (loop (effect infer.op draft)))))
        (display (f "a"))                                    ⇒ 2:3 the model calls of loop:

        (define (f) (effect infer.op "a") (f))               ⇒ 1:1 the model calls of f:
    """,
    "OM104": """
        (with-budget 16 (lambda () (effect infer.op "a")))   ⇒ 1:14 no call fits into 16 tokens
        (with-budget 4 (lambda () (effect infer.op "a" max-tokens: 4))) ⇒ 1:14 at least 5

        (define (f) (effect infer.op "a"))
        (with-budget "10/hour" f)                            ⇒ 2:14 into 10 tokens

        (run-allocated 9 '(a b) (lambda (task) (effect infer.op "a"))) ⇒ 1:16 into 9 tokens
    """,
    "OM105": """
        (with-budget 100 (lambda () (with-budget 200 (lambda () (effect infer.op "a")))))
                                                             ⇒ 1:42 this budget of 200 tokens is within one of 100

        (define (f) (with-budget 200 (lambda () (effect infer.op "a"))))
        (with-budget 100 f)                                  ⇒ 1:26 within one of 100

        (define (ask) (effect infer.op "a"))
        (with-budget 100 (lambda () (list (with-budget 60 ask) (with-budget 50 ask))))
                                                             ⇒ 2:14 60 + 50 = 110 of 100
    """,
    "OM106": """
        (define (f x) (effect infer.op x))
        (with-budget 20 (lambda () (map f '("a" "b" "c" "d" "e"))))
                                                             ⇒ 2:14 needs at least 21 tokens, and the limit is 20
    """,
    "OM107": """
        (display (guard (e (#t "none")) (effect infer.op "a")))
                                                             ⇒ 1:10 Budget exceeded of the model call on line 1

        (define (f) (effect infer.op "a"))
        (define (g x) (guard (e ((> x 1) 1) (else 2)) (f)))  ⇒ 2:15 on line 1 too

        (define (try thunk) (guard (e (#t #f)) (thunk)))
        (try (lambda () (effect infer.op "a")))              ⇒ 1:21 on line 2 too
    """,
    "OM108": """
        (define (note tokens) (display (effect infer.op "a")))
        (with-tracking note (lambda () (display "b")))       ⇒ 2:16 may itself call a model, on line 1
    """,
    "OM109": """
        (define (f texts) (fold (lambda (all x) (string-append all (effect infer.op all max-tokens: 9))) "" texts))
                                                             ⇒ 1:60 the prompts of len(texts) calls take quadratic

        (define (f n all)
          (if (<= n 0) all (f (- n 1) (string-append all (effect infer.op all max-tokens: 9)))))
                                                             ⇒ 2:50 quadratic input tokens
    """,
    "OM110": """
        (define (f x)
          (list (effect infer.op x)
                (effect infer.op x)))                        ⇒ 3:9 on line 2 already

        (define (f x)
          (let ((a (effect infer.op (list "a" x) max-tokens: 9)))
            (if (string=? a "")
                (effect infer.op (list "a" x) max-tokens: 9)
                a)))                                         ⇒ 4:9 on line 2 already
    """,
    "OM111": """
        (define (f)
          (effect infer.op "a")
          5)                                                 ⇒ 2:3 nothing uses the answer

        (define (f) (let ((a (effect infer.op "a"))) 5))     ⇒ 1:22 nothing uses

        (define (f)
          (effect infer.op "a")
          (define x 5)
          x)                                                 ⇒ 2:3 nothing uses

        (for-each (lambda (x) (effect infer.op x)) '("a"))   ⇒ 1:23 nothing uses
        (with-budget 100 (lambda () (effect infer.op "a")))  ⇒ 1:29 nothing uses
        (define (f x) (when x (effect infer.op "a")) 5)      ⇒ 1:23 nothing uses
    """,
    "OM112": """
        (define (f) (exit 1) (effect infer.op "a"))          ⇒ 1:22 the code before it has left on line 1

        (exit)
        (display (effect infer.op "a"))                      ⇒ 2:10 the program has ended on line 1

        (define (f) (if #f (effect infer.op "a") 2))         ⇒ 1:20 the test on line 1 is constant
        (define (f) (define (g) (effect infer.op "a")) 2)    ⇒ 1:25 nothing uses g
        (define (f) (define (g) (effect infer.op "a") (g)) 2) ⇒ 1:25 nothing uses g
        (define (f x) (if x (raise 1) (error "a")) (effect file.read.op "a")) ⇒ 1:44 has left
    """,
    "OM113": """
        (define (f left)
          (cond
            ((> left 100) (display 1))
            ((> left 500) (display 2))
            (else (display 3))))                             ⇒ 4:19 that on line 4 never holds

        (define (f left)
          (cond
            ((> left 100) (display 1))
            ((<= 0 left) (display 2))
            ((<= left 100) (display 3))
            (else (display 4))))                             ⇒ 6:11 that on line 5 always holds

        (define (f x) (if (and (> x 5) (< x 3)) (display 1) 2)) ⇒ 1:41 never holds
        (define (f x) (if (< x 5) (if (= x 7) (display 1) 2) 3)) ⇒ 1:39 never holds
    """,
}

LEFT_ALONE = {
    "OM101": """
        (display (with-budget 90 (lambda () (effect infer.op "a")))) ⇒ nothing

        (define (f) (effect infer.op "a"))
        (define (g) (f))
        (with-budget "$1" g)                                 ⇒ nothing

        (run-allocated 900 '(a) (lambda (task) (effect infer.op "a"))) ⇒ nothing
        (handle (effect infer.op "a") (on infer.op (prompt k) (k "b"))) ⇒ nothing
        (define (f) (effect infer.op "a"))                   ⇒ nothing

        (define thunks (list (lambda () (effect infer.op "a"))))
        (with-budget 90 (lambda () ((car thunks))))          ⇒ nothing

        (define (under f) (with-budget 90 (lambda () (f))))
        (under (lambda () (effect infer.op "a")))            ⇒ nothing

        (define (twice f x) (f (f x)))
        (twice 1+ 2)
        (define (all fs) (with-budget 90 (lambda () (map (lambda (f) (f)) fs))))
        (all (list (lambda () (effect infer.op "a"))))       ⇒ nothing

        (define p (delay (effect infer.op "a")))
        (with-budget 90 (lambda () (display (force p))))     ⇒ nothing

        (define (letters n) (stream-cons (effect infer.op n) (letters n)))
        (with-budget 90 (lambda () (display (stream-head (letters "a") 2)))) ⇒ nothing
    """,
    "OM102": """
        (define (f) (effect infer.op "a"))
        (with-budget 90 f)                                   ⇒ nothing

        (define (f) (effect infer.op "a"))
        (f)                                                  ⇒ nothing

        (define (f) (with-budget 90 (lambda () (effect infer.op "a")))) ⇒ nothing
    """,
    "OM103": """
        (define (f n) (if (> n 0) (list (effect infer.op "a") (f (- n 1))) 1))
        (f 3)                                                ⇒ nothing

        (define (f n) (if (> n 0) (list (effect infer.op "a") (f (- n 1))) 1)) ⇒ nothing
        (define (f xs) (map (lambda (x) (effect infer.op x)) xs)) ⇒ nothing

        (define (f) (effect infer.op "a") (f))
        (with-budget 100 f)                                  ⇒ nothing

        (define (f) (display 1) (f))
        (f)                                                  ⇒ nothing
    """,
    "OM104": """
        (with-budget 17 (lambda () (effect infer.op "a")))   ⇒ nothing
        (with-budget 5 (lambda () (effect infer.op "a" max-tokens: 4))) ⇒ nothing
        (with-budget 4 (lambda () (display "a")))            ⇒ nothing
        (with-budget "$0.01" (lambda () (effect infer.op "a"))) ⇒ nothing
    """,
    "OM105": """
        (define (f) (with-budget 200 (lambda () (effect infer.op "a"))))
        (with-budget 100 f)
        (f)                                                  ⇒ nothing

        (with-budget "100/hour" (lambda () (with-budget 200 (lambda () (effect infer.op "a"))))) ⇒ nothing

        (define (ask) (effect infer.op "a"))
        (with-budget 100 (lambda () (if (ask) (with-budget 60 ask) (with-budget 50 ask)))) ⇒ nothing
    """,
    "OM106": """
        (define (f x) (effect infer.op x))
        (with-budget 20 (lambda () (map f (command-line))))  ⇒ nothing

        (define (f x) (effect infer.op x))
        (with-budget 21 (lambda () (map f '("a" "b" "c" "d" "e")))) ⇒ nothing
    """,
    "OM107": """
        (guard (e (#t (display e))) (effect infer.op "a"))   ⇒ nothing
        (guard (e ((string? e) "none")) (effect infer.op "a")) ⇒ nothing
        (guard (e (#t "none")) (car '()))                    ⇒ nothing
    """,
    "OM108": """
        (with-tracking display (lambda () (effect infer.op "a"))) ⇒ nothing
    """,
    "OM109": """
        (define (f texts) (map (lambda (x) (effect infer.op x)) texts)) ⇒ nothing
        (define (f n x) (if (<= n 0) x (f (- n 1) (effect infer.op x max-tokens: 9)))) ⇒ nothing

        (define (f xs)
          (append-map (lambda (x) (map (lambda (y) (effect infer.op (list x y))) xs)) xs)) ⇒ nothing

        (define (f n text) (if (<= n 0) '() (cons (effect infer.op text) (f (- n 1) text)))) ⇒ nothing
    """,
    "OM110": """
        (define (f x)
          (if x (effect infer.op x)
                (effect infer.op x)))                        ⇒ nothing

        (define (f x y)
          (list (effect infer.op x) (effect infer.op y)))    ⇒ nothing

        (define (f x)
          (list (effect infer.op x max-tokens: 9) (effect infer.op x))) ⇒ nothing

        (define (f)
          (list (effect infer.op (read-line)) (effect infer.op (read-line)))) ⇒ nothing

        (define (f x) (set! x "b") (list (effect infer.op x) (effect infer.op x))) ⇒ nothing
    """,
    "OM111": """
        (define (f) (effect infer.op "a"))                   ⇒ nothing
        (define answer (effect infer.op "a"))                ⇒ nothing
        (define (f xs) (map (lambda (x) (effect infer.op x)) xs)) ⇒ nothing
        (define (f) (let ((a (effect infer.op "a"))) (lambda () a))) ⇒ nothing
    """,
    "OM112": """
        (define (f x) (if x (exit 1)) (effect infer.op "a")) ⇒ nothing
        (define (f) (guard (e (#t e)) (error "a")) (effect infer.op "a")) ⇒ nothing
        (define (f) (define (g) (effect infer.op "a")) g)    ⇒ nothing

        (define (f) (effect infer.op "a"))
        (exit)                                               ⇒ nothing

        (define (f x) (cond (x 1) (else (effect infer.op "a")))) ⇒ nothing
    """,
    "OM113": """
        (define (f left)
          (cond ((> left 500) (display 1)) ((> left 100) (display 2)) (else (display 3)))) ⇒ nothing

        (define (f left)
          (cond ((> left 5) (display 1)) ((<= left 5) (display 2)))) ⇒ nothing

        (define (f left)
          (cond ((> left 5) (display 1)) ((<= left 5) (display 2)) (else (error "what?")))) ⇒ nothing

        (define (f x)
          (if (> x 5) (begin (set! x 1) (if (< x 3) (display 1) 2)) 3)) ⇒ nothing

        (define (f x)
          (if (> x 5) (let ((x 1)) (if (< x 3) (display 1) 2)) 3)) ⇒ nothing

        (define (f x) (cond ((< x 5) (display 1)) ((= x 5) (display 2)) (else (display 3)))) ⇒ nothing
    """,
}


def found(code: str, program: str) -> str:
    """The first finding of a rule, as its place and message; nothing without one, and all when there are several."""
    findings = check_source(Source("t.omega", program), [code]).checked.findings
    return "; ".join(f"{each.span.line}:{each.span.column} {each.message}" for each in findings) or "nothing"


def cases(tables: dict[str, str]) -> list[object]:
    """The code, the program and what is expected, for each case."""
    return [
        pytest.param(code, *case.values, id=f"{code} {case.id}")
        for code, text in tables.items()
        for case in table(dedent(text))
    ]


@pytest.mark.parametrize(("code", "program", "expected"), cases(REPORTED))
def test_a_rule_reports(code: str, program: str, expected: str) -> None:
    place, _, part = expected.partition(" ")
    finding = found(code, program)
    assert finding.startswith(f"{place} ")
    assert part in finding
    assert "; " not in finding


@pytest.mark.parametrize(("code", "program", "expected"), cases(LEFT_ALONE))
def test_a_rule_leaves_alone(code: str, program: str, expected: str) -> None:
    assert found(code, program) == expected


def test_every_rule_is_checked_and_tested() -> None:
    assert set(CHECKS) == set(REPORTED) == set(LEFT_ALONE) == set(RULES) - {UNUSED_SUPPRESSION}


def test_what_takes_too_long_to_follow_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    program = '(define (f) (effect infer.op "a") (f))\n(f)'
    assert found("OM103", program) != "nothing"
    monkeypatch.setattr("omegac.check.costs._STEPS_MAX", 3)
    assert found("OM103", program) == "nothing"
