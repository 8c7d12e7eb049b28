"""Programs at the edges of what is known of values end in the same way whether they are compiled or interpreted."""

from __future__ import annotations

from typing import Any

import pytest

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
