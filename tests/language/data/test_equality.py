"""eq?, eqv? and equal? where they are told apart, and where Omega's differ from other Schemes'."""

from __future__ import annotations

import pytest

from tests.support.omega import table, value_of


@pytest.mark.parametrize(
    ("a", "b", "answers"),
    [
        ("'a", "'a", "(#t #t #t)"),
        ("'a", "'b", "(#f #f #f)"),
        ("'()", "'()", "(#t #t #t)"),
        ("'()", "#f", "(#f #f #f)"),
        ("2", "2", "(#t #t #t)"),
        ("2", "2.0", "(#t #t #t)"),
        ("2", "3", "(#f #f #f)"),
        ("2", '"2"', "(#f #f #f)"),
        ("0.0", "-0.0", "(#t #t #t)"),
        ("+nan.0", "+nan.0", "(#t #t #t)"),
        ("100000000000000000000", "100000000000000000000", "(#t #t #t)"),
        ("1", "#t", "(#f #f #f)"),
        ("0", "#f", "(#f #f #f)"),
        (r"#\a", '(string-ref "a" 0)', "(#t #t #t)"),
        (r"#\a", '"a"', "(#f #f #f)"),
        ('"abc"', '(string-append "ab" "c")', "(#t #t #t)"),
        ('""', "'||", "(#f #f #f)"),
        ("(cons 1 2)", "(cons 1 2)", "(#f #f #t)"),
        ("(list 1 2.0)", "(list 1.0 2)", "(#f #f #t)"),
        ("(list 1 '(2 #(3)))", "(list 1 (list 2 (vector 3)))", "(#f #f #t)"),
        ("(vector)", "(vector)", "(#f #f #t)"),
        ("(vector 1 2)", "(list 1 2)", "(#f #f #f)"),
        ("(bytevector 1)", "(bytevector 1)", "(#f #f #t)"),
        ("(bytevector 1)", "(vector 1)", "(#f #f #f)"),
        ("(hash-table)", "(hash-table)", "(#f #f #f)"),
        ("(lambda (x) x)", "(lambda (x) x)", "(#f #f #f)"),
        ("car", "car", "(#t #t #t)"),
        ("(open-input-string \"\")", "(open-input-string \"\")", "(#f #f #f)"),
        ("(eof-object)", "(eof-object)", "(#t #t #t)"),
        ("'k:", "':k", "(#t #t #t)"),
        ("'k", "'k:", "(#f #f #f)"),
    ],
)  # fmt: skip
def test_predicates(a: str, b: str, answers: str) -> None:
    assert value_of(f"(let ((a {a}) (b {b})) (list (eq? a b) (eqv? a b) (equal? a b)))") == answers
    assert value_of(f"(let ((b {a}) (a {b})) (list (eq? a b) (eqv? a b) (equal? a b)))") == answers
    assert value_of(f"(let ((a {a})) (list (eq? a a) (eqv? a a) (equal? a a)))") == "(#t #t #t)"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(equal? '#0=(a b . #0#) '#1=(a b a b . #1#))                     ⇒ #t
(equal? '#0=(a b . #0#) '#1=(a b c . #1#))                       ⇒ #f
(equal? '#0=#(1 #0#) '#1=#(1 #(1 #1#)))                          ⇒ #t
(equal? '#0=(1 . #0#) '(1 1 1))                                  ⇒ #f
(define (ring n) (apply circular-list (map (lambda (i) (modulo i 2)) (iota n)))) (equal? (ring 20000) (ring 20002)) ⇒ #t
(define (tree n) (if (= n 0) '(1) (let ((t (tree (- n 1)))) (cons t t)))) (equal? (tree 100) (tree 100)) ⇒ #t
(define (tree n x) (if (= n 0) x (let ((t (tree (- n 1) x))) (vector t t)))) (equal? (tree 60 1) (tree 60 2)) ⇒ #f
"""),
)
def test_circular_and_shared_structures(program: str, value: str) -> None:
    assert value_of(program) == value
