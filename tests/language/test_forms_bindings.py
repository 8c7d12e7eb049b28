"""lambda, let, let*, letrec, letrec*, named let, do, begin and set! (R7RS sections 4.1, 4.2)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import Run, compiled, error_of, findings_of, output_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; lambda
((lambda (x) (+ x x)) 4)                                                     ⇒ 8
((λ (x) (+ x x)) 4)                                                          ⇒ 8
(define reverse-subtract (lambda (x y) (- y x))) (reverse-subtract 7 10)     ⇒ 3
((lambda x x) 3 4 5 6)                                                       ⇒ (3 4 5 6)
((lambda x x))                                                               ⇒ ()
((lambda (x y . z) z) 3 4 5 6)                                               ⇒ (5 6)
((lambda (x y . z) z) 3 4)                                                   ⇒ ()
((lambda (x . r) (set! r (cons x r)) r) 1 2)                                 ⇒ (1 2)
((lambda (x . r) (set-car! r 9) (list x r)) 1 2)                             ⇒ (1 (9))
(let ((l (list 1 2))) (apply (lambda r (set-car! r 9)) l) l)                 ⇒ (1 2)
((lambda () 1 2 3))                                                          ⇒ 3
((lambda (x) "not documentation, but the value") 1)                          ⇒ "not documentation, but the value"
((lambda (x) "documentation" x) 1)                                           ⇒ 1
(define (f) (lambda (x) (lambda (y) (list x y)))) (((f) 1) 2)                ⇒ (1 2)
;; let
(let ((x 2) (y 3)) (* x y))                                                  ⇒ 6
(let () 5)                                                                   ⇒ 5
(let ((x 2) (y 3)) (let ((x 7) (z (+ x y))) (* z x)))                        ⇒ 35
(let ((x 1)) (let ((x (+ x 1)) (y x)) (list x y)))                           ⇒ (2 1)
(let ((x 1) (y 2)) (let ((x y) (y x)) (list x y)))                           ⇒ (2 1)
(define (f x) (let ((x x)) (set! x 5) x)) (f 1)                              ⇒ 5
(define (f x) (list (let ((x 5)) x) x)) (f 1)                                ⇒ (5 1)
(define (f x) (let ((y (let ((x 2)) (set! x 3) x))) (list x y))) (f 1)       ⇒ (1 3)
(let ((f (lambda () 1))) (let ((f (lambda () (+ 1 (f))))) (f)))              ⇒ 2
(let ((x 1)) (define y 2) (set! x y) x)                                      ⇒ 2
;; let*
(let ((x 2) (y 3)) (let* ((x 7) (z (+ x y))) (* z x)))                       ⇒ 70
(let* () 5)                                                                  ⇒ 5
(let* ((x 1) (x (+ x 1)) (x (* x 10))) x)                                    ⇒ 20
(let* ((x 1) (f (lambda () x)) (x 2)) (list x (f)))                          ⇒ (2 1)
;; letrec, letrec*
(letrec ((even? (lambda (n) (if (= 0 n) #t (odd? (- n 1)))))
         (odd? (lambda (n) (if (= 0 n) #f (even? (- n 1))))))
  (even? 88))                                                                ⇒ #t
(letrec* ((p (lambda (x) (+ 1 (q (- x 1))))) (q (lambda (y) (if (zero? y) 0 (+ 1 (p (- y 1))))))
          (x (p 5)) (y x)) y)                                                ⇒ 5
(letrec () 5)                                                                ⇒ 5
(letrec ((x (list (lambda () x)))) (eq? x ((car x))))                        ⇒ #t
(letrec ((f (lambda () (set! n (+ n 1)) n)) (n 1)) (f) (f))                  ⇒ 3
(let ((x 1)) (letrec ((x (lambda () x))) (procedure? (x))))                  ⇒ #t
;; named let
(let loop ((numbers '(3 -2 1 6 -5)) (nonneg '()) (neg '()))
  (cond ((null? numbers) (list nonneg neg))
        ((>= (car numbers) 0) (loop (cdr numbers) (cons (car numbers) nonneg) neg))
        ((< (car numbers) 0) (loop (cdr numbers) nonneg (cons (car numbers) neg)))))
                                                                             ⇒ ((6 1 3) (-5 -2))
(let loop () 5)                                                              ⇒ 5
(let loop ((i 0)) (define j (* i 2)) (if (< j 10) (loop (+ i 1)) j))         ⇒ 10
(let fib ((n 15)) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))            ⇒ 610
(let loop ((i 3)) (if (= i 0) '() (cons i (loop (- i 1)))))                  ⇒ (3 2 1)
(let loop ((i 0)) (if (< i 3) (map (lambda (x) (loop x)) (list (+ i 1))) i)) ⇒ (((3)))
(let loop ((i 0) (j 10)) (if (< i j) (loop (+ i 1) (- j 1)) (list i j)))     ⇒ (5 5)
(let loop ((a 1) (b 2) (n 3)) (if (= n 0) (list a b) (loop b a (- n 1))))    ⇒ (2 1)
(let ((loop list)) (let loop ((i (loop 1))) (if (pair? i) (loop (car i)) i)))  ⇒ 1
(let loop ((loop 5)) loop)                                                   ⇒ 5
(let loop ((i 0)) (let ((loop list)) (loop i)))                              ⇒ (0)
(let loop ((i 0)) (if (procedure? i) (i 3) (if (= i 3) i (loop loop))))      ⇒ 3
(procedure? (let loop () loop))                                              ⇒ #t
(define x (let loop ((i 0)) (if (< i 5) (loop (+ i 1)) i))) x                ⇒ 5
(let loop ((i 0)) (if (< i 3) (begin (set! i (+ i 1)) (loop i)) i))          ⇒ 3
;; a name that is bound in the loop's values is that outside
(let loop ((i 0) (f (lambda () 1))) (if (= i 2) (f) (loop (+ i 1) (let ((g f)) (lambda () (* 2 (g)))))))
                                                                             ⇒ 4
;; do
(do ((vec (make-vector 5)) (i 0 (+ i 1))) ((= i 5) vec) (vector-set! vec i i))  ⇒ #(0 1 2 3 4)
(let ((x '(1 3 5 7 9))) (do ((x x (cdr x)) (sum 0 (+ sum (car x)))) ((null? x) sum)))
                                                                             ⇒ 25
(do () (#t 5))                                                               ⇒ 5
(do ((i 0 (+ i 1)) (j 0 i)) ((= i 3) (list i j)))                            ⇒ (3 2)
(do ((i 0 (+ i 1))) ((= i 3) 'a 'b))                                         ⇒ b
(let ((n 0)) (do ((i 0 (+ i 1))) ((= i 3)) (set! n (+ n i))) n)              ⇒ 3
(let ((n 0)) (do ((i 0 (+ i 1))) ((= i 3) n) (do ((j 0 (+ j 1))) ((= j i)) (set! n (+ n 1)))))
                                                                             ⇒ 3
(do ((i 0 (+ i 1))) ((assv i '((2 . two))) i) 'ignored)                      ⇒ 2
(let ((do 5)) do)                                                            ⇒ 5
(do ((l '() (cons i l)) (i 0 (+ i 1))) ((= i 3) l))                          ⇒ (2 1 0)
;; begin
(begin 1 2 3)                                                                ⇒ 3
(define x 0) (and (= x 0) (begin (set! x 5) (+ x 1)))                        ⇒ 6
(begin (define a 1) (define b (+ a 1))) (list a b)                           ⇒ (1 2)
(define (f) (begin (define a 1)) (begin) (+ a 1)) (f)                        ⇒ 2
(begin) 5                                                                    ⇒ 5
(begin (begin (begin (define deep 1)))) deep                                 ⇒ 1
;; set!
(define x 2) (set! x 4) (+ x 1)                                              ⇒ 5
(define (f x) (set! x (+ x 1)) x) (f 1)                                      ⇒ 2
(define counter (let ((n 0)) (lambda () (set! n (+ n 1)) n))) (counter) (counter)
                                                                             ⇒ 2
(define (make) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))
(define a (make)) (define b (make)) (a) (a) (list (a) (b))                   ⇒ (3 1)
(define (f) (set! later 5)) (define later 1) (f) later                       ⇒ 5
(let ((x 1)) (let ((y (set! x 2))) x))                                       ⇒ 2
(let ((x 1) (y 2)) (let ((g (lambda () (set! x 10) (set! y 20)))) (g) (+ x y)))  ⇒ 30
(define x 1) (define (f) (define y x) (set! x 2) (list x y)) (f)             ⇒ (2 1)
(define x 1) (define (f x) (set! x 5)) (f 0) x                               ⇒ 1
(define (f a) (define (g) (define (h) (set! a (+ a 1))) (h) (h)) (g) a) (f 0)  ⇒ 2
(define (f) (define a 1) (let ((b 2)) (set! a (+ a b)) (let ((c 3)) (set! a (+ a c)) (set! b a) (list a b)))) (f)
                                                                             ⇒ (6 6)
"""),
)
def test_values(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    "expression",
    ["(if #f #f)", "(set! x 2)", "(begin)", "(do ((i 0 1)) (#t))", "(for-each car '())", "(when #f 1)", '(display "")'],
)
def test_what_is_unspecified_is_all_the_same(expression: str) -> None:
    assert value_of(f"(define x 1) (eq? (void) {expression})") == "#t"


def test_a_do_loop_prints_its_rounds() -> None:
    assert output_of("(do ((i 0 (+ i 1))) ((= i 3) (display 'end)) (display i))") == "012end"


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(lambda (x))            ⇒ 1:1: error: malformed lambda: expected (lambda (parameter …) body …)
(lambda (x x) 1)        ⇒ 1:12: error: duplicate parameter x
(lambda (x . x) 1)      ⇒ 1:14: error: duplicate parameter x
(lambda (1) 1)          ⇒ 1:10: error: a parameter must be a symbol
(lambda "x" 1)          ⇒ 1:9: error: a parameter list is a list of symbols
(lambda (a: b) 1)       ⇒ 1:10: error: a parameter must be a symbol
(let ((x 1)))           ⇒ 1:1: error: malformed let: expected (let ((name value) …) body …) or (let name ((name value) …) body …)
(let ((x)) x)           ⇒ 1:7: error: malformed let: expected (let ((name value) …) body …) or (let name ((name value) …) body …)
(let (x 1) x)           ⇒ 1:7: error: malformed let: expected (let ((name value) …) body …) or (let name ((name value) …) body …)
(let ((x 1) (x 2)) x)   ⇒ 1:14: error: duplicate variable x
(let ((5 1)) 1)         ⇒ 1:8: error: the name in a binding must be a symbol
(let loop ((x 1)))      ⇒ 1:1: error: malformed let: expected (let ((name value) …) body …) or (let name ((name value) …) body …)
(let loop ((x 1) (x 2)) x)  ⇒ 1:19: error: duplicate parameter x
(letrec ((x 1) (x 2)) x)    ⇒ 1:17: error: duplicate variable x
(let* ((x 1 2)) x)      ⇒ 1:8: error: malformed let*: expected (let* ((name value) …) body …)
(do ((i 0)) ())         ⇒ 1:13: error: malformed do: expected (do ((name value [step]) …) (test result …) command …)
(do ((i)) (#t))         ⇒ 1:6: error: malformed do: expected (do ((name value [step]) …) (test result …) command …)
(do ((i 0 1 2)) (#t))   ⇒ 1:6: error: malformed do: expected (do ((name value [step]) …) (test result …) command …)
(do ((i 0) (i 1)) (#t)) ⇒ 1:13: error: duplicate variable i
(set! 5 1)              ⇒ 1:7: error: the target of set! must be a symbol
(set! x 1)              ⇒ 1:7: error: set! of x, which this program doesn't define
(set! car 1)            ⇒ 1:7: error: set! of car, which this program doesn't define
(set! if 1)             ⇒ 1:7: error: if is syntax, not a variable
(let ((x 1)) (set! x))  ⇒ 1:14: error: malformed set!: expected (set! name value)
(let ((x 1)) (define y 2))  ⇒ 1:14: error: a body must end with an expression
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]


@pytest.mark.parametrize(
    ("program", "name"),
    table(r"""
(letrec ((x y) (y 1)) x)                                     ⇒ y
(letrec ((x x)) x)                                           ⇒ x
(define (f) (define x y) (define y 1) x) (f)                 ⇒ y
(display x) (define x 1)                                     ⇒ x
(define x (+ x 1))                                           ⇒ x
(define f (lambda () g)) (define g (f))                      ⇒ g
(let () (define (f) x) (define y (f)) (define x 1) y)        ⇒ x
(let loop ((i 0)) (define a b) (define b i) (if (< i 3) (loop (+ i 1)) a))  ⇒ b
(define (f) (let loop ((i 0)) (define (g) b) (if (= i 1) (g)) (define b i) (if (< i 3) (loop (+ i 1)) b))) (f)  ⇒ b
"""),
)
def test_use_before_definition(program: str, name: str) -> None:
    assert error_of(program) == f"{name} is used before it is defined"


def test_use_of_a_procedure_before_its_definition() -> None:
    """Where the top level may be entered again, its procedures are defined beforehand."""
    program = "(define (f) (g)) (f) (define (g) 1)"
    run = Run(compiled(program).code())
    assert run.message == "g is used before it is defined"
    assert value_of("(call/cc (lambda (k) (list k))) " + program + " (f)") == "1"
