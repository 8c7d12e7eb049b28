"""if, cond, case, when, unless, and, or (R7RS section 4.2.1)."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from tests.support.omega import findings_of, table, value_of

# What each form is, as a value, as a test, as a statement, as a procedure's result and as a loop's.
CONTEXTS = {
    "value": "(define (f x) (list {})) (car (f X))",
    "test": "(define (f x) (let ((v {})) (if {} (list v) (list v)))) (car (f X))",
    "negated test": "(define (f x) (let ((v {})) (if (not {}) v v))) (f X)",
    "result": "(define (f x) {}) (f X)",
    "top level": "(define x X) {}",
    "loop": "(define (f x) (let loop ((i 0)) (if (< i 2) (loop (+ i 1)) {}))) (f X)",
    "assigned": "(define (f x) (define r 0) (set! r {}) r) (f X)",
    "in a closure": "(define (f x) (lambda () {})) ((f X))",
    "unused, then value": "(define (f x) {} {}) (f X)",
    "operand after another": "(define (f x) (vector 1 {} 2)) (vector-ref (f X) 1)",
    "captured": "(define (f x) (let ((g (lambda () x))) (g) (set! x x) {})) (f X)",
}


@pytest.mark.parametrize(
    ("expression", "value"),
    table(r"""
x = 5    (if (> x 2) 'yes 'no)                                        ⇒ yes
x = 1    (if (> x 2) 'yes 'no)                                        ⇒ no
x = 5    (if (> x 2) (- x 2) (+ x 2))                                 ⇒ 3
x = 5    (if x 'yes 'no)                                              ⇒ yes
x = 0    (if x 'yes 'no)                                              ⇒ yes
x = ""   (if x 'yes 'no)                                              ⇒ yes
x = '()  (if x 'yes 'no)                                              ⇒ yes
x = #()  (if x 'yes 'no)                                              ⇒ yes
x = 0.0  (if x 'yes 'no)                                              ⇒ yes
x = (void)  (if x 'yes 'no)                                           ⇒ yes
x = (make-hash-table)  (if x 'yes 'no)                                ⇒ yes
x = #f   (if x 'yes 'no)                                              ⇒ no
x = #t   (if x 'yes 'no)                                              ⇒ yes
x = #f   (if (not x) 'yes 'no)                                        ⇒ yes
x = 0    (if (not x) 'yes 'no)                                        ⇒ no
x = '()  (if (or x #f) 'yes 'no)                                      ⇒ yes
x = '()  (if (and x 1) 'yes 'no)                                      ⇒ yes
x = 1    (if (if (> x 0) x #f) (if (< x 0) 'a 'b) 'c)                 ⇒ b
x = 1    (if (let ((y x)) (> y 0)) 'yes 'no)                          ⇒ yes
x = 1    (if (begin (set! x 2) (> x 1)) x 'no)                        ⇒ 2
x = 3    (cond ((> x 2) 'greater) ((< x 2) 'less))                    ⇒ greater
x = 1    (cond ((> x 2) 'greater) ((< x 2) 'less))                    ⇒ less
x = 2    (cond ((> x 2) 'greater) ((< x 2) 'less) (else 'equal))      ⇒ equal
x = 'b   (cond ((assv x '((a 1) (b 2))) => cadr) (else #f))           ⇒ 2
x = 'c   (cond ((assv x '((a 1) (b 2))) => cadr) (else #f))           ⇒ #f
x = 5    (cond ((memv x '(4 5 6))) (else 'none))                      ⇒ (5 6)
x = 7    (cond ((memv x '(4 5 6))) (else 'none))                      ⇒ none
x = 7    (cond (#f 1) (x))                                            ⇒ 7
x = 7    (cond (x => (lambda (y) (set! y (+ y 1)) y)))             ⇒ 8
x = 7    (cond ((= x 1) 1) ((= x 7) 'a 'b) (else 3))                  ⇒ b
x = 7    (cond (else 1 2 x))                                          ⇒ 7
x = 7    (let ((=> #f)) (cond (#t => 'ok)))                           ⇒ ok
x = 7    (let ((else #f)) (cond (else 1) (#t x)))                     ⇒ 7
x = 6    (case x ((2 3 5 7) 'prime) ((1 4 6 8 9) 'composite))         ⇒ composite
x = 'c   (case x ((a e i o u) 'vowel) ((w y) 'semi) (else => (lambda (y) y)))  ⇒ c
x = 'y   (case x ((a e i o u) 'vowel) ((w y) 'semi) (else 'consonant))  ⇒ semi
x = #\a  (case x ((#\b) 1) ((#\a) 2))                                 ⇒ 2
x = '()  (case x ((()) 'nil) (else 'other))                           ⇒ nil
x = #t   (case x ((1) 'one) ((#t) 'true) (else 'other))               ⇒ true
x = 1    (case x ((#t) 'true) ((1) 'one) (else 'other))               ⇒ one
x = #f   (case x ((0) 'zero) ((#f) 'false) (else 'other))             ⇒ false
x = 1.0  (case x ((1) 'one) (else 'other))                            ⇒ one
x = k:   (case x ((k) 'symbol) ((k:) 'keyword))                       ⇒ keyword
x = -5   (case x ((5) 'plus) ((-5) 'minus))                           ⇒ minus
x = 2    (case x ((1) 'one) ((2) => (lambda (y) (* y 10))))           ⇒ 20
x = 2    (case (* x 3) (() 'never) ((6) x x 'six))                    ⇒ six
x = 'else  (case x ((else) 'a) (else 'b))                             ⇒ a
x = 2    (case (let ((y x)) (set! y (+ y 1)) y) ((2) 1) ((3) (case x ((4) 'four) ((2) 'two))))  ⇒ two
x = 5    (when (> x 2) 'a 'b)                                         ⇒ b
x = 5    (unless (> x 9) 'a 'b)                                       ⇒ b
x = 5    (and (= x 5) (> x 1))                                        ⇒ #t
x = 5    (and (= x 5) (< x 1))                                        ⇒ #f
x = 5    (and 1 2 'c '(f g))                                          ⇒ (f g)
x = 5    (and)                                                        ⇒ #t
x = 5    (and x)                                                      ⇒ 5
x = #f   (and x (car x))                                              ⇒ #f
x = '(1)  (and (pair? x) (car x))                                     ⇒ 1
x = 5    (or (= x 5) (car x))                                         ⇒ #t
x = 'b   (or (memq x '(a b c)) (/ 3 0))                               ⇒ (b c)
x = 5    (or)                                                         ⇒ #f
x = 5    (or #f x)                                                    ⇒ 5
x = #f   (or x x #f)                                                  ⇒ #f
x = 0    (or x 1)                                                     ⇒ 0
x = ""   (or x 1)                                                     ⇒ ""
x = '()  (or x 1)                                                     ⇒ ()
x = 0    (and x 1)                                                    ⇒ 1
x = 5    (or (and #f 1) (and x 2))                                    ⇒ 2
x = 5    (and (or #f x) (or #f 3))                                    ⇒ 3
x = 5    (or (let ((y x)) (and (> y 9) y)) (let ((y (+ x 1))) (and (> y 5) y)))  ⇒ 6
x = 5    (and (let ((y x)) (set! y (+ y 1)) y) (or (begin (set! x 5) #f) x))  ⇒ 5
x = 5    (or (guard (e (#t #f)) (raise 1)) (guard (e (#t x)) (raise 1)))  ⇒ 5
x = 5    (cond ((guard (e (#t #f)) (raise 1)) 1) ((do ((i 0 (+ i 1))) ((= i x) i)) => list) (else 3))  ⇒ (5)
x = 5    (if (let loop ((i 0)) (if (< i x) (loop (+ i 1)) (= i 5))) (let loop ((i x)) (if (= i 0) 'end (loop (- i 1)))) 0)  ⇒ end
"""),
)
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_values(context: str, expression: str, value: str) -> None:
    x, body = (part.strip() for part in expression.removeprefix("x = ").split("  ", 1))
    program = context.replace("{}", body).replace("X", x)
    assert value_of(program) == value


@pytest.mark.parametrize(
    "expression",
    ["(if #f 1)", "(cond (#f 1))", "(case 1 ((2) 3))", "(when #f 1)", "(unless #t 1)", "(cond ((assv 1 '()) => car))"],
)
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_without_a_fitting_clause_the_value_is_unspecified(context: str, expression: str) -> None:
    assert value_of(context.replace("{}", expression).replace("X", "0")) == "#<unspecified>"


@pytest.mark.parametrize(
    ("program", "log"),
    table(r"""
(if (t #t) (t 1) (t 2))                                  ⇒ (#t 1)
(if (t #f) (t 1) (t 2))                                  ⇒ (#f 2)
(and (t 1) (t #f) (t 2))                                 ⇒ (1 #f)
(or (t #f) (t 1) (t 2))                                  ⇒ (#f 1)
(cond ((t #f) (t 1)) ((t 2) (t 3)) (else (t 4)))         ⇒ (#f 2 3)
(cond ((t 1) => (begin (t 2) (lambda (x) (t 3)))) (else (t 4)))  ⇒ (1 2 3)
(cond ((t #f) => (begin (t 2) list)) ((t 3)))            ⇒ (#f 3)
(case (t 1) ((1) (t 2)) (else (t 3)))                    ⇒ (1 2)
(case (t 5) ((1) (t 2)) (else => (begin (t 3) t)))       ⇒ (5 3 5)
(when (t #f) (t 1))                                      ⇒ (#f)
(unless (t #f) (t 1) (t 2))                              ⇒ (#f 1 2)
(if (and (t 1) (or (t #f) (t 2))) (t 3))                 ⇒ (1 #f 2 3)
(if (not (or (t #f) (not (t 2)))) (t 3) (t 4))           ⇒ (#f 2 3)
(if (if (t 1) (t #f) (t 2)) (t 3) (t 4))                 ⇒ (1 #f 4)
(list (and (t 1) (t 2)) (or (t #f) (t 3)) (if (t 4) (t 5) 0))  ⇒ (1 2 #f 3 4 5)
"""),
)
@pytest.mark.parametrize("context", ["(begin {} (reverse log))", "(define (f) {} (reverse log)) (f)"])
def test_each_part_is_evaluated_once_and_only_when_needed(context: str, program: str, log: str) -> None:
    prelude = "(define log '()) (define (t x) (set! log (cons x log)) x)"
    assert value_of(prelude + context.replace("{}", program)) == log


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(if)                     ⇒ 1:1: error: malformed if: expected (if test then [otherwise])
(if 1 2 3 4)             ⇒ 1:1: error: malformed if: expected (if test then [otherwise])
(cond)                   ⇒ 1:1: error: malformed cond: expected (cond (test body …) … [(else body …)])
(cond 5)                 ⇒ 1:7: error: malformed cond: expected (cond (test body …) … [(else body …)])
(cond (else 1) (#t 2))   ⇒ 1:7: error: malformed cond: expected (cond (test body …) … [(else body …)])
(cond (else))            ⇒ 1:7: error: malformed cond: expected (cond (test body …) … [(else body …)])
(cond (1 =>))            ⇒ 1:7: error: malformed cond: expected (cond (test body …) … [(else body …)])
(cond (1 => car cdr))    ⇒ 1:7: error: malformed cond: expected (cond (test body …) … [(else body …)])
(case 1)                 ⇒ 1:1: error: malformed case: expected (case key ((datum …) body …) … [(else body …)])
(case 1 (1 2))           ⇒ 1:10: error: malformed case: expected (case key ((datum …) body …) … [(else body …)])
(case 1 ((1)))           ⇒ 1:9: error: malformed case: expected (case key ((datum …) body …) … [(else body …)])
(case 1 (else 1) ((1) 2))  ⇒ 1:9: error: malformed case: expected (case key ((datum …) body …) … [(else body …)])
(case 1 ((1) => car cdr))  ⇒ 1:9: error: malformed case: expected (case key ((datum …) body …) … [(else body …)])
(when)                   ⇒ 1:1: error: malformed when: expected (when test body …)
(when 1)                 ⇒ 1:1: error: malformed when: expected (when test body …)
(unless 1)               ⇒ 1:1: error: malformed unless: expected (unless test body …)
(if . 5)                 ⇒ 1:1: error: a dotted list is no expression
(list if)                ⇒ 1:7: error: if is syntax, not a value
(else 1)                 ⇒ 1:2: error: unbound variable: else
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
