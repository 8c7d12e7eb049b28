"""Operands are evaluated from left to right, the operator first, whatever Python needs for each of them.

`(t x)` logs x and gives it back; `log` is the list of what was logged. What stands in the middle of each case needs
Python statements, which must not run before the operands to its left.
"""

from __future__ import annotations

import pytest
from omega_runtime.testing import scripted_model

from tests.support.omega import table, value_of

PRELUDE = """
(define log '())
(define (t x) (set! log (cons x log)) x)
(define-record-type triple (make-triple a b c) triple? (a triple-a set-a!) (b triple-b) (c triple-c))
(define p (list 1 2))
(define v (vector 0 0 0))
"""

# Each needs statements in Python, logs 2 and gives 2.
STATEMENTS = {
    "let": "(let ((q (t 2))) (set! q (+ q 0)) q)",
    "set!": "(begin (set! v (vector (t 2))) 2)",
    "loop": "(let loop ((i 0)) (if (< i 3) (loop (+ i 1)) (t 2)))",
    "do": "(do ((i 0 (+ i 1))) ((= i 3) (t 2)))",
    "guard": "(guard (e (#t (t e))) (raise 2))",
    "effect": '(begin (effect infer.op "x") (t 2))',
    "handler": "(handle (t (effect ask.op 2)) (ask.op (x k) (k x)))",
    "let-values": "(let-values (((a b) (values (t 2) 0))) (set! a (+ a b)) a)",
    "cond =>": "(cond ((assv (t 2) '((2 . 2))) => cdr) (else 0))",
    "or": "(or (memq 'x '()) (car (list (t 2))))",
    "case": "(case (t 2) ((1) 1) (else => (lambda (x) (set! x (+ x 0)) x)))",
    "parameterize": "(parameterize () (define x (t 2)) x)",
    "definition": "(let () (define (f) (set! x (t 2)) x) (define x 0) (f))",
    "record": "(let ((r (make-triple 0 0 0))) (set-a! r (t 2)) (triple-a r))",
}
CONTEXTS = {
    "call": "(list (t 1) {} (t 3))",
    "operator": "((begin (t 'op) list) (t 1) {} (t 3))",
    "arithmetic": "(+ (t 1) {} (t 3))",
    "comparison": "(< (t 1) {} (t 3))",
    "two operands": "(= (t 1) {}) (t 3)",
    "cons": "(cons (t 1) (cons {} (t 3)))",
    "car": "(cons (t 1) (begin (car (list {})) (t 3)))",
    "record": "(make-triple (t 1) {} (t 3))",
    "vector-set!": "(vector-set! (begin (t 1) (vector 0 0 0)) {} (t 3))",
    "string-append": "(string-append (number->string (t 1)) (number->string {}) (number->string (t 3)))",
    "let": "(let ((a (t 1)) (b {}) (c (t 3))) (list a b c))",
    "let*": "(let* ((a (t 1)) (b {}) (c (t 3))) (list a b c))",
    "letrec": "(letrec ((a (t 1)) (b {}) (c (t 3))) (list a b c))",
    "named let": "(let again ((a (t 1)) (b {}) (c (t 3))) (if (> a 5) (again a b c) (list a b c)))",
    "let-values": "(let-values (((a) (t 1)) ((b) {}) ((c) (t 3))) (list a b c))",
    "do": "(do ((a (t 1)) (b {}) (c (t 3))) (#t (list a b c)))",
    "jump": "(let again ((a 0) (b 0) (c 0)) (if (= a 0) (again (t 1) {} (t 3)) (list a b c)))",
    "quasiquote": "`(,(t 1) ,{} ,(t 3))",
    "splicing": "`(,@(list (t 1)) ,@(list {}) ,(t 3))",
    "body": "(let () (define a (t 1)) (define b {}) (define c (t 3)) (list a b c))",
    "and": "(and (t 1) {} (t 3))",
    "or": "(or (not (t 1)) (not {}) (t 3))",
    "if": "(if (t 1) (begin {} (t 3)) 0)",
    "test": "(begin (t 1) (if (= 2 {}) (t 3) 0))",
    "cond": "(cond ((not (t 1)) 0) ((= {} 0) 0) (else (t 3)))",
    "handled effect": "(handle (effect tell.op (t 1) {} (t 3)) (tell.op (a b c k) (k c)))",
    "effect options": '(effect infer.op (begin (t 1) "p") model: (begin {} "m") max-tokens: (t 3))',
    "most tokens first": '(effect infer.op (begin (t 1) "p") max-tokens: (begin {} 9) model: (begin (t 3) "m"))',
    "apply": "(apply list (t 1) {} (list (t 3)))",
    "set-cdr!": "(set-cdr! (list (t 1)) (list {} (t 3)))",
    "parameters": "((lambda (a b . c) (list a b c)) (t 1) {} (t 3))",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
@pytest.mark.parametrize("place", ["top level", "procedure", "loop"])
def test_left_to_right(context: str, statement: str, place: str) -> None:
    expression = context.format(statement)
    program = {
        "top level": f"(begin {expression} 0)",
        "procedure": f"(define (f) {expression} 0) (f)",
        "loop": f"(define (f) (do ((i 0 (+ i 1)) (r 0 (list {expression}))) ((= i 1)))) (f)",
    }[place]
    with scripted_model(lambda prompt: "answer"):
        logged = value_of(f"{PRELUDE} {program} (filter number? (reverse log))")
    assert logged == "(1 2 3)"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define (f x) (list x (begin (set! x 2) x) x)) (f 1)                                ⇒ (1 2 2)
(define (f x) (+ x (begin (set! x 2) x) x)) (f 1)                                   ⇒ 5
(define (f x) (cons x (let ((y (begin (set! x 3) 5))) (cons x y)))) (f 1)           ⇒ (1 3 . 5)
(define (f x) (let ((a x) (b (begin (set! x 5) x))) (list a b x))) (f 1)            ⇒ (1 5 5)
(define x 1) (define (bump) (set! x (+ x 1)) x)
(define (f) (list x (bump) x (bump))) (f)                                           ⇒ (1 2 2 3)
(define x 1) (define (bump) (set! x (+ x 1)) x)
(list x (bump) x (let ((y (bump))) (set! y (+ y 1)) y) x)                           ⇒ (1 2 2 4 3)
(define (f p) (list (car p) (begin (set-car! p 5) (car p)) (car p))) (f (list 1))   ⇒ (1 5 5)
(define (f p) (vector (car p) (guard (e (#t (set-car! p 9) 3)) (raise 1)) (car p)))
(f (list 7))                                                                        ⇒ #(7 3 9)
(define f (lambda (x) (list 'old x)))
(list (f (let loop ((i 0)) (if (< i 1) (begin (set! f (lambda (x) (list 'new x))) (loop 1)) i))))
                                                                                    ⇒ ((old 1))
(define (g f) (list (f (begin (set! f (lambda (x) (list 'new x))) 1))))
(g (lambda (x) (list 'old x)))                                                      ⇒ ((old 1))
(define (f a b) (let loop ((a a) (b b) (n 0)) (if (< n 3) (loop b a (+ n 1)) (list a b)))) (f 1 2)
                                                                                    ⇒ (2 1)
(do ((a 1 b) (b 2 (+ a b)) (n 0 (+ n 1))) ((= n 4) (list a b)))                     ⇒ (8 13)
"""),
)
def test_an_operand_keeps_the_value_it_had(program: str, value: str) -> None:
    assert value_of(program) == value


def test_models_are_asked_in_the_order_of_the_operands() -> None:
    program = """
    (define (ask x) (effect infer.op x))
    (list (ask "a") (effect infer.op (string-append "b" (ask "b"))) (if (ask "c") (ask "d") 0)
          (let ((e (ask "e"))) (set! e (string-append e (ask "f"))) e) (ask "g"))
    """
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return prompt.upper()

    with scripted_model(answer):
        assert value_of(program) == '("A" "BB" "D" "EF" "G")'
    assert asked == ["a", "b", "bB", "c", "d", "e", "f", "g"] * 3
