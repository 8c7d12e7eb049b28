"""Streams: what they give, and that nothing is computed before it's needed."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import error_of, findings_of, table, value_of

START = "(define (from n) (cons-stream n (from (+ n 1))))\n"


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
the-empty-stream                                                 ⇒ ()
stream-nil                                                       ⇒ ()
(stream-null? the-empty-stream)                                  ⇒ #t
(empty-stream? (from 1))                                         ⇒ #f
(stream-pair? (from 1))                                          ⇒ #t
(stream-pair? '(1 2))                                            ⇒ #f
(stream-pair? the-empty-stream)                                  ⇒ #f
(from 1)                                                         ⇒ (1 . #<promise>)
(stream-car (from 1))                                            ⇒ 1
(stream-car (stream-cdr (stream-cdr (from 1))))                  ⇒ 3
(stream-first (stream-rest (from 1)))                            ⇒ 2
(stream-cdr '(1 2 3))                                            ⇒ (2 3)
(stream-head (from 1) 3)                                         ⇒ (1 2 3)
(stream-take (from 1) 3)                                         ⇒ (1 2 3)
(stream-take (stream 1 2) 5)                                     ⇒ (1 2)
(stream-take (from 1) 0)                                         ⇒ ()
(stream->list (from 1) 2)                                        ⇒ (1 2)
(stream->list (stream 1 2 3))                                    ⇒ (1 2 3)
(stream->list '(1 2 3))                                          ⇒ (1 2 3)
(stream->list (list->stream '(1 2 3)))                           ⇒ (1 2 3)
(stream->list (stream))                                          ⇒ ()
(stream-car (stream-tail (from 1) 3))                            ⇒ 4
(stream-tail (stream 1 2) 2)                                     ⇒ ()
(stream-ref (from 1) 3)                                          ⇒ 4
(stream-ref '(a b c) 2)                                          ⇒ c
(stream-take (stream-map + (from 1) (from 10) '(100 200)) 5)     ⇒ (111 213)
(stream-take (stream-filter even? (from 1)) 3)                   ⇒ (2 4 6)
(stream->list (stream-filter even? '(1 3)))                      ⇒ ()
(stream-take (stream-append (stream 1) '(2) the-empty-stream (from 3)) 5)  ⇒ (1 2 3 4 5)
(stream-append)                                                  ⇒ ()
(stream-take (interleave (from 1) (stream 'a 'b)) 6)             ⇒ (1 a 2 b 3 4)
(stream->list (interleave '(1 2) '(a b c)))                      ⇒ (1 a 2 b c)
(let ((seen '())) (stream-for-each (lambda (x) (set! seen (cons x seen))) (stream 1 2 3)) seen)  ⇒ (3 2 1)
(stream-take (stream-cons 1 (stream-cons 2 the-empty-stream)) 5) ⇒ (1 2)
(define (sieve s) (cons-stream (stream-car s) (sieve (stream-filter (lambda (x) (> (remainder x (stream-car s)) 0)) (stream-cdr s)))))
(stream-head (sieve (from 2)) 6)                                 ⇒ (2 3 5 7 11 13)
(define ones (cons-stream 1 ones)) (define integers (cons-stream 1 (stream-map + ones integers))) (stream-head integers 5)  ⇒ (1 2 3 4 5)
(stream-ref (stream-filter (lambda (n) (= 0 (remainder n 1000))) (from 1)) 50)  ⇒ 51000
"""),
)
def test_what_streams_give(program: str, value: str) -> None:
    assert value_of(START + program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; How often the procedure or the rest was computed.
(cons-stream 1 (note 2)) seen                                    ⇒ ()
(define s (cons-stream 1 (note 2))) (stream-cdr s) (stream-cdr s) seen  ⇒ (2)
(stream-map note (from 1)) seen                                  ⇒ (1)
(stream->list (stream-map note (from 1)) 2) seen                 ⇒ (2 1)
(stream-take (stream-map note (from 1)) 2) seen                  ⇒ (2 1)
(stream-head (stream-map note (from 1)) 2) seen                  ⇒ (2 1)
(stream-ref (stream-map note (from 1)) 2) seen                   ⇒ (3 2 1)
(stream-take (stream-map note (from 1)) 0) seen                  ⇒ (1)
(stream-filter (lambda (x) (note x) (> x 2)) (from 1)) seen      ⇒ (3 2 1)
(interleave (stream-map note (from 1)) (stream-map note (from 10))) seen  ⇒ (10 1)
(stream-append (stream-map note (from 1)) (from 10)) seen        ⇒ (1)
"""),
)
def test_nothing_is_computed_before_it_is_needed(program: str, value: str) -> None:
    start = START + "(define seen '()) (define (note x) (set! seen (cons x seen)) x)\n"
    assert value_of(start + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(stream-car the-empty-stream)                                    ⇒ stream-car: argument 1 must be a stream that is not empty, but got ()
(stream-cdr 5)                                                   ⇒ stream-cdr: argument 1 must be a stream, but got 5
(stream-head (stream 1 2) 3)                                     ⇒ stream-head: argument 2 must be at most 2, the length of the stream, but got 3
(stream-tail (stream 1 2) 3)                                     ⇒ stream-tail: argument 2 must be at most 2, the length of the stream, but got 3
(stream-ref (stream 1 2) 2)                                      ⇒ stream-ref: argument 2 must be an index below 2, the length of the stream, but got 2
(stream-take (stream 1 2) -1)                                    ⇒ stream-take: argument 2 must be a non-negative exact integer, but got -1
(stream-map car (stream '(1)) 5)                                 ⇒ stream-map: argument 3 must be a stream, but got 5
(stream-filter 5 (stream 1))                                     ⇒ stream-filter: argument 1 must be a procedure, but got 5
(interleave (stream 1) 'a)                                       ⇒ interleave: argument 2 must be a stream, but got a
"""),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert error_of(program) == message


def test_a_program_may_define_these_names_itself() -> None:
    assert value_of("(define the-empty-stream 'mine) the-empty-stream") == "mine"
    assert value_of("(define (stream-cons a b) (list b a)) (stream-cons 1 2)") == "(2 1)"
    assert value_of("(let ((stream-nil 5)) stream-nil)") == "5"


def test_a_misspelt_name_of_a_constant_is_suggested() -> None:
    assert findings_of("the-emtpy-stream") == ["1:1: error: unbound variable: the-emtpy-stream"]
