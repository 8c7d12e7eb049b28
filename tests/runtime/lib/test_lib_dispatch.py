"""Tagged data, generic operations and coercions."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of

START = """
(define ops (make-op-table))
(op-table-put ops 'add '(complex complex) (lambda (a b) (attach-tag 'complex (list 'sum a b))))
(op-table-put ops 'show 'complex (lambda (a) (list 'complex a)))
(op-table-put ops 'size '(number) (lambda (n) (* 10 n)))
(op-table-put ops 'now '() (lambda () 'now))
(define ways (make-coercion-table))
(put-coercion ways 'number 'real (lambda (n) (attach-tag 'real (list 'real n))))
(put-coercion ways 'real 'complex (lambda (r) (attach-tag 'complex (list 'complex (contents r)))))
(put-coercion ways 'number 'text number->string)
(put-coercion ways 'text 'complex (lambda (t) (attach-tag 'complex t)))
(put-coercion ways 'complex 'number (lambda (c) 0))
(define z (attach-tag 'complex 'z))
"""


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
z                                                                ⇒ #<tagged tag: complex contents: z>
(tagged? z)                                                      ⇒ #t
(tagged? '(complex z))                                           ⇒ #f
(type-tag z)                                                     ⇒ complex
(type-tag (attach-tag "complex" 1))                              ⇒ "complex"
(contents z)                                                     ⇒ z
(contents 5)                                                     ⇒ 5
(map type-tag (list 1 2.5 "a" 'a #\a #t '() '(1) '(1 . 2) #(1) car (lambda (x) x)))  ⇒ (number number string symbol char boolean null pair pair vector procedure procedure)
(map type-tag (list (make-hash-table) (delay 1) (void) (attach-tag 'b (attach-tag 'c 1))))  ⇒ (hash-table promise unspecified b)
(define-record-type point (make-point x) point? (x x-of)) (type-tag (make-point 1))  ⇒ point
(equal? z (attach-tag 'complex 'z))                              ⇒ #t
(equal? z (attach-tag 'other 'z))                                ⇒ #f
(hash-table-ref/default (hash-table z 1) (attach-tag 'complex 'z) 0)  ⇒ 1
(op-table? ops)                                                  ⇒ #t
(op-table? ways)                                                 ⇒ #f
(list ops ways)                                                  ⇒ (#<op-table> #<coercion-table>)
(procedure? (op-table-get ops 'add '(complex complex)))          ⇒ #t
(op-table-get ops 'add '(complex))                               ⇒ #f
(procedure? (op-table-get ops 'show '(complex)))                 ⇒ #t
(procedure? (op-table-get ops "show" "complex"))                 ⇒ #t
(apply-generic ops 'add z z)                                     ⇒ #<tagged tag: complex contents: (sum z z)>
(apply-generic ops 'show z)                                      ⇒ (complex z)
(apply-generic ops 'show (attach-tag "complex" 1))               ⇒ (complex 1)
(apply-generic ops 'size 5)                                      ⇒ 50
(apply-generic ops 'now)                                         ⇒ now
(apply-generic ops 'add z 5)                                     ⇒ #f
(apply-generic ops 'other z)                                     ⇒ #f
;; Exact first, then the first argument is made of the second's type, then the other way.
(contents (apply-generic-coerced ops ways 'add z z))             ⇒ (sum z z)
(contents (apply-generic-coerced ops ways 'add (attach-tag 'real 'r) z))  ⇒ (sum (complex r) z)
(contents (apply-generic-coerced ops ways 'add z (attach-tag 'real 'r)))  ⇒ (sum z (complex r))
(contents (apply-generic-coerced ops ways 'add 5 z))             ⇒ (sum (complex (real 5)) z)
(op-table-put ops 'mix '(number number) list) (apply-generic-coerced ops ways 'mix z 5)  ⇒ (0 5)
"""),
)
def test_generic_operations(program: str, value: str) -> None:
    assert value_of(START + program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(coercion-table? ways)                                           ⇒ #t
(coercion-table? ops)                                            ⇒ #f
((get-coercion ways 'number 'text) 5)                            ⇒ "5"
(get-coercion ways 'text 'number)                                ⇒ #f
(find-coercion-path ways 'number 'text)                          ⇒ (number text)
(find-coercion-path ways 'number 'complex)                       ⇒ (number real complex)
(find-coercion-path ways 'real 'text)                            ⇒ (real complex number text)
(find-coercion-path ways 'number 'number)                        ⇒ (number)
(find-coercion-path ways 'new 'new)                              ⇒ (new)
(find-coercion-path ways 'number 'new)                           ⇒ #f
(find-coercion-path ways 'new 'number)                           ⇒ #f
(find-all-coercion-paths ways 'number 'complex)                  ⇒ ((number real complex) (number text complex))
(find-all-coercion-paths ways 'real 'text)                       ⇒ ((real complex number text))
(find-all-coercion-paths ways 'number 'number)                   ⇒ ((number))
(find-all-coercion-paths ways 'number 'new)                      ⇒ ()
(contents (coerce-value ways 5 'number 'complex))                ⇒ (complex (real 5))
(coerce-value ways 5 'number 'number)                            ⇒ 5
"""),
)
def test_coercions(program: str, value: str) -> None:
    assert value_of(START + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(apply-generic-coerced ops ways 'sub z 5)                        ⇒ apply-generic-coerced: no method for sub (complex number); add one with op-table-put, or a coercion with put-coercion
(apply-generic-coerced ops ways 'add z)                          ⇒ apply-generic-coerced: no method for add (complex); add one with op-table-put, or a coercion with put-coercion
(coerce-value ways 5 'number 'new)                               ⇒ coerce-value: no coercions lead from number to new; add one with put-coercion
(attach-tag 5 5)                                                 ⇒ attach-tag: argument 1 must be a symbol or string, but got 5
(op-table-put ops 'a '(5) car)                                   ⇒ op-table-put: argument 3 must be a list of symbols or strings, or one of them, but got (5)
(op-table-put ops 'a 'b 5)                                       ⇒ op-table-put: argument 4 must be a procedure, but got 5
(op-table-get ways 'a 'b)                                        ⇒ op-table-get: argument 1 must be an op table, but got #<coercion-table>
(put-coercion ways 'a 'b 5)                                      ⇒ put-coercion: argument 4 must be a procedure, but got 5
(find-coercion-path ops 'a 'b)                                   ⇒ find-coercion-path: argument 1 must be a coercion table, but got #<op-table>
"""),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert error_of(START + program) == message
