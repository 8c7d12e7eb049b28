"""Multiple values: values, call-with-values, let-values, let*-values, receive, define-values (R7RS 4.2.2, 5.3.3)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, findings_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(values 1)                                                               ⇒ 1
(+ 1 (values 2))                                                         ⇒ 3
(call-with-values (lambda () (values 4 5)) (lambda (a b) b))             ⇒ 5
(call-with-values * -)
                                                                         ⇒ -1
(call-with-values (lambda () (values)) list)                             ⇒ ()
(call-with-values (lambda () 1) list)                                    ⇒ (1)
(let-values (((root rem) (exact-integer-sqrt 32))) (* root rem))         ⇒ 35
(let-values (((a b) (values 1 2)) ((x y) (values 3 4))) (list a b x y))  ⇒ (1 2 3 4)
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y)))
                                                                         ⇒ (x y a b)
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let*-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y)))
                                                                         ⇒ (x y x y)
(let-values (((a . rest) (values 1 2 3)) (all (values 4 5)) (none (values))) (list a rest all none))
                                                                         ⇒ (1 (2 3) (4 5) ())
(let-values ((() (values))) 'none)                                       ⇒ none
(let-values (((a) 1)) a)                                                 ⇒ 1
(let-values () 5)                                                        ⇒ 5
(let*-values () 5)                                                       ⇒ 5
(let*-values (((a) 1) ((a) (+ a 1))) a)                                  ⇒ 2
(let-values (((a b) (values 1 2))) (define c (+ a b)) (set! a c) (list a b c))  ⇒ (3 2 3)
(let-values (((q r) (floor/ -7 2))) (list q r))                          ⇒ (-4 1)
(let-values (((q r) (truncate/ -7 2))) (list q r))                       ⇒ (-3 -1)
(let-values (((in out) (partition even? '(1 2 3 4)))) (list in out))     ⇒ ((2 4) (1 3))
(receive (a b) (values 1 2) (list a b))                                  ⇒ (1 2)
(receive (a . r) (values 1 2 3) (list a r))                              ⇒ (1 (2 3))
(receive all (values 1 2) all)                                           ⇒ (1 2)
(define-values (x y) (exact-integer-sqrt 17)) (list x y)                 ⇒ (4 1)
(define-values (a . r) (values 1 2 3)) (list a r)                        ⇒ (1 (2 3))
(define-values all (values 1 2)) all                                     ⇒ (1 2)
(define-values () (values)) 'fine                                        ⇒ fine
(let () (define-values (x y) (values 1 2)) (+ x y))                      ⇒ 3
(define (f) (define-values (x y) (values 1 2)) (define z (+ x y)) (set! x 10) (list x y z)) (f)
                                                                         ⇒ (10 2 3)
(define (f) (define-values (ev od) (values (lambda (n) (if (= n 0) #t (od (- n 1)))) (lambda (n) (if (= n 0) #f (ev (- n 1)))))) (ev 10)) (f)
                                                                         ⇒ #t
(define-values (a b) (values 1 2)) (set! a 5) (define (f) (+ a b)) (f)   ⇒ 7
(define (two) (values 1 2)) (let-values (((a b) (two))) (+ a b))         ⇒ 3
(define (f g) (g 1 2)) (let-values (((a b) (f values))) (list b a))      ⇒ (2 1)
(let-values (((a b) (if #t (values 1 2) (values 3 4)))) (list a b))      ⇒ (1 2)
(let-values (((a b) (let loop ((i 0)) (if (< i 3) (loop (+ i 1)) (values i 'end))))) (list a b))
                                                                         ⇒ (3 end)
(let-values (((a b) (guard (e (#t (values 1 e))) (raise 2)))) (list a b))  ⇒ (1 2)
(let-values (((a b) (call/cc (lambda (k) (k 1 2))))) (list a b))         ⇒ (1 2)
(let-values (((a b) (apply values '(1 2)))) (list a b))                  ⇒ (1 2)
(let-values (((a b) (dynamic-wind void (lambda () (values 1 2)) void))) (list a b))  ⇒ (1 2)
(let-values (((a b) (with-budget 100 (lambda () (values 1 2))))) (list a b))  ⇒ (1 2)
(define p (make-parameter 1)) (let-values (((a b) (parameterize ((p 5)) (values (p) 2)))) (list a b))  ⇒ (5 2)
(let-values (((a b) (handle (values (effect ask.op 1) 2) (ask.op (x k) (k (+ x 10)))))) (list a b))  ⇒ (11 2)
(begin (values 1 2) 3)                                                   ⇒ 3
(let-values (((vals) '(1 2)) ((more less) (values 'm 'l))) (list vals more less))  ⇒ ((1 2) m l)
(map (lambda (x) (let-values (((a b) (values x (* 2 x)))) (lambda () (list a b)))) '())  ⇒ ()
(map (lambda (p) (p)) (map (lambda (x) (let-values (((a b) (values x (* 2 x)))) (lambda () (list a b)))) '(1 2)))
                                                                         ⇒ ((1 2) (2 4))
(let loop ((i 0) (l '())) (if (< i 2) (receive (a b) (values i (* 2 i)) (loop (+ i 1) (cons (lambda () (+ a b)) l))) (map (lambda (p) (p)) l)))
                                                                         ⇒ (3 0)
"""),
)
def test_values(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    "program",
    [
        "(let-values (((a b) (values 1 2 3))) a)",
        "(let-values (((a b) (values 1))) a)",
        "(let-values (((a b) 1)) a)",
        "(let-values (((a b) '(1 2))) a)",
        "(let-values (((a) (values 1 2))) a)",
        "(let-values (((a) (values))) a)",
        "(let-values (((a b . c) (values 1))) a)",
        "(let-values ((() 1)) 1)",
        "(let*-values (((a b) (values 1 2 3))) a)",
        "(receive (a b) (values 1 2 3) a)",
        "(define-values (a b) (values 1 2 3))",
        "(define (f) (define-values (a b) (values 1)) a) (f)",
        "(call-with-values (lambda () (values 1 2)) (lambda (a) a))",
    ],
)
def test_a_wrong_number_of_values(program: str) -> None:
    assert "number of" in error_of(program) or "expected" in error_of(program)


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(let-values (((a a) 1)) 1)              ⇒ 1:18: error: duplicate parameter a
(let-values (((a) 1) ((a) 2)) 1)        ⇒ 1:24: error: duplicate variable a
(let-values ((a)) 1)                    ⇒ 1:14: error: malformed let-values: expected (let-values ((formals expression) …) body …)
(let-values (((a) 1)))                  ⇒ 1:1: error: malformed let-values: expected (let-values ((formals expression) …) body …)
(let-values (((5) 1)) 1)                ⇒ 1:16: error: a parameter must be a symbol
(receive (a))                           ⇒ 1:1: error: malformed receive: expected (receive formals expression body …)
(define-values (a a) (values 1 2))      ⇒ 1:19: error: duplicate parameter a
(let-values (((a b) (values (lambda () b) 2))) a)  ⇒ 1:40: error: unbound variable: b
(define-values (a))                     ⇒ 1:1: error: malformed define-values: expected (define-values (name …) expression)
(define a 1) (define-values (b a) (values 1 2))  ⇒ 1:32: error: duplicate definition of a
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
