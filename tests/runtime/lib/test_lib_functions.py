"""Procedures from procedures, promises of procedures, text as evidence."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(identity '(1 2))                                                ⇒ (1 2)
((constantly 5))                                                 ⇒ 5
((constantly 5) 1 2 3)                                           ⇒ 5
((const 'a) 1)                                                   ⇒ a
((compose car cdr) '(1 2 3))                                     ⇒ 2
((compose list +) 1 2 3)                                         ⇒ (6)
((compose) 7)                                                    ⇒ 7
((compose car) '(8))                                             ⇒ 8
((pipe cdr car) '(1 2 3))                                        ⇒ 2
((pipe + list reverse) 1 2)                                      ⇒ (3)
((pipe) 7)                                                       ⇒ 7
((partial - 10) 3)                                               ⇒ 7
((partial list 1 2) 3 4)                                         ⇒ (1 2 3 4)
((partial list))                                                 ⇒ ()
(map (partial + 1) '(1 2))                                       ⇒ (2 3)
(foldl - 0 '(1 2 3))                                             ⇒ -6
(foldl list 0 '(1 2) '(3 4))                                     ⇒ ((0 1 3) 2 4)
(foldr cons '() '(1 2 3))                                        ⇒ (1 2 3)
(foldr list 0 '(1 2))                                            ⇒ (1 (2 0))
(andmap even? '(2 4))                                            ⇒ #t
(andmap even? '(2 3))                                            ⇒ #f
(andmap + '(1 2) '(3 4))                                         ⇒ 6
(andmap even? '())                                               ⇒ #t
(ormap even? '(1 3))                                             ⇒ #f
(ormap (lambda (x) (and (even? x) (* x x))) '(1 2 3))            ⇒ 4
(ormap even? '())                                                ⇒ #f
(unit)                                                           ⇒ #<unspecified>
(*uninit*)                                                       ⇒ #<unspecified>
(eq? (unit) (*uninit*))                                          ⇒ #t
"""),
)
def test_procedures_from_procedures(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    "chained",
    ["(compose (lambda (n) (if (= n 0) 'end (again n))) 1-)", "(pipe 1- (lambda (n) (if (= n 0) 'end (again n))))"],
)
def test_the_last_call_of_a_chain_takes_no_stack(chained: str) -> None:
    assert value_of(f"(define (again n) (step n)) (define step {chained}) (step 200000)") == "end"


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(amb-collect ((compose list (lambda (x) (amb x (* 2 x)))) 5))    ⇒ ((5) (10))
(amb-collect ((pipe (lambda (x) (amb x (* 2 x))) (lambda (x) (amb x (- x)))) 5))  ⇒ (5 -5 10 -10)
(amb-collect ((partial (lambda (x y) (amb x y)) 1) 2))           ⇒ (1 2)
"""),
)
def test_backtracking_goes_through_them(program: str, value: str) -> None:
    assert value_of(program) == value


def test_the_call_of_a_partial_takes_no_stack() -> None:
    assert value_of("(define (f a n) (if (= n 0) a ((partial f a) (- n 1)))) (f 'end 200000)") == "end"


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(compose car 5)                                                  ⇒ compose: argument 2 must be a procedure, but got 5
(pipe 5 car)                                                     ⇒ pipe: argument 1 must be a procedure, but got 5
(partial 'a 1)                                                   ⇒ partial: argument 1 must be a procedure, but got a
(promise-forced? 5)                                              ⇒ promise-forced?: argument 1 must be a promise, but got 5
"""),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; A procedure of no arguments is delayed.
(define n 0) (define p (make-promise (lambda () (set! n (+ n 1)) n))) (list n (force p) (force p) n)  ⇒ (0 1 1 1)
(define (f) 'made) (force (make-promise f))                      ⇒ made
(force (make-promise (lambda () (delay 1))))                     ⇒ #<promise>
;; Anything else is the value.
(procedure? (force (make-promise car)))                          ⇒ #t
(procedure? (force (make-promise (lambda (x) x))))               ⇒ #t
(procedure? (force (make-promise (lambda x x))))                 ⇒ #t
(procedure? (force (make-promise (make-parameter 1))))           ⇒ #t
(force (make-promise '(1 2)))                                    ⇒ (1 2)
(let ((p (delay 1))) (eq? p (make-promise p)))                   ⇒ #t
(promise-forced? (make-promise 5))                               ⇒ #t
(promise-forced? (make-promise (lambda () 5)))                   ⇒ #f
(promise-forced? (delay 5))                                      ⇒ #f
(let ((p (delay 5))) (force p) (promise-forced? p))              ⇒ #t
(let ((p (delay-force (delay 5)))) (force p) (promise-forced? p))  ⇒ #t
(let ((p (delay (error "no")))) (guard (e (#t 1)) (force p)) (promise-forced? p))  ⇒ #f
;; delay-force goes on in constant space, also when the promises are made by a procedure of no arguments.
(define (loop n) (delay-force (if (= n 0) (delay 'end) (loop (- n 1))))) (force (loop 200000))  ⇒ end
(force (delay-force (delay-force (delay 1))))                    ⇒ 1
(force (delay-force 5))                                          ⇒ 5
;; A promise that forces itself keeps the value that is there first.
(define p (delay (if c (begin (set! c #f) (force p) 'second) 'first))) (define c #t) (list (force p) (force p))  ⇒ (first first)
(define n 3) (define p (delay-force (if (> n 0) (begin (set! n (- n 1)) (let ((v (force p))) (delay (list n v)))) (delay 'inner)))) (force p)  ⇒ inner
"""),
)
def test_promises(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define n 0) (define p (make-parameter 1 (lambda (x) (set! n (+ n 1)) (* 10 x)))) (list (p) (p) n)  ⇒ (10 10 1)
(define n 0) (define p (make-parameter 1 (lambda (x) (set! n (+ n 1)) x))) (parameterize ((p 2)) (p) (p)) (p) n  ⇒ 2
(define p (make-parameter 1 (lambda (x) (* 10 x)))) (list (parameterize ((p 2)) (p)) (p))  ⇒ (20 10)
(define p (make-parameter 1 number->string)) (parameterize ((p 2)) (list (p)))  ⇒ ("2")
(define p (make-parameter 1)) (define q (make-parameter 2)) (parameterize ((p (q)) (q (p))) (list (p) (q)))  ⇒ (2 1)
(define p (make-parameter 1 (lambda (x) (if (number? x) x (error "no number"))))) (list (guard (e (#t 'refused)) (parameterize ((p 'a)) (p))) (p))  ⇒ (refused 1)
(define p (make-parameter 1)) (define q (make-parameter 2 car)) 'unreached  ⇒ car: argument 1 must be a pair, but got 2
(define p (make-parameter 1)) (parameterize ((p 2)) (define f (lambda () (p))) (list (f) (parameterize ((p 3)) (f))))  ⇒ (2 3)
(define p 5) (parameterize ((p 1)) p)                            ⇒ parameterize: argument 1 must be a parameter, but got 5
"""),
)
def test_parameters(program: str, value: str) -> None:
    assert (error_of if ": argument" in value else value_of)(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(evidence-id "abc")                                              ⇒ "ev:ba7816bf8f01cfea414140de5dae2223"
(equal? (evidence-id "abc") (evidence-id (string-append "a" "bc")))  ⇒ #t
(equal? (evidence-id "abc") (evidence-id "abd"))                 ⇒ #f
(evidence-id 42)                                                 ⇒ #f
(verify-evidence "abc")                                          ⇒ #t
(verify-evidence 42)                                             ⇒ #f
(verify-evidence "abc" (evidence-id "abc"))                      ⇒ #t
(verify-evidence "abd" (evidence-id "abc"))                      ⇒ #f
(verify-evidence 42 #f)                                          ⇒ #f
(evidence-stale? "abc")                                          ⇒ #f
(evidence-stale? 42)                                             ⇒ #t
(evidence-stale? "abc" (evidence-id "abc"))                      ⇒ #f
(evidence-stale? "abd" (evidence-id "abc"))                      ⇒ #t
(handle (let ((answer (effect infer.op "?"))) (verify-evidence answer (evidence-id "yes"))) (on infer.op (p k) (k "yes")))  ⇒ #t
"""),
)
def test_evidence(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(string-contains? "haystack" "st")                               ⇒ #t
(string-contains? "haystack" "needle")                           ⇒ #f
(string-contains? "" "")                                         ⇒ #t
(string-replace-all "a-b-c" "-" "+")                             ⇒ "a+b+c"
(string-replace-all "abc" "x" "y")                               ⇒ "abc"
"""),
)
def test_strings(program: str, value: str) -> None:
    assert value_of(program) == value
