# ruff: noqa: E501 - a case stands on one line
"""Programs whose control flow or data are easily taken for less than they are: bounds hold all the same."""

from __future__ import annotations

from random import Random

import pytest

from omegac.analyse.cost import algebra
from tests.omegac.cost.programs import DEFINITIONS, Argument, sizes_of, written
from tests.omegac.cost.running import spent
from tests.omegac.cost.test_bounds import bound_of, bounds, calls
from tests.support.omega import table

# A program, and the calls that a run may make; a run of it keeps to them and to the tokens.
RUNS = table("""
;; several values
(call-with-values (lambda () (floor/ 7 2)) (lambda (q r) (for-each ask (iota q))))        ⇒ 3
(call-with-values (lambda () (truncate/ 7 2)) (lambda (q r) (for-each ask (iota q))))     ⇒ 3
(call-with-values (lambda () (list 1 2)) (lambda (xs) (for-each ask xs)))                 ⇒ 2
(call-with-values (lambda () (exact-integer-sqrt 9)) (lambda (s r) (for-each ask (iota s))))  ⇒ 0 .. 9
(call-with-values (lambda () (hash-table-ref (hash-table 1 2) 1)) (lambda (x) (ask x)))   ⇒ 1
(for-each ask (let-values (((a b) (partition string? '("a" "b" 1)))) a))                  ⇒ 0 .. 3
(let-values ((xs (values "a" "b"))) (for-each ask xs))                                    ⇒ 2
(apply map ask (list (list "a" "b")))                                                     ⇒ 2
(apply map ask (list (vector->list (vector-map (lambda (x) x) (vector 1)))))              ⇒ 1
;; what procedures give
(for-each ask (list-copy '("aaaa" "b")))                                                  ⇒ 2
(if (= (string-length (car (list-copy '("a" "bbb")))) 1) (ask "x") 0)                     ⇒ 0 .. 1
(if (member "z" '("a")) 0 (ask "x"))                                                      ⇒ 0 .. 1
(if (string->number "z") 0 (ask "x"))                                                     ⇒ 0 .. 1
(if (pair? (vector 1)) 0 (ask "x"))                                                       ⇒ 1
(if (null? (vector)) 0 (ask "x"))                                                         ⇒ 1
(if (eqv? 1 1.0) 0 (ask "x"))                                                             ⇒ 0 .. 1
(for-each ask (iota (exact (round 2.7))))                                                 ⇒ 2 .. 3
(ask (or (find-tail string? '("aa" "bb" "cc")) "no"))                                     ⇒ 1
(for-each ask (or (any (lambda (x) '("a" "b")) '(1)) '()))                                ⇒ 0 .. unknown
(for-each ask (reduce (lambda (sum x) sum) '() '((1 2) (3))))                             ⇒ 2
(ask (car (fold (lambda (sum x) (cons (string-append (car sum) x) 1)) (cons "" 1) (delete "z" '("aaa" "bbb" "c")))))  ⇒ 1
(fold (lambda (sum x) (if (< sum 0) (ask x) 0) (- sum 1)) 0 (delete "z" '("a" "b" "c")))  ⇒ 0 .. 3
(define-record-type r (make-r a) r? (a r-a)) (ask (r-a (make-r "a")))                     ⇒ 1
;; what is changed
(define v (vector "a" "b")) (vector-set! v 0 "longer than it was") (for-each ask (vector->list v))  ⇒ 2
(define l (list "a")) (set-cdr! l (list "b" "c")) (for-each ask l)                        ⇒ 0 .. unknown
(define (f v) (vector-set! v 0 "longer than it was") (ask (vector-ref v 0))) (f (vector 1 2))  ⇒ 1
;; continuations
(define k #f) (define n 0) (call/cc (lambda (c) (set! k c))) (ask "x") (set! n (+ n 1)) (if (< n 3) (k 0))  ⇒ 1 .. unknown
(let ((k (call/cc (lambda (c) c)))) (ask "x") (if (procedure? k) (k 1) 0))                ⇒ 1 .. unknown
(for-each ask (call/cc (lambda (k) (sort '(2 1) (lambda (a b) (k '(1 2 3)))) '())))       ⇒ 0 .. unknown
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k 0)) (lambda () (error "x"))))) (ask "y")  ⇒ 1
(with-exception-handler (lambda (e) 1) (lambda () (raise-continuable 'x) (ask "a")))      ⇒ 1
(for-each ask (call/cc (lambda (k) (dynamic-wind (lambda () 0) (lambda () '()) (lambda () (k '(1 2)))))))  ⇒ 2
;; recursion
(define (f xs) (guard (e (#t (f (cdr xs)))) (ask "x") (f (cdr xs)))) (guard (e (#t 0)) (f (delete "z" '("a" "b"))))  ⇒ 0 .. 7
(define (f xs) (ask "x") (let ((rest (cdr xs))) (guard (e (#t 0)) (f rest)) (guard (e (#t 0)) (f rest)))) (guard (e (#t 0)) (f (delete "z" '("a" "b"))))  ⇒ 0 .. 7
(define (f n) (if (> n 5) (ask "x") (g n))) (define (g n) (if (> n 3) (f (+ n 1)) (g (+ n 1)))) (f (length (delete "z" '("a"))))  ⇒ 0 .. unknown
(define (f n) (if (= n 0) 0 (- (f (- n 1)) 1))) (if (< (f (length (delete 0 '(1 2)))) 0) (ask "x") 0)  ⇒ 0 .. 1
(define (f n) (if (= n 0) (ask "x")) (if (> n 0) (f (- n 1)))) (for-each ask (iota (count even? '(1 2 3))))  ⇒ 0 .. 3
(let loop ((i (length (delete 1 '(1 2 3))))) (if (> i 0) (begin (ask "x") (loop (- i 1)))))  ⇒ 0 .. 3
(let loop ((i 0)) (if (< i 3) (begin (ask "x") (loop (+ i 0.5)))))                        ⇒ 6
(define (f xs) (cond ((null? xs) (ask 1)) ((even? 0) 0) (else (f (cdr xs))))) (f '(1))    ⇒ 0 .. 1
""")


@pytest.mark.parametrize(("program", "expected"), RUNS)
def test_a_run_keeps_to_its_bounds(program: str, expected: str) -> None:
    run = bounds(DEFINITIONS + program).run
    made = spent(DEFINITIONS + program)
    low, high = (algebra.constant(each) for each in (run.low.calls, run.high.calls))
    tokens = algebra.constant(run.high.tokens)
    assert low is not None
    assert high is not None
    assert tokens is not None
    assert low <= made.calls <= high
    assert made.tokens <= tokens
    assert made.has_ended
    assert calls(run) == expected


# Each defines f; ⇒ the calls that it makes.
GIVEN = table("""
(define (f xs) (if (= (car xs) (cadr xs)) 0 (ask "x")))                                   ⇒ 0 .. 1
(define (f xs) (if (< (length (car xs)) (length (cadr xs))) (ask "x") 0))                 ⇒ 0 .. 1
(define (f lists) (for-each (lambda (l) (for-each ask l)) lists))                         ⇒ 0 .. len(lists)·len(lists[])
(define (f numbers) (for-each (lambda (n) (for-each ask (iota n))) numbers))              ⇒ 0 .. len(numbers)·numbers[]
(define (f g) (if (= (g 1) (g 2)) 0 (ask "x")))                                           ⇒ 0 .. 2·calls(g) + 1
(define (f t) (if (= (h t) (h t)) 0 (ask "x"))) (define (h t) (if (null? t) 0 (max (car t) (h (cdr t)))))  ⇒ 0 .. 1
(define (f n) (if (< n 2) n (let ((a (f (- n 1))) (b (f (- n 2)))) (if (= a b) 0 (begin (ask n) n)))))  ⇒ 0 .. 2^max(0, n - 1) - 1
""")


@pytest.mark.parametrize(("program", "expected"), GIVEN)
def test_several_of_one_name_are_not_the_same(program: str, expected: str) -> None:
    assert calls(bound_of(DEFINITIONS + program, "f")) == expected


# Walks over trees; ⇒ the calls of f.
TREES = table("""
(define (f t) (if (pair? t) (+ (f (car t)) (f (cdr t))) (begin (ask t) 1)))               ⇒ pairs(t) + 1
(define (f t) (cond ((null? t) 0) ((pair? t) (+ (f (car t)) (f (cdr t)))) (else (ask t) 1)))  ⇒ 0 .. pairs(t) + 1
(define (f t) (ask "x") (if (pair? t) (begin (f (car t)) (f (cdr t)))))                   ⇒ 2·pairs(t) + 1
(define (f t) (ask "x") (f (car t)) (f (cdr t)))                                          ⇒ 0 .. 2·pairs(t) + 1
(define (f t) (ask t) (guard (e (#t 0)) (let ((a (car t)) (b (cdr t))) (f a) (f b))))     ⇒ 0 .. 2·pairs(t) + 1
(define (f t) (if (pair? t) (begin (ask (car t)) (f (car t)))))                           ⇒ 0 .. pairs(t)
(define (f t) (if (pair? t) (begin (ask (car t)) (if (pair? (car t)) (f (car t)) (f (cdr t))))))  ⇒ 0 .. pairs(t)
(define (f t) (if (pair? t) (begin (f (caar t)) (f (cdar t)) (f (cdr t))) (ask t)))       ⇒ 0 .. 2·pairs(t) + 1
(define (f t) (if (pair? t) (append (f (car t)) (f (cdr t))) (list (ask t))))             ⇒ pairs(t) + 1
(define (f t) (g t 0)) (define (g t n) (if (pair? t) (begin (g (car t) (+ n 1)) (g (cdr t) n)) (begin (ask t) (for-each ask (iota n)))))  ⇒ pairs(t) + 1 .. (pairs(t) + 1)²
(define (f t) (if (pair? t) (begin (f (car t)) (f (car t))) (ask t)))                     ⇒ 0 .. unknown
(define (f t) (if (pair? t) (begin (f t) (f (cdr t))) (ask t)))                           ⇒ 0 .. unknown
""")


def tree(random: Random, depth: int) -> Argument:
    """A list of texts, numbers and lists."""
    if depth == 0 or random.random() < 0.3:
        return random.choice(["", "ab", "ä", 3, 0])
    return [tree(random, depth - 1) for _ in range(random.randint(0, 3))]


@pytest.mark.parametrize(("program", "expected"), TREES)
def test_walks_over_trees(program: str, expected: str) -> None:
    bound = bound_of(DEFINITIONS + program, "f")
    assert calls(bound) == expected
    random = Random(1)
    for _ in range(12 if "unknown" not in expected else 0):
        value = tree(random, 3)
        made = spent(f"{DEFINITIONS}{program}(f {written(value)})")
        sizes = sizes_of(value, "t")
        low, high, tokens = (
            algebra.constant(algebra.value_at(each, sizes))
            for each in (bound.low.calls, bound.high.calls, bound.high.tokens)
        )
        assert high is not None is not tokens
        assert made.calls <= high
        assert made.tokens <= tokens
        assert low is not None
        assert not made.has_ended or low <= made.calls


def test_a_list_within_a_prompt_has_parentheses_and_blanks() -> None:
    program = "(define (f a) (effect infer.op (list 1 (list a (list a a) #t)) max-tokens: 1))"
    # 24 bytes for the number, and "(a (a a) #t)"
    assert algebra.text(bound_of(program, "f").high.tokens) == "3·(bytes(a) + 22)"
    assert spent(program + '(f "abc")').tokens - 1 == len("1(abc (abc abc) #t)")
