"""Distributions: values with weights."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest
from omega_runtime.values.distributions import Distribution, counted
from omega_runtime.values.printing import write_text

from tests.support.omega import error_of, table, value_of

START = "(define d (dist-from-list '((a 1) (b . 5) (c 4))))\n"


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(dist 42)                                                        ⇒ #<dist support: ((42 . 1))>
(dist? (dist 42))                                                ⇒ #t
(dist? '((a 1)))                                                 ⇒ #f
(dist-count d)                                                   ⇒ 3
(dist-count (dist-from-list '()))                                ⇒ 0
(dist-value-at d 1)                                              ⇒ b
(dist-weight-at d 1)                                             ⇒ 5
(dist-to-list d)                                                 ⇒ ((a . 1) (b . 5) (c . 4))
(dist-to-list (dist-from-list (list (cons '(1 2) 3) (list "x" 0.5))))  ⇒ (((1 2) . 3) ("x" . 0.5))
(dist-to-list (dist-topk d 2))                                   ⇒ ((b . 5) (c . 4))
(dist-to-list (dist-topk (dist-from-list '((a 1) (b 1) (c 1))) 2))  ⇒ ((a . 1) (b . 1))
(dist-count (dist-topk d 10))                                    ⇒ 3
(dist-count (dist-topk d 0))                                     ⇒ 0
(dist-to-list (dist-normalize d))                                ⇒ ((a . 0.1) (b . 0.5) (c . 0.4))
(dist-count (dist-normalize (dist-from-list '((a 0) (b 0)))))    ⇒ 0
(dist-count (dist-normalize (dist-from-list '((a -1) (b 1)))))   ⇒ 0
(dist-sample (dist 'only))                                       ⇒ only
(dist-sample (dist-from-list '((a 0) (b 1) (c -5))))             ⇒ b
(equal? (dist-sample d 7) (dist-sample d 7))                     ⇒ #t
(equal? d (dist-from-list (dist-to-list d)))                     ⇒ #t
(equal? d (dist-topk d 3))                                       ⇒ #f
(hash-table-ref (hash-table (dist 1) 'found) (dist 1))           ⇒ found
"""),
)
def test_what_distributions_give(program: str, value: str) -> None:
    assert value_of(START + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(dist-value-at (dist 1) 1)                                       ⇒ dist-value-at: argument 2 must be an index below 1, but got 1
(dist-weight-at (dist 1) -1)                                     ⇒ dist-weight-at: argument 2 must be a non-negative exact integer, but got -1
(dist-count '())                                                 ⇒ dist-count: argument 1 must be a distribution, but got ()
(dist-from-list '((a b)))                                        ⇒ dist-from-list: argument 1 must be a list of (value weight) or (value . weight), but got ((a b))
(dist-from-list '((a 1 2)))                                      ⇒ dist-from-list: argument 1 must be a list of (value weight) or (value . weight), but got ((a 1 2))
(dist-from-list '((a . +inf.0)))                                 ⇒ dist-from-list: argument 1 must be a list of (value weight) or (value . weight), but got ((a . +inf.0))
(dist-sample (dist-from-list '()))                               ⇒ dist-sample: argument 1 must be a distribution with a weight above 0, but got #<dist support: ()>
(dist-sample (dist 1) "x")                                       ⇒ dist-sample: argument 2 must be an exact integer, but got "x"
(dist-topk (dist 1) -1)                                          ⇒ dist-topk: argument 2 must be a non-negative exact integer, but got -1
"""),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert error_of(program) == message


def test_samples_come_as_often_as_the_weights_say() -> None:
    program = START + "(map (lambda (s) (dist-sample d s)) (iota 1000))"
    found = value_of(program).strip("()").split()
    assert [abs(found.count(name) - expected) < 60 for name, expected in (("a", 100), ("b", 500), ("c", 400))] == [
        True,
        True,
        True,
    ]


def test_equal_values_are_counted_as_one() -> None:
    made = counted(["x", "y", "x", 1, 1.0, True])
    assert isinstance(made, Distribution)
    assert write_text(made) == '#<dist support: (("x" . 2) ("y" . 1) (1 . 2) (#t . 1))>'
    assert made.entries[0] == ("x", 2)
