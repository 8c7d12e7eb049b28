"""define-record-type (R7RS section 5.5)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from typing import Any

import pytest
from omega_runtime.values.errors import OmegaError

from tests.support.omega import compiled, error_of, findings_of, python_of, table, value_of

PARE = """
(define-record-type pare (kons x y) pare? (x kar set-kar!) (y kdr))
"""


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(pare? (kons 1 2))                                                  ⇒ #t
(pare? (cons 1 2))                                                  ⇒ #f
(kar (kons 1 2))                                                    ⇒ 1
(kdr (kons 1 2))                                                    ⇒ 2
(let ((k (kons 1 2))) (set-kar! k 3) (kar k))                       ⇒ 3
(eq? (void) (set-kar! (kons 1 2) 3))                                ⇒ #t
(map kar (list (kons 1 2) (kons 3 4)))                              ⇒ (1 3)
(apply kons '(1 2))
                                                                    ⇒ #<pare x: 1 y: 2>
(map pare? (list 1 "a" '() #f (kons 1 2) kons))                     ⇒ (#f #f #f #f #t #f)
(let ((k (kons 1 2))) (list (eq? k k) (eqv? k k) (equal? k k)))     ⇒ (#t #t #t)
(eq? (kons 1 2) (kons 1 2))                                         ⇒ #f
(eqv? (kons 1 2) (kons 1 2))                                        ⇒ #f
(pair? (kons 1 2))                                                  ⇒ #f
(vector? (kons 1 2))                                                ⇒ #f
(procedure? (kons 1 2))                                             ⇒ #f
(procedure? kons)                                                   ⇒ #t
(kar (kdr (kons 1 (kons 2 3))))                                     ⇒ 2
(let ((k (kons 1 2))) (set-kar! k k) (eq? (kar k) k))               ⇒ #t
(let ((t (make-hash-table)) (k (kons 1 2))) (hash-table-set! t k 'found) (hash-table-ref t k))  ⇒ found
(define-record-type box (make-box c) box? (c unbox)) (list (box? (kons 1 2)) (pare? (make-box 1)))  ⇒ (#f #f)
;; fields that the constructor doesn't take start as #f; it may take them in any order, or be only a name
(define-record-type p (make-p y) p? (x p-x set-p-x!) (y p-y)) (let ((r (make-p 1))) (list (p-x r) (p-y r)))  ⇒ (#f 1)
(define-record-type p (make-p y x) p? (x p-x) (y p-y)) (p-x (make-p 1 2))  ⇒ 2
(define-record-type p make-p p? (x p-x) (y p-y)) (p-y (make-p 1 2))  ⇒ 2
(define-record-type p (make-p) p?) (p? (make-p))                    ⇒ #t
(define-record-type <p> (make-p x) p? (x p-x)) (p-x (make-p 5))     ⇒ 5
(define-record-type p #f p? (x p-x)) (p? 1)                         ⇒ #f
(define-record-type (p) (make-p x) p? (x p-x)) (p-x (make-p 5))     ⇒ 5
;; in a body; each time the body runs it is a new type
(define (f) (define-record-type p (make-p x) p? (x p-x)) (p-x (make-p 5))) (f)  ⇒ 5
(define (f) (define-record-type p (make-p x) p? (x p-x)) (cons p? make-p))
(let ((one (f)) (two (f))) (list ((car one) ((cdr one) 1)) ((car one) ((cdr two) 1))))  ⇒ (#t #f)
(let loop ((i 0) (l '()))
  (define-record-type p (make-p x) p? (x p-x))
  (if (< i 2) (loop (+ i 1) (cons (cons p? make-p) l)) (list ((caar l) ((cdar l) 1)) ((caar l) ((cdadr l) 1)))))  ⇒ (#t #f)
(define (f x) (define-record-type p (make-p v) p? (v p-v set-p-v!)) (define r (make-p x)) (set-p-v! r (+ 1 (p-v r))) (p-v r)) (f 1)  ⇒ 2
;; its procedures are ordinary variables
(define kons-twice (lambda (x) (kons x x))) (kdr (kons-twice 5))    ⇒ 5
(let ((kar car)) (kar '(1)))                                        ⇒ 1
(set! kar (lambda (x) 'mine)) (kar (kons 1 2))                      ⇒ mine
(define (f kons) (kons 1 2)) (f list)                               ⇒ (1 2)
(sort (list (kons 3 0) (kons 1 0)) (lambda (a b) (< (kar a) (kar b))))  ⇒ (#<pare x: 1 y: 0> #<pare x: 3 y: 0>)
"""),
)
def test_values(program: str, value: str) -> None:
    assert value_of(PARE + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(kar 5)                                      ⇒ kar: argument 1 must be a pare, but got 5
(kar (cons 1 2))                             ⇒ kar: argument 1 must be a pare, but got (1 . 2)
(kdr '())                                    ⇒ kdr: argument 1 must be a pare, but got ()
(kdr "x")                                    ⇒ kdr: argument 1 must be a pare, but got "x"
(set-kar! 'a 1)                              ⇒ set-kar!: argument 1 must be a pare, but got a
(map kar '(1))                               ⇒ kar: argument 1 must be a pare, but got 1
(define (f) (kar (kdr (kons 1 2)))) (f)      ⇒ kar: argument 1 must be a pare, but got 2
(define-record-type box (make-box x) box? (x unbox)) (kar (make-box 1))
                                             ⇒ kar: argument 1 must be a pare, but got #<box x: 1>
(define-record-type <q> (make-q x) q? (x q-x)) (q-x 1)  ⇒ q-x: argument 1 must be a q, but got 1
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(PARE + program) == message


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(kons 1)                                     ⇒ 3:1: error: kons takes 2 arguments, but gets 1
(kar)                                        ⇒ 3:1: error: kar takes 1 argument, but gets 0
(set-kar! (kons 1 2))                        ⇒ 3:1: error: set-kar! takes 2 arguments, but gets 1
(define (kar x) x)                           ⇒ 3:10: error: duplicate definition of kar
(define-record-type)
  ⇒ 3:1: error: malformed define-record-type: expected (define-record-type name (constructor field …) predicate (field accessor [modifier]) …)
(define-record-type p (make-p z) p? (x p-x)) ⇒ 3:31: error: the constructor names no field z
(define-record-type p (make-p x x) p? (x p-x))  ⇒ 3:33: error: duplicate field x
(define-record-type p (make-p) p? (x a) (x b))  ⇒ 3:42: error: duplicate field x
(define-record-type 5 (make-p) p?)           ⇒ 3:21: error: the name of a record type must be a symbol
(list (define-record-type p (make-p) p?))    ⇒ 3:7: error: define-record-type stands where an expression is needed
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(PARE + program) == [finding]


def test_a_record_type_is_a_python_class() -> None:
    names: dict[str, Any] = {}
    exec(
        compile(python_of("(define-record-type <point> (make-point x y) point? (x point-x) (y point-y))"), "m", "exec"),
        names,
    )
    point = names["make_point"](1, 2)
    assert isinstance(point, names["Point"])
    assert names["Point"].__name__ == "Point"
    assert names["is_point"](point) is True
    assert names["is_point"](5) is False
    assert (point.x, names["point_y"](point)) == (1, 2)


def test_records_of_a_class_that_python_derives() -> None:
    names: dict[str, Any] = {"__name__": "records"}
    text = """
(define-record-type p (make-p x) p? (x p-x set-p-x!))
(define (twice r) (+ (p-x r) (p-x r)))
(define (up! r) (set-p-x! r (+ (p-x r) 1)) r)
"""
    exec(compiled(text).code(), names)

    class Own(names["p"]):  # type: ignore[misc]  # a class of the program's
        """Has more in it."""

    own = Own(3)
    own.more = 1
    assert (names["twice"](own), names["p_x"](names["up"](own)), names["is_p"](own)) == (6, 4, True)
    with pytest.raises(OmegaError, match="p-x: argument 1 must be a p, but got 5"):
        names["twice"](5)
