"""Definitions: at the top level, in bodies, curried, with documentation (R7RS section 5.3)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from typing import Any

import pytest

from tests.support.omega import findings_of, python_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define x 28) x                                                       ⇒ 28
(define add3 (lambda (x) (+ x 3))) (add3 3)                           ⇒ 6
(define first car) (first '(1 2))                                     ⇒ 1
(define (f) 1) (f)                                                    ⇒ 1
(define (f x . r) (list x r)) (f 1 2 3)                               ⇒ (1 (2 3))
(define (f . r) r) (f 1 2)                                            ⇒ (1 2)
(define (f x) "documentation" (* x 2)) (f 4)                          ⇒ 8
(define (f) "value") (f)                                              ⇒ "value"
(define x)  (eq? x (void))                                            ⇒ #t
;; a program may have its own procedures of the library's names
(define (car x) 'mine) (car '(1))                                     ⇒ mine
(define (f x) (car x)) (define (car x) 'mine) (f '(1))                ⇒ mine
(define (+ a b) (* a b)) (+ 3 4)                                      ⇒ 12
(define (list . args) 'mine) `(1 ,(list 2))                           ⇒ (1 mine)
(define (append . x) 'mine) `(1 ,@'(2) ,(- 3))                        ⇒ (1 2 -3)
(define (cons a b) 'mine) `(1 ,(- 2))                                 ⇒ (1 -2)
(define (eqv? a b) #t) (case 1 ((2) 'two) (else 'other))              ⇒ other
(define (force x) 'mine) (force (delay 1))                            ⇒ mine
(define list (lambda x (cons 'mine x))) (list 1)                      ⇒ (mine 1)
(define (not x) x) (if (not #f) 1 2)                                  ⇒ 2
(define (f list) (list 1)) (f -)                                      ⇒ -1
(define (f + x) (+ x 1)) (f * 5)                                      ⇒ 5
(define map 5) (let ((map (lambda (x) x))) (map 1))                   ⇒ 1
(define (with-budget n thunk) (thunk)) (with-budget 5 (lambda () 'mine))  ⇒ mine
;; special forms' names too
(define (when x) (list 'mine x)) (when 5)                             ⇒ (mine 5)
(define (assert x) 'mine) (assert #f)                                 ⇒ mine
(let ((if list)) (if 1 2 3))                                          ⇒ (1 2 3)
(define (f define) (define 1)) (f -)                                  ⇒ -1
(define (f lambda) (lambda 1 2)) (f +)                                ⇒ 3
(let ((quote -)) (quote 5))                                           ⇒ -5
(define (effect x y) (list x y)) (effect 1 2)                         ⇒ (1 2)
;; curried
(define ((adder n) x) (+ n x)) ((adder 3) 4)                          ⇒ 7
(define (((f a) b) . c) (list a b c)) (((f 1) 2) 3 4)                 ⇒ (1 2 (3 4))
(define ((f . a) . b) (list a b)) ((f 1 2) 3)                         ⇒ ((1 2) (3))
(define ((counter n)) (set! n (+ n 1)) n) (define c (counter 5)) (c) (c)  ⇒ 7
;; in bodies
(let ((x 5)) (define foo (lambda (y) (bar x y))) (define bar (lambda (a b) (+ (* a b) a))) (foo (+ x 3)))  ⇒ 45
(define (f) (define a 1) (define b (+ a 1)) (list a b)) (f)           ⇒ (1 2)
(define (f) (define (ev n) (if (= n 0) #t (od (- n 1)))) (define (od n) (if (= n 0) #f (ev (- n 1)))) (ev 11)) (f)  ⇒ #f
(define (f x) (define y (* x 2)) (set! x 5) (define z (+ x y)) z) (f 1)  ⇒ 7
(define (f x) (if x (let () (define y 1) (+ y 1)) 0)) (f #t)          ⇒ 2
(define x 1) (define (f) (define x 2) x) (list (f) x)                 ⇒ (2 1)
(define (f x) (define x 2) x) (f 1)                                   ⇒ 2
(define (f x) (define (g) x) (define x 2) (g)) (f 1)                  ⇒ 2
(define (f) (define ((g a) b) (+ a b)) ((g 1) 2)) (f)                 ⇒ 3
(define (f) (define a 1) (let () (define a 2) (set! a 3)) a) (f)      ⇒ 1
(define (f) (define (g) (define (h) (define x 1) (+ x 1)) (+ (h) 1)) (+ (g) 1)) (f)  ⇒ 4
(define (f a) (define (g) (set! a (+ a 1)) a) (define b (g)) (define c (g)) (list a b c)) (f 0)  ⇒ (2 1 2)
(define (f l) (map (lambda (x) (define y (* x x)) (+ y 1)) l)) (f '(1 2))  ⇒ (2 5)
(define (f) (define define 5) define) (f)                             ⇒ 5
(cond (#t (let () (define x 1) x)))                                   ⇒ 1
;; a procedure may be used before its definition, once that has run
(define (f) (g)) (define (g) 'later) (f)                              ⇒ later
(define (f) x) (define x 1) (f)                                       ⇒ 1
;; names of procedures
(define (f) 1) (define g f) (eq? f g)                                 ⇒ #t
(let ((f (lambda () 1)) (g (lambda () 2))) (define h f) (+ (h) (g)))  ⇒ 3
"""),
)
def test_values(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(define)                    ⇒ 1:1: error: malformed define: expected (define name value) or (define (name parameter …) body …)
(define x 1 2)              ⇒ 1:1: error: malformed define: expected (define name value) or (define (name parameter …) body …)
(define (f))                ⇒ 1:1: error: malformed define: expected (define name value) or (define (name parameter …) body …)
(define () 1)               ⇒ 1:1: error: malformed define: expected (define name value) or (define (name parameter …) body …)
(define (()) 1)             ⇒ 1:1: error: malformed define: expected (define name value) or (define (name parameter …) body …)
(define 5 1)                ⇒ 1:9: error: the name of a definition must be a symbol
(define "f" 1)              ⇒ 1:9: error: the name of a definition must be a symbol
(define (5 x) 1)            ⇒ 1:10: error: the name of a definition must be a symbol
(define (f x x) 1)          ⇒ 1:14: error: duplicate parameter x
(define (f 5) 1)            ⇒ 1:12: error: a parameter must be a symbol
(define x 1) (define x 2)   ⇒ 1:22: error: duplicate definition of x
(define (f) (define x 1) (define x 2) x)    ⇒ 1:34: error: duplicate definition of x
(define (f) (define x 1))   ⇒ 1:13: error: a body must end with an expression
(if #t (define x 1))        ⇒ 1:8: error: define stands where an expression is needed
(list (define x 1))         ⇒ 1:7: error: define stands where an expression is needed
(when #t (define x 1) x)    ⇒ 1:10: error: define stands where an expression is needed
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program)[:1] == [finding]


def module(text: str) -> dict[str, Any]:
    """The names of a program's module."""
    names: dict[str, Any] = {"__name__": "program"}
    exec(compile(python_of(text), "module.py", "exec"), names)
    return names


def test_documentation_and_parameters_are_pythons() -> None:
    import inspect

    greet = module('(define (greet-all greeting . the-names) "Greets everybody." (cons greeting the-names))')[
        "greet_all"
    ]
    assert greet.__doc__ == "Greets everybody."
    assert str(inspect.signature(greet)) == "(greeting, *the_names)"
    assert str(greet("Hi", "Ada")) == "(Hi Ada)"


def test_definitions_in_bodies_are_not_the_modules() -> None:
    names = module("(define (f) (define inner 1) inner) (let () (define local 2) local)")
    assert names["__all__"] == ["f"]
