"""match: which values patterns match, what they bind, and what is evaluated; case-lambda."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest
from omega_runtime.values.pairs import make_list

from omegac.pipeline import verify
from omegac.source import Source
from tests.support.agreement import check_agreement
from tests.support.omega import NAME, compiled, error_of, findings_of, output_of, python_of, rendered, table, value_of

# The second one makes what follows code whose continuations can be entered again, which must not change anything.
MODES = pytest.mark.parametrize("mode", ["", "(define entered (call/cc (lambda (k) k)))\n"], ids=["plain", "reentrant"])

RECORDS = """
(define-record-type point (make-point x y) point? (x point-x) (y point-y set-point-y!))
(define-record-type <empty> (make-empty) empty?)
"""

MATCHES = table(r"""
;; Literals, names, and what stands for anything.
(match 5 (5 'five))                                              ⇒ five
(match 5.0 (5 'five))                                            ⇒ five
(match "a" ("b" 1) ("a" 2))                                      ⇒ 2
(match #\a (#\b 1) (#\a 2))                                      ⇒ 2
(match #f (#t 1) (#f 2))                                         ⇒ 2
(match 'model: (model: 1))                                       ⇒ 1
(match 5 (x (* x x)))                                            ⇒ 25
(match 5 (_ 'any))                                               ⇒ any
(match 5 (4 1) (else 2))                                         ⇒ 2
(match 5 (else (cond (#f 1) (else 2))))                          ⇒ 2
(match 'a ('b 1) ('a 2))                                         ⇒ 2
(match '(1 #(2 "x")) ('(1 #(2 "x")) 'same))                      ⇒ same
(match '() ('() 'empty))                                         ⇒ empty
(match '() (() 'empty))                                          ⇒ empty
(match 1 (1 2 3 4))                                              ⇒ 4
(match 1 (x (define y (+ x 1)) (* 2 y)))                         ⇒ 4
;; Lists.
(match '(1 2) ((a b) (list b a)))                                ⇒ (2 1)
(match '(1 2) ((list a b) (list b a)))                           ⇒ (2 1)
(match '(1 2 3) ((a b) 1) ((a b c) 2))                           ⇒ 2
(match '(1 2 . 3) ((a b) 1) ((a b . c) (list a b c)))            ⇒ (1 2 3)
(match '(1 2 3) ((a . rest) rest))                               ⇒ (2 3)
(match '(1) ((a b . rest) 1) ((a . rest) rest))                  ⇒ ()
(match '(1 . 2) ((cons a b) (list a b)))                         ⇒ (1 2)
(match '(1 2) ((cons a (cons b '())) (list a b)))                ⇒ (1 2)
(match 5 ((a . b) 1) (_ 2))                                      ⇒ 2
(match '(1 . end) ((a . 'end) a))                                ⇒ 1
(match '(1 b 2) ((a . `(b ,c)) (list a c)))                      ⇒ (1 2)
(match '(1 2 3 4 5 6 7) ((a b c d e f g) (list a f g)))          ⇒ (1 6 7)
(match '((1 2) (3 (4))) (((a b) (c (d))) (list a b c d)))        ⇒ (1 2 3 4)
(match '((1 2) 3) (((a b) (c)) 1) (((a b) c) 2))                 ⇒ 2
(match '(+ 1 2) (('- a b) (- a b)) (('+ a b) (+ a b)))           ⇒ 3
(match '(a "b" 3 #\c) (('a "b" 3 #\c) 1))                        ⇒ 1
(match '(1 (2 3)) ((a (list b c)) (+ a b c)))                    ⇒ 6
(match '(list 1) (('list a) a))                                  ⇒ 1
;; A name that stands twice.
(match '(1 1) ((a a) 'same) (_ 'different))                      ⇒ same
(match '(1 2) ((a a) 'same) (_ 'different))                      ⇒ different
(match '((1 2) (1 2)) ((a a) a))                                 ⇒ (1 2)
(match '(1 (1 2)) ((a (a b)) b))                                 ⇒ 2
;; Any number of elements.
(match '(1 2 3) ((x ...) x))                                     ⇒ (1 2 3)
(match '() ((x ...) x))                                          ⇒ ()
(match '(1 . 2) ((x ...) 1) (_ 2))                               ⇒ 2
(match '(let 1 2 3) (('let x ...) x))                            ⇒ (1 2 3)
(match '(1 2 3) ((x ... y) (list x y)))                          ⇒ ((1 2) 3)
(match '(1 2 3 4) ((a x ... y z) (list a x y z)))                ⇒ (1 (2) 3 4)
(match '(1 2) ((a x ... y z) 1) (_ 2))                           ⇒ 2
(match '((a 1) (b 2)) (((names values) ...) (list names values)))  ⇒ ((a b) (1 2))
(match '() (((names values) ...) (list names values)))           ⇒ (() ())
(match '((a 1) b) (((names values) ...) 1) (_ 2))                ⇒ 2
(match '(1 2 a) (((? number? n) ...) 1) (((? number? n) ... x) (list n x)))  ⇒ ((1 2) a)
(match '(1 2) (((? number?) ...) 'numbers))                      ⇒ numbers
(match '(1 a) ((_ ...) 'list))                                   ⇒ list
(match '(((1 2) (3)) ((4))) ((((x ...) ...) ...) x))             ⇒ (((1 2) (3)) ((4)))
(match '(a (a 1) (a 2)) ((k (k v) ...) v))                       ⇒ (1 2)
(match '(a (a 1) (b 2)) ((k (k v) ...) v) (_ 'no))               ⇒ no
;; Vectors.
(match #(1 2) (#(a b) (list b a)))                               ⇒ (2 1)
(match #(1 2) ((vector a b) (list b a)))                         ⇒ (2 1)
(match #(1 2 3) (#(a b) 1) (#(a b c) 2))                         ⇒ 2
(match '(1 2) (#(a b) 1) (_ 2))                                  ⇒ 2
(match #(1 2 3) (#(a x ...) (list a x)))                         ⇒ (1 (2 3))
(match #(1 2 3) (#(x ... z) (list x z)))                         ⇒ ((1 2) 3)
(match #() (#() 'empty))                                         ⇒ empty
(match #((a 1) (b 2)) (#((k v) ...) (list k v)))                 ⇒ ((a b) (1 2))
;; Predicates, procedures, and, or, not.
(match 5 ((? string?) 1) ((? number?) 2))                        ⇒ 2
(match 5 ((? number? n) (* 2 n)))                                ⇒ 10
(match '(1 2) ((? list? (a b) (c . d)) (list a b c d)))          ⇒ (1 2 1 (2))
(match 5 ((? (lambda (x) (> x 3)) n) n))                         ⇒ 5
(match -5 ((= abs 5) 'five))                                     ⇒ five
(match "abc" ((= string-length n) n))                            ⇒ 3
(match '(1 "abc") ((a (= string-length (? odd? n))) (list a n)))  ⇒ (1 3)
(match '(1 #f) ((a (= not b)) b))                                ⇒ #t
(match '(1 5) ((a (= not #f)) 'false))                           ⇒ false
(match '(1 2) ((and whole (a b)) (list whole a b)))              ⇒ ((1 2) 1 2)
(match 5 ((and) 'any))                                           ⇒ any
(match 5 ((or 4 5 6) 'near))                                     ⇒ near
(match 7 ((or 4 5 6) 1) (_ 2))                                   ⇒ 2
(match '(a 1) ((or (x 'a) ('a x)) x))                            ⇒ 1
(match '(1 a) ((or (x 'a) ('a x)) x))                            ⇒ 1
(match '(c 3) ((or ('a x) ('b x) ('c x)) x))                     ⇒ 3
(match '(1 (b 2)) ((a (or ('a x) ('b x))) (list a x)))           ⇒ (1 2)
(match '((a 1) (2 a)) (((or ('a x) (x 'a)) ...) x))              ⇒ (1 2)
(match 5 ((not 4) 'other))                                       ⇒ other
(match 4 ((not 4) 'other) (_ 'four))                             ⇒ four
(match '(1 2) ((a (not (? string?))) a))                         ⇒ 1
(match '(1 2) ((and (not (_)) (not (_ _ _))) 'two))              ⇒ two
;; Quasiquoted patterns.
(match '(a 1) (`(a ,x) x))                                       ⇒ 1
(match '(a 1) (`(b ,x) 1) (`(a ,x) 2))                           ⇒ 2
(match '(a 1 2) (`(a . ,rest) rest))                             ⇒ (1 2)
(match '(a 1 2) (`(a ,@rest) rest))                              ⇒ (1 2)
(match '(a 1 2) (`(a ,x ...) x))                                 ⇒ (1 2)
(match '(a (b 2) #(3)) (`(a (b ,x) #(,y)) (list x y)))           ⇒ (2 3)
(match 'a (`a 1))                                                ⇒ 1
(match '(a 1) (`(a ,(? number? n)) n))                           ⇒ 1
(match '(let ((x 1) (y 2)) body) (`(let ((,names ,values) ...) ,body) (list names values body)))  ⇒ ((x y) (1 2) body)
;; Records.
(match (make-point 1 2) (($ point a b) (list a b)))              ⇒ (1 2)
(match (make-point 1 2) (($ point 2 b) 1) (($ point 1 b) 2))     ⇒ 2
(match 5 (($ point a b) 1) (_ 2))                                ⇒ 2
(match (list (make-point 1 2) (make-point 3 4)) ((($ point a b) ...) (list a b)))  ⇒ ((1 3) (2 4))
(match (list (make-point 1 2)) ((($ point a b)) b))              ⇒ 2
(match (make-empty) (($ point a b) 1) (($ <empty>) 2))           ⇒ 2
(match (make-point '(1 2) 3) (($ point (a b) c) (list a b c)))   ⇒ (1 2 3)
(define (f) (define-record-type box (mk v) box? (v get)) (match (mk 1) (($ box v) v))) (f)  ⇒ 1
;; Guards.
(match 5 (n when (> n 9) 'large) (n when (> n 3) 'middle) (n 'small))  ⇒ middle
(match '(1 2) ((a b) when (> a b) 'down) ((a b) 'up))            ⇒ up
(match '(2 1) ((a b) when (> a b) (define c (- a b)) c))         ⇒ 1
(match '(3 1 2) ((a x ...) when (= a (apply + x)) x))            ⇒ (1 2)
;; Names of the program.
(define (f list) (match list ((list a b) a))) (f '(1 2))         ⇒ 1
(define (first x) 'mine) (match '(1 2) ((a b) (first a)))        ⇒ mine
(define (f x) (match x ((a . b) (+ a (f b))) (_ 0))) (f '(1 2 3))  ⇒ 6
(define (loop n) (match n (0 'done) (_ (loop (- n 1))))) (loop 100000)  ⇒ done
(define x 5) (match 1 (x x))                                     ⇒ 1
(define-syntax my-match (syntax-rules () ((_ v) (match v ((a b) (list b a)))))) (my-match '(1 2))  ⇒ (2 1)
(define-syntax swap (syntax-rules () ((_ v p) (match v ((p tmp) (list tmp p)))))) (swap '(1 2) tmp)  ⇒ (2 1)
(define (match x) (list 'mine x)) (match 5)                      ⇒ (mine 5)
(map (lambda (x) (match x ((a) (lambda () a)))) '((1) (2)))      ⇒ (#<procedure> #<procedure>)
(map (lambda (f) (f)) (map (lambda (x) (match x ((a) (lambda () a)))) '((1) (2))))  ⇒ (1 2)
""")


@MODES
@pytest.mark.parametrize(("program", "value"), MATCHES)
def test_what_matches(program: str, value: str, mode: str) -> None:
    assert value_of(mode + RECORDS + program) == value


@pytest.mark.parametrize("program", [case.values[0] for case in MATCHES])
def test_every_way_to_run_a_program_ends_alike(program: str) -> None:
    assert check_agreement(RECORDS + str(program)).error is None
    verify(Source(NAME, RECORDS + str(program)))


@pytest.mark.parametrize(
    ("program", "output"),
    table(r"""
;; The value, and the procedures of patterns, are evaluated once, and none after the clause that matched.
(match (begin (display "v") 5) (4 1) (5 2))                      ⇒ v
(match 5 ((? (lambda (x) (display "a") #f)) 1) ((? (lambda (x) (display "b") #t)) 2) ((? (lambda (x) (display "c") #t)) 3))  ⇒ ab
(match '(1 2) ((a (= (lambda (x) (display "f") (list x x)) (b c))) (+ a b c)))  ⇒ f
(match '(1 2) ((or (1 (? (lambda (x) (display "p") #t) x)) (x 2)) x))  ⇒ p
(match '(1 2) ((a b) when (begin (display "g") #f) 1) (_ 2))     ⇒ g
(match '(1 2 3) (((= (lambda (x) (display x) x) n) ...) n))      ⇒ 123
(match '(x 2) (((? number?) (? (lambda (x) (display "never") #t))) 1) (_ 2))  ⇒
"""),
)
def test_what_is_evaluated(program: str, output: str) -> None:
    assert output_of(program) == output


def test_lists_of_python_are_lists_at_any_depth() -> None:
    names: dict[str, object] = {}
    program = """
    (define (f v)
      (match v
        (('a (x y)) 'symbol)
        (("a" (x y) . rest) (list x y rest))
        (("b" (k v) ...) (list k v))))"""
    exec(compiled(program).code(), names)
    f = names["f"]
    assert callable(f)
    assert f(["a", [1, 2], 3, 4]) == f(("a", make_list(1, 2), 3, 4)) == [1, 2, [3, 4]]
    assert f(["b", [1, 2], (3, 4)]) == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(match 5 (4 1))                                                  ⇒ match: no clause matches 5
(match '(1 2) ((a) a) ((a b) when #f a))                         ⇒ match: no clause matches (1 2)
(match 'a ((= car x) x))                                         ⇒ car: argument 1 must be a pair, but got a
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


def test_the_error_shows_where_the_match_stands() -> None:
    program = "(define (f x)\n  (match x\n    (1 'one)))\n(guard (e (#t (condition/report-string e))) (f 2))"
    assert value_of(program) == '"match: no clause matches 2"'


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(match 5)                                                        ⇒ 1:1: error: malformed match: expected (match expression (pattern [when guard] body …) …)
(match 5 (x))                                                    ⇒ 1:10: error: malformed match: expected (match expression (pattern [when guard] body …) …)
(match 5 (x when 1))                                             ⇒ 1:10: error: malformed match: expected (match expression (pattern [when guard] body …) …)
(match 5 x)                                                      ⇒ 1:10: error: malformed match: expected (match expression (pattern [when guard] body …) …)
(match 5 ((... x) 1))                                            ⇒ 1:12: error: a list pattern has one ..., behind the pattern that it repeats
(match 5 ((x ... y ...) 1))                                      ⇒ 1:20: error: a list pattern has one ..., behind the pattern that it repeats
(match 5 ((x ... . y) 1))                                        ⇒ 1:14: error: a list pattern has either ... or a dot
(match 5 (... 1))                                                ⇒ 1:11: error: ... stands behind a pattern in a list or vector
(match 5 ((cons a) 1))                                           ⇒ 1:11: error: malformed pattern: expected (cons pattern pattern)
(match 5 ((?) 1))                                                ⇒ 1:11: error: malformed pattern: expected (? predicate pattern …)
(match 5 ((or (a 1) b) 1))                                       ⇒ 1:10: error: the patterns of an or bind the same names
(match 5 ((not x) 1))                                            ⇒ 1:10: error: a pattern inside of a not binds nothing, but x is a name
(match 5 (($ point x) 1))                                        ⇒ 1:14: error: point is no record type of this program
(define-record-type p (mk a b) p? (a a-of) (b b-of)) (match 5 (($ p x) 1))  ⇒ 1:63: error: p has 2 fields, but the pattern 1
(match 5 (x 1) (y 2))                                            ⇒ 1:16: warning: the clauses from here on are never reached
(match 5 (x 1) (y (zz)))                                         ⇒ 1:16: warning: the clauses from here on are never reached
"""),
)
def test_findings(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]


def test_the_help_says_what_to_write() -> None:
    assert "write _" in rendered("(match 5 ((not x) 1))")


def test_the_python_reads_like_the_patterns() -> None:
    python = python_of("(define (f e) (match e (('add x 0) x) ((a . rest) rest)))")
    assert "    if is_list_of(value, 3) and first(value) is ADD and is_equal(third(value), 0):\n" in python
    assert "        x = second(value)\n" in python


CASES = table(r"""
(define area (case-lambda ((r) (* r r)) ((w h) (* w h)))) (list (area 3) (area 3 4))  ⇒ (9 12)
(define f (case-lambda (() 0) ((a . more) (list a more)))) (list (f) (f 1) (f 1 2))  ⇒ (0 (1 ()) (1 (2)))
(define f (case-lambda ((a) 'one) (all all))) (list (f 1) (f) (f 1 2))  ⇒ (one () (1 2))
(define f (case-lambda (all 'first) ((a) 'never))) (f 1)         ⇒ first
((case-lambda ((a) a) ((a b) (+ a b))) 1 2)                      ⇒ 3
(define f (case-lambda ((n) (f n 0)) ((n acc) (if (= n 0) acc (f (- n 1) (+ acc n)))))) (f 200)  ⇒ 20100
(map (case-lambda ((x) (* 10 x)) ((x y) (+ x y))) '(1 2) '(3 4)) ⇒ (4 6)
(apply (case-lambda ((x) 'one) ((x y) 'two)) '(1 2))             ⇒ two
(define f (case-lambda ((a) (define b (* 2 a)) b))) (f 4)        ⇒ 8
(define (make n) (case-lambda (() n) ((m) (set! n m) n))) (define c (make 1)) (list (c) (c 5) (c))  ⇒ (1 5 5)
(define f (case-lambda ((a) a))) f                               ⇒ #<procedure f>
(let ((g (case-lambda ((a) a)))) (procedure? g))                 ⇒ #t
""")


@MODES
@pytest.mark.parametrize(("program", "value"), CASES)
def test_case_lambda(program: str, value: str, mode: str) -> None:
    assert value_of(mode + program) == value
    assert check_agreement(program).error is None


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(define f (case-lambda ((a) 1) ((a b) 2))) (f)                   ⇒ f: no clause takes 0 arguments
(define f (case-lambda ((a) 1) ((a b) 2))) (f 1 2 3)             ⇒ f: no clause takes 3 arguments
((case-lambda ((a b) 1)) 1)                                      ⇒ case-lambda: no clause takes 1 argument
"""),
)
def test_calls_that_no_clause_takes(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(case-lambda)                                                    ⇒ 1:1: error: malformed case-lambda: expected (case-lambda (formals body …) …)
(case-lambda (x))                                                ⇒ 1:14: error: malformed case-lambda: expected (case-lambda (formals body …) …)
(case-lambda ((x x) 1))                                          ⇒ 1:18: error: duplicate parameter x
"""),
)
def test_malformed_case_lambdas(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]


def test_a_tail_call_of_a_case_takes_no_stack() -> None:
    loop = "(define f (case-lambda ((n) (f n 0)) ((n acc) (if (= n 0) acc (f (- n 1) (+ acc n))))))"
    assert value_of(f"{loop} (f 100000)") == "5000050000"
