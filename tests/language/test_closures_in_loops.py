"""Every round of a loop has variables of its own, as closures show that are called after it."""

from __future__ import annotations

import pytest

from tests.support.omega import table, value_of

# Ways to keep a procedure over the variable i of a loop until the loop is over.
WAYS = {
    "itself": "(lambda () i)",
    "under a name": "(let ((f (lambda () i))) f)",
    "as a definition": "(let () (define (f) i) f)",
    "under a second name": "(let* ((f (lambda () i)) (g f)) g)",
    "called by another": "(let* ((f (lambda () i)) (g (lambda () (f)))) g)",
    "defined and called by another": "(let () (define (f) i) (define (g) (f)) g)",
    "chosen by if": "(let ((f (if (>= i 0) (lambda () i) car))) f)",
    "chosen by or": "(or (memq i '()) (lambda () i))",
    "chosen by or, under a name": "(let ((f (or (memq i '()) (lambda () i)))) f)",
    "chosen by cond": "(cond ((= i -1) car) (else (lambda () i)))",
    "from an inner let": "(let ((f (let ((k 5)) (lambda () i)))) f)",
    "from a begin": "(let ((f (begin (set! n (+ n 1)) (lambda () i)))) f)",
    "over another variable": "(let ((k i)) (lambda () k))",
    "over an assigned variable": "(let ((k 0)) (set! k i) (lambda () k))",
    "over values": "(let-values (((a b) (values i 0))) (lambda () (+ a b)))",
    "over a guard's variable": "(guard (e (#t (lambda () e))) (raise i))",
    "from a guard": "(guard (e (#t car)) (lambda () i))",
    "from a procedure called at once": "((lambda (j) (lambda () (+ j i))) 0)",
    "from a local procedure": "(let ((make (lambda () (lambda () i)))) (make))",
    "from a procedure of the program": "(apply-it (lambda () (lambda () i)))",
    "from the library": "(car (map (lambda (x) (lambda () (+ x i))) '(0)))",
    "kept by the library": "(let ((t (make-hash-table))) (hash-table-set! t 1 (lambda () i)) (hash-table/get t 1 0))",
    "in a list": "(car (list (lambda () i)))",
    "in a vector": "(vector-ref (vector (lambda () i)) 0)",
    "in a record": "(unbox (make-box (lambda () i)))",
    "in a global": "(begin (set! kept (lambda () i)) kept)",
    "by a promise": "(let ((p (delay i))) (lambda () (force p)))",
    "by a parameter's converter": "(let ((p (make-parameter 0 (lambda (x) (lambda () i))))) (p))",
    "in a parameter": "(let ((p (make-parameter 0))) (parameterize ((p (lambda () i))) (p)))",
    "by a resumption": "(handle (effect ask.op) (ask.op (k) (k (lambda () i))))",
    "by a handler": "(handle (effect ask.op) (ask.op (k) (lambda () i)))",
    "by an exception": "(guard (e (#t e)) (raise (lambda () i)))",
    "by a quasiquote": "(car `(,(lambda () i)))",
    "inside of an inner loop": "(let inner ((j 0)) (if (< j 2) (inner (+ j 1)) (lambda () i)))",
    "with a rest parameter": "(lambda r (apply + i r))",
    "with a tail call": "(lambda () (apply-it (lambda () i)))",
}
# Loops over i from 0 to 2 that collect what stands for {} from last to first.
LOOPS = {
    "named let": "(let loop ((i 0) (acc '())) (if (= i 3) acc (loop (+ i 1) (cons {} acc))))",
    "do": "(do ((i 0 (+ i 1)) (acc '() (cons {} acc))) ((= i 3) acc))",
    "do with body": "(let ((acc '())) (do ((i 0 (+ i 1))) ((= i 3) acc) (set! acc (cons {} acc))))",
    "inner procedure": "(let () (define (run i acc) (if (= i 3) acc (run (+ i 1) (cons {} acc)))) (run 0 '()))",
    "let around": "(let loop ((n 0) (acc '())) (if (= n 3) acc (let ((i n)) (loop (+ n 1) (cons {} acc)))))",
    "let before": "(let loop ((i 0) (acc '())) (if (= i 3) acc (let ((f {})) (loop (+ i 1) (cons f acc)))))",
    "outer loop": """(let outer ((i 0) (acc '()))
       (if (= i 3) acc (let inner ((j 0) (f #f)) (if (= j 1) (outer (+ i 1) (cons f acc)) (inner (+ j 1) {})))))""",
    "map": "(reverse (map (lambda (i) {}) '(0 1 2)))",
    "filter and map": "(reverse (map (lambda (i) {}) (filter number? (list 0 'a 1 2))))",
    "fold-left": "(fold-left (lambda (acc i) (cons {} acc)) '() '(0 1 2))",
    "fold-right": "(fold-right (lambda (i acc) (cons {} acc)) '() '(2 1 0))",
    "while": "(let loop ((i 0) (acc '())) (if (< i 3) (loop (+ i 1) (cons {} acc)) acc))",
    "for-each": "(let ((acc '())) (for-each (lambda (i) (set! acc (cons {} acc))) '(0 1 2)) acc)",
}
PLACES = {
    "top level": "(map (lambda (p) (p)) {})",
    "procedure": "(define (f) {}) (map (lambda (p) (p)) (f))",
}
PRELUDE = """
(define n 0) (define kept #f)
(define (apply-it f) (f))
(define-record-type box (make-box content) box? (content unbox))
"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_each_round_has_its_own_variables(place: str, loop: str, way: str) -> None:
    assert value_of(PRELUDE + place.format(loop.format(way))) == "(2 1 0)"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_procedure_that_calls_itself_has_its_own_variables_each_time(way: str) -> None:
    procedure = "(define (run i acc) (if (= i 3) acc (run (+ i 1) (cons {} acc))))"
    assert value_of(f"{PRELUDE} {procedure.format(way)} (map (lambda (p) (p)) (run 0 '()))") == "(2 1 0)"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
;; a closure that assigns its round's variable changes that round only
(define (f) (let loop ((i 0) (l '()))
  (if (= i 3) (map (lambda (p) (p)) l) (loop (+ i 1) (cons (lambda () (set! i (+ i 10)) i) l))))) (f)
                                                                                ⇒ (12 11 10)
;; two closures of a round share it
(define (f) (let loop ((i 0) (l '()))
  (if (= i 2) (map (lambda (p) ((car p)) ((cdr p))) l)
      (loop (+ i 1) (cons (cons (lambda () (set! i (* i 100))) (lambda () i)) l))))) (f)
                                                                                ⇒ (100 0)
;; assigning before the next round starts is seen by the closure and by the step
(do ((i 0 (+ i 1)) (l '() (cons (lambda () i) l))) ((> i 4) (map (lambda (p) (p)) l)) (set! i (+ i 1)))
                                                                                ⇒ (5 3 1)
;; the first one wins
(let loop ((i 0) (h #f)) (if (< i 3) (loop (+ i 1) (or h (lambda () i))) (h)))  ⇒ 0
(let loop ((i 0) (h #f)) (if (< i 3) (loop (+ i 1) (if h h (lambda () i))) (h)))
                                                                                ⇒ 0
;; a closure that doesn't outlive its round needs nothing
(define (f x) (let loop ((i 0)) (define (inc) (set! x (+ x 1))) (if (< i 3) (begin (inc) (loop (+ i 1))) x))) (f 1)
                                                                                ⇒ 4
"""),
)
def test_what_closures_see(program: str, value: str) -> None:
    assert value_of(program) == value
