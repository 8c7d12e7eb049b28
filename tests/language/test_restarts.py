"""Conditions with restarts: signal, handler-bind, restart-bind, restart-case, and how they stand to raise and guard."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, findings_of, output_of, table, value_of

# The second one makes what follows code whose continuations can be entered again, which must not change anything.
MODES = pytest.mark.parametrize("mode", ["", "(define entered (call/cc (lambda (k) k)))\n"], ids=["plain", "reentrant"])


@MODES
@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; A signal is shown to the handlers whose predicates hold, from the inside out; all may decline.
(signal 'anything)                                               ⇒ #f
(handler-bind () (signal 'x) 5)                                  ⇒ 5
(handler-bind ((symbol? note)) (signal 'x) (signal "y")) seen    ⇒ (x)
(handler-bind ((any? (mark 'outer))) (handler-bind ((any? (mark 'inner))) (signal 1))) seen  ⇒ (outer inner)
(handler-bind ((any? (mark 'first)) (any? (mark 'second))) (signal 1)) seen  ⇒ (second first)
(handler-bind ((symbol? (mark 'symbol)) (string? (mark 'string))) (signal "s")) seen  ⇒ (string)
(define (f) (signal 'in-f)) (handler-bind ((any? note)) (f)) seen  ⇒ (in-f)
(handler-bind ((any? note)) 1) (signal 'late) seen               ⇒ ()
(define-record-type warning (make-warning text) warning? (text text-of))
(handler-bind ((warning? (lambda (w) (note (text-of w))))) (signal (make-warning "careful"))) seen  ⇒ ("careful")
;; A handler runs where the signal is, with the handlers outside of its own.
(define p (make-parameter 1)) (handler-bind ((any? (lambda (c) (note (p))))) (parameterize ((p 2)) (signal 1))) seen  ⇒ (2)
(handler-bind ((any? (mark 'outer))) (handler-bind ((number? (lambda (n) (signal 'again)))) (signal 1))) seen  ⇒ (outer outer)
(handler-bind ((any? (mark 'own))) (handler-bind ((any? (lambda (c) (if (eq? c 1) (signal 2))))) (signal 1))) seen  ⇒ (own own)
(call/cc (lambda (k) (handler-bind ((any? k)) (signal 'out) 'never)))  ⇒ out
;; Errors are shown to them, too.
(guard (e (#t (list 'caught e))) (handler-bind ((any? note)) (raise 'x)))  ⇒ (caught x)
(guard (e (#t #f)) (handler-bind ((any? note)) (raise 'x))) seen  ⇒ (x)
(guard (e (#t #f)) (handler-bind ((error? (mark 'error))) (error "x"))) seen  ⇒ (error)
(guard (e (#t #f)) (handler-bind ((error? (mark 'error))) (car 5))) seen  ⇒ (error)
(guard (e (#t #f)) (handler-bind ((symbol? (mark 'symbol))) (car 5))) seen  ⇒ ()
(guard (e (#t #f)) (handler-bind ((any? (mark 'outer))) (handler-bind ((any? (mark 'inner))) (car 5)))) seen  ⇒ (outer inner)
(handler-bind ((any? note)) (guard (e (#t 'inside)) (raise 'x)))  ⇒ inside
(handler-bind ((any? note)) (guard (e (#t 'inside)) (raise 'x))) seen  ⇒ ()
(guard (e (#t e)) (handler-bind ((any? note)) (guard (e (#f 1)) (raise 'x)))) seen  ⇒ (x)
(guard (e (#t e)) (handler-bind ((any? note)) (guard (e (#f 1)) (car 5)))) (length seen)  ⇒ 1
(guard (e (#t e)) (handler-bind ((any? (lambda (c) (raise 'second)))) (raise 'first)))  ⇒ second
(guard (e (#t (list e seen))) (handler-bind ((any? (mark 'outer))) (handler-bind ((any? (lambda (c) (raise 'second)))) (raise 'first))))  ⇒ (second (outer))
;; Together with with-exception-handler: the innermost comes first, and signals pass it.
(with-exception-handler (lambda (e) 10) (lambda () (handler-bind ((any? note)) (+ 1 (raise-continuable 'x)))))  ⇒ 11
(with-exception-handler (lambda (e) 10) (lambda () (handler-bind ((any? note)) (raise-continuable 'x)))) seen  ⇒ (x)
(handler-bind ((any? note)) (with-exception-handler (lambda (e) 10) (lambda () (raise-continuable 'x)))) seen  ⇒ ()
(with-exception-handler (mark 'seen) (lambda () (signal 'x))) seen  ⇒ ()
(handler-bind ((any? note)) (with-exception-handler (lambda (e) 10) (lambda () (signal 'x)))) seen  ⇒ (x)
(guard (e (#t 'caught)) (signal 'x) 'passed)                     ⇒ passed
(handler-bind ((any? note)) (define x 1) (signal x) (+ x 1))     ⇒ 2
"""),
)
def test_handlers(program: str, value: str, mode: str) -> None:
    start = """
    (define seen '())
    (define (note x) (set! seen (cons x seen)))
    (define (mark name) (lambda (c) (note name)))
    (define (any? c) #t)\n"""
    assert value_of(mode + start + program) == value


@MODES
@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; restart-bind: the procedure is called where the restart is invoked.
(restart-bind ((double (lambda (x) (* 2 x)))) (+ 1 (invoke-restart 'double 5)))  ⇒ 11
(restart-bind ((sum +)) (invoke-restart 'sum 1 2 3))             ⇒ 6
(restart-bind ((now (lambda () 'now))) (invoke-restart 'now))    ⇒ now
(restart-bind ((f (lambda () 'outer))) (restart-bind ((f (lambda () 'inner))) (invoke-restart 'f)))  ⇒ inner
(restart-bind ((f (lambda () 'outer))) (restart-bind ((g car)) (invoke-restart 'f)))  ⇒ outer
(restart-bind ((a car) (b car)) (restart-bind ((c car)) (map restart-name (compute-restarts))))  ⇒ (c a b)
(compute-restarts)                                               ⇒ ()
(restart-bind ((f list)) (invoke-restart (find-restart 'f) 1))   ⇒ (1)
(restart-bind ((f list)) (find-restart 'g))                      ⇒ #f
(restart-bind ((f list)) (find-restart 'f))                      ⇒ #<restart f>
(restart-bind ((f list)) (list (restart? (find-restart 'f)) (restart? 'f)))  ⇒ (#t #f)
(define kept (restart-bind ((f list)) (find-restart 'f))) (find-restart kept)  ⇒ #f
(restart-bind ((f list)) (define x 1) (invoke-restart 'f x))     ⇒ (1)
;; restart-case: invoking a restart leaves it, and the clause gives its value.
(restart-case 5 (skip () 0))                                     ⇒ 5
(restart-case (+ 1 (invoke-restart 'skip)) (skip () 0))          ⇒ 0
(restart-case (+ 1 (invoke-restart 'use 5)) (use (x) (* 2 x)))   ⇒ 10
(restart-case (invoke-restart 'use 1 2 3) (use (x . more) (list x more)))  ⇒ (1 (2 3))
(restart-case (invoke-restart 'a) (a () (invoke-restart-names)) (b () 0))  ⇒ ()
(restart-case (restart-case (invoke-restart 'outer) (inner () 1)) (outer () 2))  ⇒ 2
(list (restart-case (restart-case (invoke-restart 'f) (f () 1)) (f () 2)))  ⇒ (1)
(define steps '()) (restart-case (dynamic-wind void (lambda () (invoke-restart 'f)) (lambda () (set! steps '(left)))) (f () steps))  ⇒ (left)
(define (f) (define y 2) (restart-case (invoke-restart 'use 1) (use (x) (define z (+ x y)) z))) (f)  ⇒ 3
;; Errors: a handler decides, the place of the error knows how.
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (map parse '("1" "x" "3")))  ⇒ (1 0 3)
(handler-bind ((error? (lambda (e) (invoke-restart 'skip)))) (map parse '("1" "x" "3")))  ⇒ (1 skipped 3)
(guard (e ((error? e) (error-object-message e))) (handler-bind ((error? void)) (parse "x")))  ⇒ "no number:"
(guard (e ((symbol? e) e)) (handler-bind ((error? (lambda (e) (raise 'given-up)))) (parse "x")))  ⇒ given-up
(with-exception-handler (lambda (e) (invoke-restart 'use 7)) (lambda () (parse "x")))  ⇒ 7
;; Those that the library raises, too.
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (restart-case (vector-ref (vector 1) 5) (use (x) x)))  ⇒ 0
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (restart-case (+ 1 (car '())) (use (x) x)))  ⇒ 0
(with-exception-handler (lambda (e) (invoke-restart 'use 0)) (lambda () (restart-case (car '()) (use (x) x))))  ⇒ 0
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (restart-case (guard (e (#f 1)) (car '())) (use (x) x)))  ⇒ 0
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (restart-case (guard (e (#t 1)) (car '())) (use (x) x)))  ⇒ 1
(handler-bind ((error? (lambda (e) (invoke-restart 'use 0)))) (restart-bind ((use (lambda (x) x))) (guard (e (#t 1)) (car '()))))  ⇒ 1
(guard (e (#t (list 'outside (restart? (find-restart 'use))))) (restart-case (car '()) (use (x) x)))  ⇒ (outside #f)
(define tries 0) (define (try) (restart-case (begin (set! tries (+ tries 1)) (if (< tries 3) (error "again") tries)) (retry () (try))))
(handler-bind ((error? (lambda (e) (invoke-restart 'retry)))) (try))  ⇒ 3
(handler-bind ((error? (lambda (e) (if (find-restart 'use) (invoke-restart 'use 1))))) (guard (e (#t 'none)) (car '())))  ⇒ none
(handle (restart-case (effect ask.op) (use (x) x)) (on ask.op (k) (invoke-restart 'use 5)))  ⇒ 5
"""),
)
def test_restarts(program: str, value: str, mode: str) -> None:
    start = """
    (define (invoke-restart-names) (map restart-name (compute-restarts)))
    (define (parse s)
      (restart-case (or (string->number s) (error "no number:" s))
        (use (x) x)
        (skip () 'skipped)))\n"""
    assert value_of(mode + start + program) == value


@MODES
def test_an_error_is_shown_to_each_handler_once(mode: str) -> None:
    program = """
    (define (show name) (lambda (e) (display name) (display " ")))
    (guard (e (#t 'caught))
      (handler-bind ((error? (show 'outer)))
        (restart-case
          (handler-bind ((error? (show 'middle)))
            (restart-case (handler-bind ((error? (show 'inner))) FAIL) (a () 1)))
          (b () 2))))"""
    for fail in ('(error "x")', "(car '())", "(raise-continuable (list 1))"):
        kind = program.replace("error?", "pair?") if "continuable" in fail else program
        assert output_of(mode + kind.replace("FAIL", fail)) == "inner middle outer "


@MODES
@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(invoke-restart 'nope)                                           ⇒ invoke-restart: no restart nope is in effect here; those in effect: none
(restart-bind ((a car) (b car)) (invoke-restart 'nope))          ⇒ invoke-restart: no restart nope is in effect here; those in effect: a, b
(define kept (restart-bind ((f list)) (find-restart 'f))) (invoke-restart kept)  ⇒ invoke-restart: no restart f is in effect here; those in effect: none
(invoke-restart "f")                                             ⇒ invoke-restart: argument 1 must be a symbol or restart, but got "f"
(find-restart 5)                                                 ⇒ find-restart: argument 1 must be a symbol or restart, but got 5
(restart-name 'f)                                                ⇒ restart-name: argument 1 must be a restart, but got f
(handler-bind ((error? 5)) 1)                                    ⇒ handler-bind: argument 2 must be a procedure, but got 5
(restart-bind ((f 5)) 1)                                         ⇒ restart-bind: argument 2 must be a procedure, but got 5
(restart-case (error "plain" 1) (skip () 0))                     ⇒ plain 1
(handler-bind ((error? void)) (error "plain" 1))                 ⇒ plain 1
"""),
)
def test_errors(program: str, message: str, mode: str) -> None:
    assert error_of(mode + program) == message


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; Continuations entered again, and backtracking, through handlers and restarts.
(define k #f) (define n 0) (define (twice) (restart-case (+ 1 (call/cc (lambda (c) (set! k c) (invoke-restart 'use 0)))) (use (x) x)))
(define found (list (twice))) (set! n (+ n 1)) (if (< n 3) (k n)) found  ⇒ (3)
(amb-collect (handler-bind ((error? (lambda (e) (invoke-restart 'use (amb 10 20))))) (restart-case (error "x") (use (x) x))))  ⇒ (10 20)
(amb-collect (handler-bind (((lambda (c) (amb #t #f)) (lambda (c) (invoke-restart 'use 1)))) (restart-case (begin (signal 'x) 2) (use (x) x))))  ⇒ (1 2)
(amb-collect (restart-bind ((either (lambda () (amb 1 2)))) (list (invoke-restart 'either))))  ⇒ ((1) (2))
(amb-collect (restart-case (invoke-restart 'either) (either () (amb 1 2))))  ⇒ (1 2)
"""),
)
def test_continuations_entered_again(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(handler-bind (error? car) 1)                                    ⇒ 1:16: error: malformed handler-bind: expected (handler-bind ((predicate handler) …) body …)
(handler-bind ((error?)) 1)                                      ⇒ 1:16: error: malformed handler-bind: expected (handler-bind ((predicate handler) …) body …)
(restart-bind (("f" car)) 1)                                     ⇒ 1:17: error: the name of a restart must be a symbol
(restart-case 1 (f ()))                                          ⇒ 1:17: error: malformed restart-case: expected (restart-case expression (name (parameter …) body …) …)
(restart-case 1 (f (x x) 1))                                     ⇒ 1:23: error: duplicate parameter x
"""),
)
def test_malformed_forms(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
