"""Promises, parameters, guard and raise, dynamic-wind and escaping continuations (R7RS 4.2.5-4.2.7, 6.10, 6.11)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, findings_of, output_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(force (delay (+ 1 2)))                                              ⇒ 3
(let ((p (delay (+ 1 2)))) (list (force p) (force p)))               ⇒ (3 3)
(force 5)                                                            ⇒ 5
(force (make-promise 5))                                             ⇒ 5
(promise? (delay 1))                                                 ⇒ #t
(promise? 1)                                                         ⇒ #f
(force (make-promise (delay 5)))                                     ⇒ 5
(define n 0) (define p (delay (begin (set! n (+ n 1)) n))) (force p) (force p) n  ⇒ 1
(define n 0) (delay (set! n 1)) n                                    ⇒ 0
(define integers (letrec ((next (lambda (n) (delay (cons n (next (+ n 1))))))) (next 0)))
(define (head s) (car (force s))) (define (tail s) (cdr (force s))) (head (tail (tail integers)))  ⇒ 2
(define count 0)
(define p (delay (begin (set! count (+ count 1)) (if (> count x) count (force p)))))
(define x 5) (define a (force p)) (set! x 10) (list a (force p))     ⇒ (6 6)
(define (loop n) (if (= n 0) (delay 'end) (delay-force (loop (- n 1))))) (force (loop 100000))  ⇒ end
(define (stream-filter p? s) (delay-force (if (null? (force s)) (delay '())
  (let ((h (car (force s))) (t (cdr (force s)))) (if (p? h) (delay (cons h (stream-filter p? t))) (stream-filter p? t))))))
(define (from n) (delay (cons n (from (+ n 1)))))
(car (force (stream-filter (lambda (n) (> n 20000)) (from 0))))      ⇒ 20001
(define (f x) (delay (begin (set! x (+ x 1)) x))) (let ((p (f 1))) (force p) (force p))  ⇒ 2
(define p (delay (raise 'oops))) (list (guard (e (#t e)) (force p)) (guard (e (#t e)) (force p)))  ⇒ (oops oops)
(define p (delay (values 1)))  (force p)                             ⇒ 1
"""),
)
def test_promises(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define p (make-parameter 10)) (p)                                   ⇒ 10
(define p (make-parameter 10)) (parameterize ((p 20)) (p))           ⇒ 20
(define p (make-parameter 10)) (parameterize ((p 20)) (p)) (p)       ⇒ 10
(define radix (make-parameter 10 (lambda (x) (if (and (integer? x) (<= 2 x 16)) x (error "invalid radix")))))
(define (f n) (number->string n (radix))) (list (f 12) (parameterize ((radix 2)) (f 12)))  ⇒ ("12" "1100")
(define p (make-parameter 1 (lambda (x) (* x 2)))) (list (p) (parameterize ((p 5)) (p)))  ⇒ (2 10)
(define a (make-parameter 1)) (define b (make-parameter 2)) (parameterize ((a (b)) (b (a))) (list (a) (b)))  ⇒ (2 1)
(define p (make-parameter 1)) (parameterize ((p 2)) (parameterize ((p 3)) (p)))  ⇒ 3
(define p (make-parameter 1)) (parameterize ((p 2)) (parameterize ((p 3)) (p)) (p))  ⇒ 2
(define p (make-parameter 1)) (define (f) (p)) (parameterize ((p 2)) (f))  ⇒ 2
(define p (make-parameter 1)) (guard (e (#t (p))) (parameterize ((p 2)) (raise 'x)))  ⇒ 1
(define p (make-parameter 1)) (call/cc (lambda (k) (parameterize ((p 2)) (k 0)))) (p)  ⇒ 1
(parameterize () 5)                                                  ⇒ 5
(define p (make-parameter 1)) (parameterize ((p 2)) (define x (p)) (set! x (+ x 1)) x)  ⇒ 3
(define p (make-parameter 1)) (define (f x) (parameterize ((p x)) (set! x 5) (list x (p)))) (f 2)  ⇒ (5 2)
(define p (make-parameter #f)) (map (lambda (x) (parameterize ((p x)) (p))) '(1 2))  ⇒ (1 2)
(define p (make-parameter 0)) (let loop ((i 0)) (if (< i 3) (parameterize ((p (+ (p) 1))) (loop (+ i 1))) (p)))  ⇒ 3
(procedure? (make-parameter 1))                                      ⇒ #t
"""),
)
def test_parameters(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(guard (e (#t (list 'caught e))) (raise 'oops))                      ⇒ (caught oops)
(guard (e ((symbol? e) 'symbol) ((string? e) 'string)) (raise "s"))  ⇒ string
(guard (e ((assq 'a e) => cdr) ((assq 'b e))) (raise (list (cons 'a 42))))  ⇒ 42
(guard (e ((assq 'a e) => cdr) ((assq 'b e))) (raise (list (cons 'b 23))))  ⇒ (b . 23)
(guard (e (else 'other)) (raise 1))                                  ⇒ other
(guard (e (#f 'never)) 'value)                                       ⇒ value
(guard (e (#t 'a 'b)) (raise 1))                                     ⇒ b
(guard (e ((string? e) 'inner)) 1 2 3)                               ⇒ 3
(guard (e (#t (list 'outer e))) (guard (e ((string? e) 'inner)) (raise 1)))  ⇒ (outer 1)
(guard (e (#t (list 'outer e))) (guard (e (#t (raise (list 'again e)))) (raise 1)))  ⇒ (outer (again 1))
(guard (e (#t (error-object-message e))) (error "message" 1 "two" 'three))  ⇒ "message"
(guard (e (#t (error-object-irritants e))) (error "message" 1 "two" 'three))  ⇒ (1 "two" three)
(guard (e (#t (condition/report-string e))) (error "message" 1 "two" 'three))  ⇒ "message 1 \"two\" three"
(guard (e ((error-object? e) 'error-object)) (error "x"))            ⇒ error-object
(guard (e ((error-object? e) 'error-object) (else 'other)) (raise 5))  ⇒ other
(guard (e ((error-object? e) (error-object-message e))) (car 5))     ⇒ "car: argument 1 must be a pair, but got 5"
(guard (e ((error? e) 'error)) (vector-ref (vector 1) 5))            ⇒ error
(guard (e (#t 'caught)) ((car '(1)) 2))                              ⇒ caught
(guard (e (#t 'caught)) (/ 1 0))                                     ⇒ caught
(guard (e (#t (raise-continuable 1)))
  (guard (e ((string? e) 0)) (raise "x")))                           ⇒ 0
(guard (e (#t e)) (raise #f))                                        ⇒ #f
(guard (e (#t e)) (raise '()))                                       ⇒ ()
(guard (e (e 'true) (else 'false)) (raise #f))                       ⇒ false
(let ((e 1)) (guard (e (#t (set! e 5) e)) (raise 2)) e)              ⇒ 1
(let ((x 1)) (guard (e (#t x)) (set! x 2) (raise 'a)))               ⇒ 2
(define (f x) (guard (e (#t (set! x (list x e)))) (set! x 5) (raise 1)) x) (f 0)  ⇒ (5 1)
(define (f) (guard (e (#t 1)) (define y 2) (+ y 1))) (f)             ⇒ 3
(let loop ((i 0)) (if (< i 5) (guard (e (#t (loop (+ i e)))) (raise 1)) i))  ⇒ 5
(let loop ((i 0) (l '())) (if (< i 3) (loop (+ i 1) (cons (guard (e (#t (* e 10))) (if (odd? i) (raise i) i)) l)) l))  ⇒ (2 10 0)
(+ 1 (guard (e (#t 10)) (+ 1 (raise 'x))))                           ⇒ 11
(list (guard (e (#t e)) (raise 1)) (guard (e (#t e)) (raise 2)))     ⇒ (1 2)
(guard (e ((begin (set! e 7) #f) 1) (else e)) (raise 2))             ⇒ 7
(guard (a (#t (guard (b (#t (list a b))) (raise 2)))) (raise 1))     ⇒ (1 2)
(define handlers '()) (guard (e (#t (map (lambda (h) (h)) (list (lambda () e))))) (raise 'kept))  ⇒ (kept)
(guard (e (#t (list 'after e))) (dynamic-wind void (lambda () (raise 1)) void))  ⇒ (after 1)
(with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'c))))  ⇒ 11
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k (list 'escaped e))) (lambda () (raise 'oops)))))  ⇒ (escaped oops)
(guard (e (#t (list 'outer e))) (with-exception-handler (lambda (e) (raise (list 'h e))) (lambda () (raise 1))))  ⇒ (outer (h 1))
"""),
)
def test_guard_and_raise(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(call/cc (lambda (k) 5))                                             ⇒ 5
(call/cc (lambda (k) (k 5) 6))                                       ⇒ 5
(+ 1 (call/cc (lambda (k) (* 10 (k 5)))))                            ⇒ 6
(call-with-current-continuation (lambda (k) (for-each (lambda (x) (if (negative? x) (k x))) '(1 -2 3)) 'none))  ⇒ -2
(call/cc (lambda (a) (+ 1 (call/cc (lambda (b) (a 5))))))            ⇒ 5
(define (find-first p l) (call/cc (lambda (return) (for-each (lambda (x) (if (p x) (return x))) l) #f)))
(list (find-first even? '(1 2 3)) (find-first even? '(1 3)))         ⇒ (2 #f)
(let loop ((i 0)) (call/cc (lambda (k) (if (< i 5) (k (loop (+ i 1))) i))))  ⇒ 5
(guard (e (#t 'caught)) (call/cc (lambda (k) (k 1))))                ⇒ 1
(call/cc (lambda (k) (guard (e (#t 'caught)) (k 'escaped))))         ⇒ escaped
(call/cc procedure?)                                                 ⇒ #t
(call-with-escape-continuation (lambda (k) (+ 1 (k 42))))            ⇒ 42
(let ((path '()))
  (define (add s) (set! path (cons s path)))
  (dynamic-wind (lambda () (add 'in)) (lambda () (add 'during)) (lambda () (add 'out))) (reverse path))  ⇒ (in during out)
(let ((path '()))
  (define (add s) (set! path (cons s path)))
  (call/cc (lambda (k) (dynamic-wind (lambda () (add 'in)) (lambda () (k 0)) (lambda () (add 'out))))) (reverse path))  ⇒ (in out)
(let ((path '()))
  (define (add s) (set! path (cons s path)))
  (guard (e (#t (add e))) (dynamic-wind (lambda () (add 'in)) (lambda () (raise 'oops)) (lambda () (add 'out)))) (reverse path))
                                                                     ⇒ (in out oops)
(dynamic-wind void (lambda () 5) void)                               ⇒ 5
"""),
)
def test_continuations(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(raise 'oops)                                    ⇒ uncaught raise: oops
(raise (list 1 "two"))                           ⇒ uncaught raise: (1 "two")
(error "went wrong" 1 "two" 'three)              ⇒ went wrong 1 "two" three
(error "no irritants")                           ⇒ no irritants
(guard (e ((string? e) 1)) (raise 'oops))        ⇒ uncaught raise: oops
(guard (e ((string? e) 1)) (error "went wrong")) ⇒ went wrong
(guard (e ((string? e) 1)) (car 5))              ⇒ car: argument 1 must be a pair, but got 5
(guard (e (#t (car e))) (raise 5))               ⇒ car: argument 1 must be a pair, but got 5
(assert (= 1 2))                                 ⇒ assertion failed
(force (delay (car 5)))                          ⇒ car: argument 1 must be a pair, but got 5
(parameterize ((5 1)) 1)                         ⇒ parameterize: argument 1 must be a parameter, but got 5
"""),
)
def test_uncaught_errors(program: str, message: str) -> None:
    assert error_of(program) == message


def test_what_was_printed_before_an_error_stays() -> None:
    assert output_of("(display 1) (guard (e (#t (display 3))) (display 2) (raise 'x))") == "123"


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(delay)                          ⇒ 1:1: error: malformed delay: expected (delay expression)
(delay 1 2)                      ⇒ 1:1: error: malformed delay: expected (delay expression)
(parameterize ((p)) 1)           ⇒ 1:16: error: malformed parameterize: expected (parameterize ((parameter value) …) body …)
(parameterize ())                ⇒ 1:1: error: malformed parameterize: expected (parameterize ((parameter value) …) body …)
(guard)                          ⇒ 1:1: error: malformed guard: expected (guard (name clause …) body …)
(guard (e (#t 1)))               ⇒ 1:1: error: malformed guard: expected (guard (name clause …) body …)
(guard () 1)                     ⇒ 1:8: error: malformed guard: expected (guard (name clause …) body …)
(guard e 1)                      ⇒ 1:8: error: malformed guard: expected (guard (name clause …) body …)
(guard (5 (#t 1)) 1)             ⇒ 1:9: error: the name in a guard must be a symbol
(guard (e (#t (define y 1) 2)) 1)  ⇒ 1:15: error: define stands where an expression is needed
(guard (e 5) 1)                  ⇒ 1:11: error: malformed guard: expected (guard (name clause …) body …)
(guard (e (else 1) (#t 2)) 1)    ⇒ 1:11: error: malformed guard: expected (guard (name clause …) body …)
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
