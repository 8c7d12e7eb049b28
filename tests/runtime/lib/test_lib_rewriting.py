"""Patterns, rules and their conflicts."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest
from omega_runtime.lib.patterns import match_pattern
from omega_runtime.lib.rewriting import make_rule, rewrite_fixpoint
from omega_runtime.values.pairs import list_from, make_list
from omega_runtime.values.symbols import Symbol

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(match-pattern '(+ ?x 0) '(+ a 0))                               ⇒ #hash((?x . a))
(match-pattern '(+ ?x 0) '(+ a 1))                               ⇒ #f
(match-pattern '(+ ?x ?x) '(+ (f 1) (f 1)))                      ⇒ #hash((?x f 1))
(match-pattern '(+ ?x ?x) '(+ 1 2))                              ⇒ #f
(match-pattern '?x 5)                                            ⇒ #hash((?x . 5))
(match-pattern '(?_ ?_) '(1 2))                                  ⇒ #hash()
(match-pattern '(f "a" #\b 1.0) '(f "a" #\b 1))                  ⇒ #hash()
(match-pattern '(f . ?rest) '(f 1 2))                            ⇒ #hash((?rest 1 2))
(match-pattern '(f ?x ...) '(f 1 2))                             ⇒ #hash((?x 1 2))
(match-pattern '(f ?x ...) '(f))                                 ⇒ #hash((?x))
(match-pattern '(f ?x ...) '(f 1 . 2))                           ⇒ #f
(match-pattern '(f ?_ ...) '(f 1 2))                             ⇒ #hash()
(match-pattern '(f ?x ?rest ...) '(f 1))                         ⇒ #hash((?x . 1) (?rest))
(match-pattern '#(?a 2) #(1 2))                                  ⇒ #hash((?a . 1))
(match-pattern '#(?a 2) #(1 2 3))                                ⇒ #f
(match-pattern '() '())                                          ⇒ #hash()
(match-pattern '? '?)                                            ⇒ #hash()
(match-pattern '(a b) '(a b c))                                  ⇒ #f
(hash-table-ref (match-pattern '(let ?v ?b) '(let x (f x))) '?b) ⇒ (f x)
(substitute-template '(* 2 ?x) (match-pattern '(+ ?x ?x) '(+ a a)))  ⇒ (* 2 a)
(substitute-template '(g ?r ... ?x ?r ...) (match-pattern '(f ?x ?r ...) '(f 1 2 3)))  ⇒ (g 2 3 1 2 3)
(substitute-template '(g . ?r) (match-pattern '(f ?x ?r ...) '(f 1 2 3)))  ⇒ (g 2 3)
(substitute-template '(g #(?x) "?x" ?) (hash-table '?x 1))       ⇒ (g #(1) "?x" ?)
(substitute-template '?x (hash-table '?x '(1)))                  ⇒ (1)
"""),
)
def test_patterns_and_templates(program: str, value: str) -> None:
    assert value_of(program) == value


RULES = """
(define rules (list (make-rule 'add-zero '(+ ?x 0) '?x)
                    (make-rule 'mul-one '(* ?x 1) '?x)
                    (make-rule-where 'fold '(+ ?a ?b) '?a (lambda (found) (eqv? (hash-table-ref found '?b) 100)))))
(define grow (make-rule "grow" '(f ?x ...) '(f a ?x ...)))
"""


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(rule? grow)                                                     ⇒ #t
(rule? '(f ?x))                                                  ⇒ #f
grow                                                             ⇒ #<rule grow>
(rewrite-once rules '(+ a 0))                                    ⇒ (a . add-zero)
(rewrite-once rules '(- a 0))                                    ⇒ #f
(rewrite-once rules 'a)                                          ⇒ #f
(rewrite-once rules '(+ (* a 1) 0))                              ⇒ ((* a 1) . add-zero)
(rewrite-once rules '(+ (* a 1) 0) 'topdown)                     ⇒ ((* a 1) . add-zero)
(rewrite-once rules '(+ (* a 1) 0) 'bottomup)                    ⇒ ((+ a 0) . mul-one)
(rewrite-once rules '(g b (+ 1 0) (+ 2 0)))                      ⇒ ((g b 1 (+ 2 0)) . add-zero)
(rewrite-once rules '(g . (+ 1 0)))                              ⇒ #f
(rewrite-once rules '(g (+ 1 0) . h))                            ⇒ ((g 1 . h) . add-zero)
(rewrite-once rules '(+ a 100))                                  ⇒ (a . fold)
(rewrite-once rules '(+ a 99))                                   ⇒ #f
(rewrite-once grow '(f))                                         ⇒ ((f a) . "grow")
(rewrite-fixpoint rules '(+ (* (+ a 0) 1) 0))                    ⇒ #hash((result . a) (steps . 3) (fixpoint? . #t))
(rewrite-fixpoint rules 'a)                                      ⇒ #hash((result . a) (steps . 0) (fixpoint? . #t))
(rewrite-fixpoint grow '(f) 2)                                   ⇒ #hash((result f a a) (steps . 2) (fixpoint? . #f))
(rewrite-fixpoint rules '(+ a 0) 1)                              ⇒ #hash((result . a) (steps . 1) (fixpoint? . #t))
(rewrite-fixpoint rules '(+ a 0) 0)                              ⇒ #hash((result + a 0) (steps . 0) (fixpoint? . #f))
(hash-table-ref (rewrite-fixpoint grow '(f)) 'steps)             ⇒ 100
(hash-table-ref (rewrite-fixpoint rules '(+ (* a 1) 0) 9 'bottomup) 'result)  ⇒ a
(define (column key steps) (map (lambda (step) (hash-table-ref step key)) steps))
(define steps (rewrite-trace rules '(g (+ (* a 1) 0))))
(list (column 'expr steps) (column 'rule steps) (column 'position steps))  ⇒ (((g (* a 1)) (g a)) (add-zero mul-one) ((1) (1)))
(map (lambda (step) (hash-table-ref step 'position)) (rewrite-trace rules '(+ (* a 1) 0) 9 'bottomup))  ⇒ ((1) ())
(rewrite-trace rules 'a)                                         ⇒ ()
"""),
)
def test_rewriting(program: str, value: str) -> None:
    assert value_of(RULES + program) == value


@pytest.mark.parametrize(
    ("rules", "conflicts"),
    table(r"""
;; Two rules, or one and itself: the expression that both match, and what is said of it.
(rule a (+ ?x 0) ?x) (rule b (+ 0 ?x) ?x)                        ⇒ ((a b (+ 0 0) "a and b both match (+ 0 0)"))
(rule a (+ ?x 0) ?x) (rule b (* 0 ?x) 0)                         ⇒ ()
(rule a (f (g ?x)) ?x) (rule b (g 1) 2)                          ⇒ ((a b (f (g 1)) "a matches (f (g 1)), and b its part at (1)"))
(rule a (g (g ?x)) ?x)                                           ⇒ ((a a (g (g (g ?x))) "a matches (g (g (g ?x))), and a its part at (1)"))
(rule a (f ?x ?x) ?x) (rule b (f ?y (h ?y)) ?y)                  ⇒ ()
(rule a (f ?x ?y) ?x) (rule b (f ?y ?x) ?y)                      ⇒ ((a b (f ?x ?y) "a and b both match (f ?x ?y)"))
(rule a (f ?x) ?x) (rule b (f ?x ?y) ?y)                         ⇒ ()
(rule a (f ?x ...) 1) (rule b (f 1 ?y) 2)                        ⇒ ((a b (f 1 ?y) "a and b both match (f 1 ?y)"))
(rule a (f 1 ?x ...) 1) (rule b (f ?x ?y ...) 2)                 ⇒ ((a b (f 1 ?x ...) "a and b both match (f 1 ?x ...)"))
(rule a (f ?_ 1) 1) (rule b (f 2 ?_) 2)                          ⇒ ((a b (f 2 1) "a and b both match (f 2 1)"))
(rule a (h (f ?x) (g ?x)) 1) (rule b (f ?x) 2)                   ⇒ ((a b (h (f ?x) (g ?x)) "a matches (h (f ?x) (g ?x)), and b its part at (1)"))
(rule a (p #(?x 1)) 1) (rule b (p #(2 ?y)) 2)                    ⇒ ((a b (p #(2 1)) "a and b both match (p #(2 1))"))
"""),
)
def test_conflicts(rules: str, conflicts: str) -> None:
    program = f"""
    (define rules (map (lambda (rule) (apply make-rule (cdr rule))) '({rules})))
    (define (row table) (map (lambda (key) (hash-table-ref table key)) '(rule1 rule2 overlap description)))
    (map row (rewrite-conflicts rules))"""
    assert value_of(program) == conflicts


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(make-rule 5 'a 'b)                                              ⇒ make-rule: argument 1 must be a symbol or string, but got 5
(make-rule 'r '(f ?x) '(g ?y))                                   ⇒ make-rule: the template of r has ?y, and its pattern hasn't
(make-rule 'r '(f ?_) '(g ?_))                                   ⇒ make-rule: the template of r has ?_, and its pattern hasn't
(make-rule 'r '(f ?x ... b) 'c)                                  ⇒ make-rule: argument 2 must be a pattern with ... after the last variable of a list only, but got (f ?x ... b)
(make-rule-where 'r 'a 'b 5)                                     ⇒ make-rule-where: argument 4 must be a procedure, but got 5
(match-pattern '(f a ...) 5)                                     ⇒ match-pattern: argument 1 must be a pattern with ... after the last variable of a list only, but got (f a ...)
(substitute-template '(f ?x) (hash-table))                       ⇒ substitute-template: ?x stands for nothing
(substitute-template '(f ?x ...) (hash-table '?x 5))             ⇒ substitute-template: ?x ... needs a list, but ?x is none
(substitute-template '?x '())                                    ⇒ substitute-template: argument 2 must be a hash table of bindings, but got ()
(rewrite-once '(a b) 'c)                                         ⇒ rewrite-once: argument 1 must be a rule or a list of rules, but got (a b)
(rewrite-once '() 'c 'sideways)                                  ⇒ rewrite-once: argument 3 must be topdown or bottomup, but got sideways
(rewrite-fixpoint '() 'c -1)                                     ⇒ rewrite-fixpoint: argument 3 must be a non-negative exact integer, but got -1
(define ring (list 1 2)) (set-cdr! (cdr ring) ring) (rewrite-once (make-rule 'r 'a 'b) ring)  ⇒ a circular list can't be rewritten
"""),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert error_of(program) == message


def test_python_lists_are_expressions_and_patterns() -> None:
    f, x = Symbol("f"), Symbol("?x")
    assert match_pattern([f, [1, x]], make_list(f, make_list(1, 2)))[x] == 2
    assert match_pattern(make_list(f, make_list(1, x)), [f, [1, 2]])[x] == 2
    found = rewrite_fixpoint(make_rule("r", [f, x], x), [f, [f, 1]])
    assert (found[Symbol("result")], found[Symbol("steps")]) == (1, 2)


def test_long_lists_and_deep_expressions() -> None:
    f, x = Symbol("f"), Symbol("?x")
    rule = make_rule("r", make_list(f, x), x)
    items = list_from([*range(100_000), make_list(f, 1)])
    assert rewrite_fixpoint(rule, items)[Symbol("result")][100_000] == 1
    deep = make_list(f, 1)
    for _ in range(20_000):
        deep = make_list(deep, 2)
    found = rewrite_fixpoint(rule, deep)
    assert found[Symbol("steps")] == 1
