"""Macros whose transformers are procedures: what they give, what they may use, and what they may not."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import findings_of, rendered, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; define-macro: the operands as data, also those behind a dot
(define-macro (twice e) `(list ,e ,e)) (twice (+ 1 2))                        ⇒ (3 3)
(define-macro (all . es) `(list ,@(reverse es))) (all 1 2 3)                  ⇒ (3 2 1)
(define-macro all (lambda es (cons 'list es))) (all 1 2)                      ⇒ (1 2)
(define-macro (opt a . more) (if (null? more) a `(+ ,a ,(car more)))) (list (opt 1) (opt 1 2))
                                                                              ⇒ (1 3)
(define (f) (define-macro (inc! v) `(set! ,v (+ ,v 1))) (define n 1) (inc! n) n) (f)
                                                                              ⇒ 2
;; names mean what they say at the use; gensym makes some that nobody has
(define-macro (swap! a b) (let ((t (gensym))) `(let ((,t ,a)) (set! ,a ,b) (set! ,b ,t)))) (define t 1) (define g1 2) (swap! t g1) (list t g1)
                                                                              ⇒ (2 1)
(define-macro (it-if test then) `(let ((it ,test)) (if it ,then #f))) (it-if (assv 2 '((2 . b))) (cdr it))
                                                                              ⇒ b
;; transformers use what the file defines, macros included
(define (squares n) (if (= n 0) '() (cons (* n n) (squares (- n 1))))) (define-macro (table n) `(list ,@(squares n))) (table 3)
                                                                              ⇒ (9 4 1)
(define-macro (m) (helper 2)) (define (helper x) (* x factor)) (define factor 5) (m)
                                                                              ⇒ 10
(define-syntax my-if (syntax-rules () ((_ c a b) (cond (c a) (else b))))) (define-macro (m x) (my-if (symbol? x) ''symbol ''other)) (list (m a) (m 1))
                                                                              ⇒ (symbol other)
;; a macro may give definitions, other macros, and data of all kinds
(define-macro (def name) `(define ,name ',name)) (def x) x                    ⇒ x
(define-macro (make name value) `(define-macro (,name) ,value)) (make five 5) (five)
                                                                              ⇒ 5
(define-macro (m) '(list #\a "s" 1.5 #t '#(1 (2)) ':key '(a . b))) (m)        ⇒ (#\a "s" 1.5 #t #(1 (2)) key: (a . b))
;; register-macro, also for names of the language; make-transformer
(register-macro 'unless (lambda (form) (list 'if (list 'not (cadr form)) (caddr form)))) (unless #f 'done)
                                                                              ⇒ done
(define-syntax m (make-transformer (lambda (form) `(list ,@(cdr form))))) (m 1 2)
                                                                              ⇒ (1 2)
;; er-macro-transformer: rename is hygienic, compare looks at bindings
(define-syntax my-or (er-macro-transformer (lambda (form rename compare) `(,(rename 'let) ((,(rename 't) ,(cadr form))) (,(rename 'if) ,(rename 't) ,(rename 't) ,(caddr form)))))) (let ((t 5) (if list)) (my-or #f t))
                                                                              ⇒ 5
(define-syntax is-else (er-macro-transformer (lambda (form rename compare) (compare (cadr form) (rename 'else))))) (list (is-else else) (is-else other) (let ((else 1)) (is-else else)))
                                                                              ⇒ (#t #f #f)
(define-syntax loop (er-macro-transformer (lambda (form r c) `(,(r 'call/cc) (,(r 'lambda) (exit) (,(r 'let) ,(r 'next) () ,@(cdr form) (,(r 'next)))))))) (define n 0) (loop (set! n (+ n 1)) (if (= n 5) (exit n)))
                                                                              ⇒ 5
;; with syntax-rules, in either direction
(define-macro (m x) `(list ,x)) (define-syntax n (syntax-rules () ((_ x) (let ((y 1)) (m (+ x y)))))) (let ((y 10)) (n y))
                                                                              ⇒ (11)
(define-syntax s (syntax-rules () ((_ x) (let ((y 1)) (+ x y))))) (define-macro (m x) `(s ,x)) (let ((y 10)) (m y))
                                                                              ⇒ 11
(define-syntax name-of (syntax-rules () ((_ x) (m2 x)))) (define-macro (m2 x) `',(syntax->datum x)) (name-of (a #(b)))
                                                                              ⇒ (a #(b))
(define-macro (m k) (datum->syntax k `(* 2 ,k))) (define x 4) (m x)           ⇒ 8
;; questions
(define-macro (m) 1) (list (macro? 'm) (macro? 'if) (macro? 'car) (let ((m 1)) (macro? 'm)))
                                                                              ⇒ (#t #f #f #f)
(define-macro (m x) `(n ,x)) (define-syntax n (syntax-rules () ((_ x) (list x x)))) (list (expand-macro '(m 1)) (expand-macro '(car 1)))
                                                                              ⇒ ((list 1 1) (car 1))
(define-macro (b) 1) (define-syntax a (syntax-rules ())) (list-macros)        ⇒ (a b)
"""),
)
def test_what_programs_give(program: str, value: str) -> None:
    assert value_of(program) == value


def test_a_transformer_gets_values_of_its_own() -> None:
    program = """
    (define count 0)
    (define (next!) (set! count (+ count 1)) count)
    (define-macro (number) (next!))
    (list (number) (number) count)
    """
    assert value_of(program) == "(1 2 0)"


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
;; no effects, no files, no Python, nothing that a program only has when it runs
(define-macro (m) (effect infer.op "x"))         ⇒ 2:19: error: infer.op can't be performed while macros are expanded
(define-macro (m) (effect file.read.op "x"))     ⇒ 1:19: error: file.read.op can't be performed while macros are expanded
(define-macro (m) (display 1))                   ⇒ 1:20: error: display can't be used while macros are expanded
(define-macro (m) (map display '(1)))            ⇒ 1:24: error: display can't be used while macros are expanded
(define-macro (m) (eval '(display 1)))           ⇒ 1:20: error: eval can't be used while macros are expanded
(define-macro (m) (get-environment-variable "HOME"))
                                                 ⇒ 1:20: error: get-environment-variable can't be used while macros are expanded
(import (python os)) (define-macro (m) (os.getcwd)) (m)
                                                 ⇒ 1:53: error: the macro m: unbound variable: os.getcwd
(define-macro (m) (import (python os)) (os.getcwd)) (m)
                                                 ⇒ 1:19: error: import stands at the top level of a file, outside of all other forms
(define-macro (m x) (.upper x))                  ⇒ 1:22: error: Python can't be used while macros are expanded
(define-macro (m) (__class__)) (m)               ⇒ 1:32: error: the macro m: unbound variable: __class__
(define (helper) (display 1)) (define-macro (m) (helper)) (m)
                                                 ⇒ 1:59: error: the macro m: display can't be used while macros are expanded, on line 1
;; errors of transformers stand where the macro is used
(define-macro (m x) (car x)) (m 5)               ⇒ 2:30: error: the macro m: car: argument 1 must be a pair, but got 5
(define-macro (m x) x) (m)                       ⇒ 1:24: error: the macro m takes 1 argument, but gets 0
(define-macro (m) car) (m)                       ⇒ 1:24: error: what the macro m gives has #<procedure car>, which can't stand in a program
(define-macro (m) '(nope)) (m)                   ⇒ 1:28: error: unbound variable: nope
;; what never ends is stopped
(define-macro (m) (let loop () (loop))) (m)      ⇒ 2:41: error: the macros of this source take more than 1,000,000 steps, here in the macro m
(define-macro (m) '(m)) (m)                      ⇒ 1:25: error: a use of m stands more than 2,000 levels deep in what macros make
;; malformed
(define-macro (m))                               ⇒ 2:1: error: malformed define-macro: expected (define-macro (name parameter …) body …)
(define-macro m 5) (m)                           ⇒ 1:17: error: a transformer must be a procedure
(register-macro m (lambda (form) 1))             ⇒ 1:17: error: register-macro needs a quoted name
(define x '(m)) (expand-macro x)                 ⇒ 1:17: error: malformed expand-macro: expected (expand-macro 'form)
(define-syntax m (lambda (form) form))           ⇒ 1:18: error: a macro is defined with syntax-rules
(syntax-error "no" (a b))                        ⇒ 1:1: error: no (a b)
"""),
)
def test_findings(program: str, finding: str) -> None:
    assert findings_of(program)[0] == finding


def test_a_macro_that_is_never_used_is_checked() -> None:
    assert findings_of("(define-macro (m) (nope))\n1") == []
    assert findings_of("(define-macro (m) (if))\n1") == [
        "1:19: error: malformed if: expected (if test then [otherwise])"
    ]


def test_what_stays_of_the_use_keeps_its_place() -> None:
    text = rendered("(define-macro (m x) `(list ,x))\n(m (begin\n  (nope)))")
    assert "test.omega:3:4: error: unbound variable: nope" in text
