"""Programs whose continuations are entered again end alike whether they are compiled or run on the machine.

The machine interprets resolved core with its continuation on the heap; it has nothing of how the compiler gives only
some procedures entries in continuation-passing style.
"""

# ruff: noqa: E501 - a case stands on one line

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from omegac.source import Source
from tests.support import generate_effectful
from tests.support.agreement import Outcome, check_agreement_with_machine, machine_outcomes, outcome
from tests.support.generate_reentrant import programs
from tests.support.machine import TooLong, prepare
from tests.support.omega import NAME, table

# The generator draws much, and an example is worth the time it takes.
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)

VALUES = table(r"""
;; multiple values: section 6.10 of R7RS
(call-with-values (lambda () (values 4 5)) (lambda (a b) b))                   ⇒ 5
(call-with-values * -)                                                         ⇒ -1
(receive (a . others) (values 1 2 3) (list a others))                          ⇒ (1 (2 3))
(call-with-values (lambda () (call/cc (lambda (k) (k 1 2)))) list)             ⇒ (1 2)
;; call/cc: the same section
(call/cc (lambda (exit) (for-each (lambda (x) (if (negative? x) (exit x))) '(54 0 37 -3 245 19)) #t))  ⇒ -3
(define (list-length object)
  (call/cc (lambda (return)
    (letrec ((r (lambda (l) (cond ((null? l) 0) ((pair? l) (+ (r (cdr l)) 1)) (else (return #f)))))) (r object)))))
(list (list-length '(1 2 3 4)) (list-length '(a b . c)))                       ⇒ (4 #f)
(let ((path '()) (c #f))
  (define (add! s) (set! path (cons s path)))
  (dynamic-wind (lambda () (add! 'connect)) (lambda () (add! (call/cc (lambda (c0) (set! c c0) 'talk1)))) (lambda () (add! 'disconnect)))
  (if (< (length path) 4) (c 'talk2) (reverse path)))                          ⇒ (connect talk1 disconnect connect talk2 disconnect)
;; a continuation entered again sees what was assigned since, but the operands as they were
(define k #f) (define n 0)
(define l (list (begin (set! n (+ n 1)) n) (call/cc (lambda (c) (set! k c) 'first)) n))
(if (< n 2) (begin (set! n 5) (k 'again)) l)                                   ⇒ (1 again 5)
(define r (let ((x '()) (k #f) (n 0))
  (set! x (cons (call/cc (lambda (c) (set! k c) 0)) x))
  (set! n (+ n 1))
  (if (< n 4) (k n) x))) r                                                     ⇒ (3 2 1 0)
;; initial values of letrec are not evaluated again, nor stored where the body has assigned
(let ((cont #f))
  (letrec ((x (call/cc (lambda (c) (set! cont c) 0))) (y (call/cc (lambda (c) 0))))
    (if cont (let ((c cont)) (set! cont #f) (set! x 1) (set! y 1) (c 0)) (+ x y))))  ⇒ 0
;; map may be entered again, and gives a new list then
(define k #f) (define seen '())
(define l (map (lambda (x) (call/cc (lambda (c) (if (= x 2) (set! k c)) x))) '(1 2 3)))
(set! seen (cons l seen)) (if (< (length seen) 2) (k 9)) seen                  ⇒ ((1 9 3) (1 2 3))
;; generators
(define (tree->generator tree)
  (define caller #f)
  (define (loop tree) (cond ((null? tree) 'skip) ((pair? tree) (loop (car tree)) (loop (cdr tree)))
                            (else (call/cc (lambda (rest) (set! resume (lambda () (rest 'on))) (caller tree))))))
  (define resume (lambda () (loop tree) (caller '*eof*)))
  (lambda () (call/cc (lambda (k) (set! caller k) (resume)))))
(define next (tree->generator '((1 2) (3 (4)))))
(let loop ((found '())) (let ((x (next))) (if (eq? x '*eof*) (reverse found) (loop (cons x found)))))  ⇒ (1 2 3 4)
;; parameters: section 4.2.6
(define radix (make-parameter 10 (lambda (x) (if (and (exact-integer? x) (<= 2 x 16)) x (error "invalid radix")))))
(define (f n) (number->string n (radix)))
(list (f 12) (parameterize ((radix 2)) (f 12)) (f 12))                         ⇒ ("12" "1100" "12")
(define p (make-parameter 1)) (define k #f) (define seen '())
(define (note! x) (set! seen (cons x seen)))
(parameterize ((p 2)) (call/cc (lambda (c) (set! k c))) (note! (p)))
(note! (p)) (if (< (length seen) 4) (parameterize ((p 3)) (k #f))) (reverse seen)  ⇒ (2 1 2 1)
;; errors: sections 4.2.7 and 6.11
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k 'condition)) (lambda () (+ 1 (raise 'an-error))))))  ⇒ condition
(with-exception-handler (lambda (con) (if (string? con) 10 42)) (lambda () (+ (raise-continuable "should be a number") 23)))  ⇒ 33
(guard (condition ((assq 'a condition) => cdr) ((assq 'b condition))) (raise (list (cons 'a 42))))  ⇒ 42
(guard (condition ((assq 'a condition) => cdr) ((assq 'b condition))) (raise (list (cons 'b 23))))  ⇒ (b . 23)
(guard (outer (#t (list 'outer outer))) (guard (inner ((number? inner) 'number)) (raise 'boom)))   ⇒ (outer boom)
(guard (outer (#t (list 'outer outer))) (guard (inner (#t (raise (list 'again inner)))) (raise 'boom)))  ⇒ (outer (again boom))
(with-exception-handler (lambda (e) (* e 10)) (lambda () (with-exception-handler (lambda (e) (+ 1 (raise-continuable (+ e 1)))) (lambda () (raise-continuable 1)))))  ⇒ 21
(guard (e (#t (list 'caught e))) (with-exception-handler (lambda (e) (raise 'second)) (lambda () (raise 'first))))  ⇒ (caught second)
;; effects, their handlers, and resumptions that are called more than once, and later
(handle (+ 1 (effect ask)) (on ask (k) (list (k 1) (k 10))))                   ⇒ (2 11)
((handle (+ 1 (effect ask)) (on ask (k) k)) 41)                                ⇒ 42
(handle (* 2 (effect ask)) (on ask (k) (k 4)) (return (v) (list v)))           ⇒ (8)
(handle (list (handle (effect ask) (on ask (k) (+ 1 (k (effect ask)))))) (on ask (k) (list (k 1) (k 2))))  ⇒ ((2) (3))
(amb-collect (let* ((a (amb 1 2 3)) (b (amb 3 4 5)) (c (amb 5 6))) (require (= (* c c) (+ (* a a) (* b b)))) (list a b c)))  ⇒ ((3 4 5))
(call-with-prompt 'p (lambda () (* 2 (abort-to-prompt 'p 5))) (lambda (k v) (list (k v) (k (k v)))))  ⇒ (10 20)
""")

OUTPUTS = table(r"""
;; before and after, in order, for each way out and in
(define k #f) (define n 0)
(define (in name thunk) (dynamic-wind (lambda () (display name) (display "<")) thunk (lambda () (display name) (display ">"))))
(in 'a (lambda () (in 'b (lambda () (call/cc (lambda (c) (set! k c))) (display "!")))))
(set! n (+ n 1)) (if (< n 2) (in 'c (lambda () (k #f))))                       ⇒ a<b<!b>a>c<c>a<b<!b>a>
(dynamic-wind (lambda () (display "<")) (lambda () (guard (e (#f 'no)) (dynamic-wind (lambda () (display "[")) (lambda () (display "body")) (lambda () (display "]"))))) (lambda () (display ">")))  ⇒ <[body]>
(guard (e (#t (display "caught"))) (dynamic-wind (lambda () (display "[")) (lambda () (raise 'x)) (lambda () (display "]"))))  ⇒ []caught
;; a handler runs where the error is raised, in its extents
(call/cc (lambda (k) (with-exception-handler (lambda (e) (display "h") (k 0)) (lambda () (dynamic-wind (lambda () (display "[")) (lambda () (raise 'x)) (lambda () (display "]")))))))  ⇒ [h]
;; a clause runs outside of the handle once its resumption may be called twice; what it abandons is left
(handle (dynamic-wind (lambda () (display "[")) (lambda () (effect ask) (display "-")) (lambda () (display "]"))) (on ask (k) (k 1) (display "/") (k 2)))  ⇒ [][-]/[-]
(amb-collect (dynamic-wind (lambda () (display "<")) (lambda () (display (amb 1 2))) (lambda () (display ">"))))  ⇒ <1><2>
""")

ERRORS = table(r"""
(raise 'boom)                                                                  ⇒ uncaught raise: boom
(with-exception-handler (lambda (e) 'ignored) (lambda () (raise 'oops)))       ⇒ the handler returned from an error that cannot be continued: oops
(guard (e ((string? e) 'no)) (vector-ref (vector 1) 1))                        ⇒ vector-ref: argument 2 must be an index below 1, but got 1
(amb)                                                                          ⇒ amb: no choice is left that could be made otherwise
""")


def on_machine(program: str) -> Outcome:
    return outcome(prepare(Source(NAME, program)).run)


@pytest.mark.parametrize(("program", "value"), VALUES)
def test_the_machine_gives_what_the_standard_says(program: str, value: str) -> None:
    assert on_machine(program).value == value


@pytest.mark.parametrize(("program", "output"), OUTPUTS)
def test_the_machine_does_it_in_the_order_that_the_standard_says(program: str, output: str) -> None:
    assert on_machine(program).output == output


@pytest.mark.parametrize(("program", "message"), ERRORS)
def test_the_machine_ends_with_the_errors_that_the_language_has(program: str, message: str) -> None:
    assert on_machine(program).error == message


@pytest.mark.parametrize("program", [pytest.param(case.values[0], id=case.id) for case in (*VALUES, *OUTPUTS, *ERRORS)])
def test_compiled_programs_do_the_same(program: str) -> None:
    check_agreement_with_machine(program)


def test_outcomes_show_what_must_agree() -> None:
    found = machine_outcomes(
        '(display "x") (define c (call/cc (lambda (k) k))) (if (procedure? c) (c 1)) (error "bad" c)'
    )
    assert set(found.values()) == {Outcome(None, "bad 1", "x", (), 0)}
    assert len(found) == 4


def check(program: str) -> None:
    """The agreement, unless the program takes too long."""
    try:
        check_agreement_with_machine(program)
    except TooLong:
        assume(False)


@settings(max_examples=45, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(programs(depth=2))
def test_generated_programs_end_alike(program: str) -> None:
    check(program)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=CHECKS)
@given(st.one_of(programs(depth=2), generate_effectful.programs(depth=2)))
def test_many_programs(program: str) -> None:
    check(program)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
@given(programs(depth=3))
def test_also_of_larger_programs(program: str) -> None:
    check(program)
