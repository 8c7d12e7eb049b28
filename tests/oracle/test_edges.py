"""Programs at the edges of what is known of values end in the same way whether they are compiled or interpreted."""

from __future__ import annotations

from typing import Any

import pytest
from omega_runtime.values.printing import write_text

from tests.support.agreement import check_agreement
from tests.support.omega import compiled

NESTED = "x"
for _ in range(30):
    NESTED = f"(map (lambda (x) (begin (display x) {NESTED})) a)"


@pytest.mark.parametrize(
    "program",
    [
        # An index below zero is none.
        "(define (f) (map (lambda (c) (vector-ref #(1 2 3) (- c 1))) (iota 2))) (f)",
        """(define (f v) (vector-length v) (for-each (lambda (c) (vector-set! v (- c 1) 'bad)) (iota 2)) v)
           (f (vector 1 2))""",
        """(define (f) (map (lambda (c) (char=? (string-ref "abc" (- c 1)) #\\c)) (iota 2))) (f)""",
        "(define (f n) (let ((v (make-vector 3 7))) (do ((i 0 (+ i 1))) ((= i n) v) (vector-ref v (- i 1))))) (f 2)",
        # Steps that are a round's own, or none at all.
        """(define (f n) (let loop ((i 0)) (if (< i n)
             (let ((k (+ 1 (modulo i 3)))) (display i) (loop (+ i k)))))) (f 5)""",
        """(define (f n) (let loop ((i 0)) (if (< i n)
             (let inner ((j 1)) (if (> j 3) (loop (+ i j)) (inner (+ j 1)))) 'end))) (f 5)""",
        "(define (f k) (let loop ((i 0)) (if (= i 4) 'done (if (= k 0) 'zero (loop (+ i k)))))) (f 0)",
        "(define (f k n) (let loop ((i 0)) (if (= i n) 'done (if (= k 0) 'zero (loop (+ i k)))))) (f 0 0)",
        # No round, so no error in one.
        "(define (f v n x) (do ((i 0 (+ i 1))) ((= i n) 'ok) (vector-set! v i (- x 1)))) (f (vector) 0 'no)",
        # Operands before what is wrong with them.
        """(define (f c g) (= c (g))) (f 'odd (lambda () (display "x") 1))""",
        "(define (f c g) (= c (g))) (f 'odd (lambda () (raise 'boom)))",
        "(define (f c d) (= c (vector-ref d 9))) (f 'odd (vector 1))",
        "(define (f d) (= (vector-ref d 0) (vector-ref d 9))) (f (vector 'x))",
        "(define (f c d) (set! c (car c)) (= c (vector-ref d 1))) (f '(odd) (vector 'x 5))",
        "(define (f a b) (let loop ((i a)) (if (= i (- b 1)) 'd (loop (+ i 1))))) (f 'x 'y)",
        """(define-record-type point (make-point x) point? (x point-x set-point-x!))
           (define (f p g) (set-point-x! p (g))) (f "none" (lambda () (display "x") 1))""",
        """(define-record-type point (make-point x) point? (x point-x set-point-x!))
           (define (f p q) (set-point-x! p (car q))) (f "none" 1)""",
        """(define-record-type point (make-point x) point? (x point-x set-point-x!))
           (define (f p) (set-point-x! p (+ (point-x p) 1)) (point-x p)) (f (make-point 1)) (f 5)""",
        "(define (f a) (let loop ((v a) (w late)) (if (= v 0) w (loop (- v 1) w)))) (f 'x) (define late 1)",
        "(define (f a) (let loop ((v a)) (if (= 'b v) 1 (loop (- v 1))))) (f 'x)",
        # Variables of a lambda that are changed are not the list's.
        "(define (f l) (filter (lambda (x) (set! x (* 2 x)) (> x 2)) l)) (f '(1 2 3))",
        "(define (f l) (map list (remove (lambda (x) (set! x (- x 1)) (= x 0)) l))) (f '(1 2 3))",
        # The remainder of any numbers.
        "(define (f x) (modulo x 2)) (list (f 5.5) (f -5.5) (modulo 5 2.5) (apply modulo '(7.5 2)))",
        # A key that was changed is still there for whoever goes through all.
        """(define l (list 1 2 3)) (define t (make-hash-table)) (hash-table-set! t l 1) (set-car! l 7)
           (write t) (hash-table->alist t)""",
        '(write (null? 7)) (null? "a")',
        # Numbers that are large, or nothing with a sign.
        """(define (f) (let loop ((i 0) (n 1))
             (if (= i 5000) (string-length (number->string n)) (loop (+ i 1) (* n 10))))) (f)""",
        "(define (f x) (if (even? x) (quotient x 2) 'odd)) (f -0.0)",
        "(define (f x) (list (+ x) (+ x x) (+ x x x) (apply + (list x x)) (apply + '()))) (f -0.0)",
        "(define (f x) (let ((y (* 1.5 x))) (/ y (expt 10 400)))) (f 2)",
        f"(define (f a) {NESTED}) (length (f '(1)))",
    ],
)
def test_edges(program: str) -> None:
    check_agreement(program)


@pytest.mark.parametrize(
    "call",
    [
        *("(apply f '())", "(f)", "(for-each f '(1))", "(vector-map f #(1))", "(force (delay (f)))"),
        *(
            "(hash-table-update!/default (make-equal-hash-table) 1 f 0)",
            "(assoc 1 '((2 . 3)) f)",
            "(fold-left f 0 '(1))",
        ),
    ],
)
def test_a_vector_may_get_longer_while_a_loop_goes_through_it(call: str) -> None:
    names: dict[str, Any] = {"__name__": "program"}
    program = f"(define (g v f) (let loop ((i 0)) (if (< i (vector-length v)) (begin {call} (loop (+ i 1))) v)))"
    exec(compiled(program).code(), names)
    items = [1, 2]

    def longer(*_: object) -> bool:
        if len(items) < 6:
            items.append(9)
        return True

    assert list(names["g"](items, longer)) == [1, 2, 9, 9, 9, 9]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("(begin (vector-set! x 0 'a) (car x))", "a"),
        ("(let ((v (vector x))) (and (pair? (cdr x)) (eq? x (vector-ref v 0))))", "#t"),
        ("(+ (car x) (vector-length x))", "4"),
    ],
)
def test_a_list_of_python_stays_the_object_that_it_is(body: str, value: str) -> None:
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled(f"(define (f x) (if (null? x) 'none {body}))").code(), names)
    assert write_text(names["f"]([1, 2, 3])) == value
