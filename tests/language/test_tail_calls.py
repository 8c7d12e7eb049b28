# ruff: noqa: E501 - a case stands on one line
"""Tail calls take constant space, whatever they call and wherever they stand; other calls may go a million deep."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.omega import error_of, table, value_of

# Runs a program from standard input and prints its value and by how many MB its memory grew at the most.
FLAT = """
import resource, sys
from omega_runtime.control.deep import deep
from omega_runtime.values.printing import write_text
from omegac.pipeline import compile_source
from omegac.source import Source
program = compile_source(Source("test.omega", sys.stdin.read()), result=True)
code = program.code() if sys.argv[1] == "code" else compile(program.text(), "module.py", "exec")
names = {"__name__": "omega_program"}
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
deep(exec, code, names)
print(write_text(names["__result__"]), (peak() - before) // 1024)
"""
GROWTH_MAX = 12  # MB; a stack of 300,000 frames would take about 100


def flat_value(program: str, form: str) -> str:
    """The value of a program, which must run in flat memory; `form` is code or text."""
    done = subprocess.run(
        [sys.executable, "-c", FLAT, form], input=program, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    value, growth = done.stdout.rsplit(maxsplit=1)
    assert int(growth) <= GROWTH_MAX
    return value


# Each calls an unknown procedure N times in tail position and gives 0 at the end.
FLAT_PROGRAMS = {
    "unknown procedure": "(define (f g n) (if (= n 0) 0 (g g (- n 1)))) (f f N)",
    "two procedures": """
        (define (even n other) (if (= n 0) 0 (other (- n 1) even)))
        (define (odd n other) (if (= n 0) 1 (other (- n 1) odd)))
        (even N odd)""",
    "mutual recursion": """
        (define (even n) (if (= n 0) 0 (odd (- n 1))))
        (define (odd n) (if (= n 0) 1 (even (- n 1))))
        (even N)""",
    "three in a ring": """
        (define (a n) (if (= n 0) 0 (b (- n 1)))) (define (b n) (c n)) (define (c n) (a n)) (a N)""",
    "local mutual recursion": """
        (define (run n)
          (define (even n) (if (= n 0) 0 (odd (- n 1))))
          (define (odd n) (if (= n 0) 1 (even (- n 1))))
          (even n))
        (run N)""",
    "continuation passing": """
        (define (count n f) (if (= n 0) 0 (f n (lambda (m) (count (- m 1) f)))))
        (count N (lambda (n k) (k n)))""",
    "from a table": """
        (define states (list (cons 'a (lambda (n) (next 'b n))) (cons 'b (lambda (n) (next 'a n)))))
        (define (next state n) (if (= n 0) 0 ((cdr (assq state states)) (- n 1))))
        (next 'a N)""",
    "receiver of call/cc": "(define (f n) (if (= n 0) 0 (call/cc (lambda (k) (f (- n 1)))))) (f N)",
    "receiver of call/cc, which escapes": """
        (define (f n) (call/cc (lambda (k) (cond ((= n 0) (k 0)) ((even? n) (f (- n 1))) (else (g k (- n 1)))))))
        (define (g k n) (if (= n 0) (k 0) (f n)))
        (f N)""",
    "receiver of an unknown call/cc": """
        (define (f capture n) (if (= n 0) 0 (capture (lambda (k) (f capture (- n 1)))))) (f call/cc N)""",
    "known receiver of call/ec": """
        (define (f n) (define (receive k) (if (= n 0) (k 0) (f (- n 1)))) (call-with-escape-continuation receive)) (f N)""",
    "consumer of call-with-values": """
        (define (f n) (if (= n 0) 0 (call-with-values (lambda () (values n 1)) (lambda (a b) (f (- a b)))))) (f N)""",
    "consumer of one value": "(define (f n) (if (= n 0) 0 (call-with-values (lambda () (- n 1)) f))) (f N)",
    "apply": "(define (f n . l) (if (= n 0) 0 (apply f (- n 1) l))) (f N 1 2 3 4 5 6 7)",
    "apply of apply": "(define (f n) (if (= n 0) 0 (apply apply apply f (list (list (list (- n 1))))))) (f N)",
    "unknown apply": "(define (f g n) (if (= n 0) 0 (g f g (list (- n 1))))) (f apply N)",
    "apply of call/cc and call-with-values": """
        (define (f n) (if (= n 0) 0 (apply call/cc (list (lambda (k) (g (- n 1)))))))
        (define (g n) (if (= n 0) 0 (apply call-with-values (list (lambda () (- n 1)) f))))
        (f N)""",
}
PARAMETERS = pytest.mark.parametrize("program", FLAT_PROGRAMS.values(), ids=FLAT_PROGRAMS.keys())
FORMS = pytest.mark.parametrize("form", ["code", "text"])


@PARAMETERS
def test_300_000_tail_calls_in_flat_memory(program: str) -> None:
    assert flat_value(program.replace("N", "300000"), "text") == "0"


@pytest.mark.slow
@FORMS
@PARAMETERS
def test_3_000_000_tail_calls_in_flat_memory(program: str, form: str) -> None:
    assert flat_value(program.replace("N", "3000000"), form) == "0"


# Places that are tail positions; {} is the tail call.
TAIL_POSITIONS = {
    "if, then": "(if (> n 0) {} 'no)",
    "if, otherwise": "(if (< n 0) 'no {})",
    "cond": "(cond ((< n 0) 'no) ((> n 0) {}))",
    "cond, else": "(cond ((< n 0) 'no) (else {}))",
    "cond, arrow": "(cond ((> n 0) => (lambda (yes) {})))",
    "cond, arrow to the callee": "(cond ((list g (- n 1)) => (lambda (l) (apply (car l) l))))",
    "case": "(case 'a ((b) 'no) ((a) {}))",
    "case, else": "(case n ((a) 'no) (else {}))",
    "case, arrow": "(case 'a ((a) => (lambda (a) {})))",
    "and": "(and #t 1 {})",
    "or": "(or #f (< n 0) {})",
    "when": "(when (> n 0) 'more {})",
    "unless": "(unless (< n 0) 'more {})",
    "begin": "(begin 'more {})",
    "let": "(let ((m n)) 'more {})",
    "let*": "(let* ((m n) (k m)) {})",
    "letrec": "(letrec ((h (lambda () n))) (h) {})",
    "named let": "(let again ((i 0)) (if (< i 2) (again (+ i 1)) {}))",
    "let-values": "(let-values (((a b) (values 1 2))) {})",
    "let*-values": "(let*-values (((a) (values 1)) ((b) (values a))) {})",
    "receive": "(receive (a . b) (values 1 2) {})",
    "internal definition": "(let () (define m n) (define (h) m) (h) {})",
    "internal record": "(let () (define-record-type box (make-box c) box? (c unbox)) (unbox (make-box 1)) {})",
    "do": "(do ((i 0 (+ i 1))) ((= i 2) 'more {}) 'command)",
    "a procedure called at once": "((lambda (m) {}) n)",
    "a macro": "(my-begin 'more {})",
    "let-syntax": "(let-syntax ((id (syntax-rules () ((_ x) x)))) (id {}))",
    "guard, handler": "(guard (e ((symbol? e) {})) (raise 'oops))",
    "guard, else": "(guard (e ((string? e) 'no) (else {})) (raise 'oops))",
    "guard, arrow": "(guard (e ((symbol? e) => (lambda (yes) {}))) (raise 'oops))",
    "nested loops": """
        (let outer ((i 0))
          (let inner ((j 0)) (cond ((< j 2) (inner (+ j 1))) ((< i 2) (outer (+ i 1))) (else {}))))""",
    "the inner of two loops": "(do ((i 0 (+ i 1))) ((= i 1) (do ((j 0 (+ j 1))) ((= j 1) {}))))",
    "ifs in ifs": "(if (if (> n 0) #t #f) (if (and n (or #f n)) (begin {}) 'no) 'no)",
}
# What stands there: (g g (- n 1)) for an unknown g, itself, or through apply.
TAIL_CALLS = {
    "unknown": "(g g (- n 1))",
    "itself": "(f g (- n 1))",
    "another": "(helper g (- n 1))",
    "apply": "(apply g (list g (- n 1)))",
    "apply with operands": "(apply g g (- n 1) '())",
    "apply of a known one": "(apply f g (list (- n 1)))",
}
STACK = """
(define-syntax my-begin (syntax-rules () ((_ a b) (begin a b))))
(define (helper g n) (f g n))
(define (f g n) (if (= n 0) 'done PLACE))
(f f 20000)
"""


@pytest.mark.parametrize("call", TAIL_CALLS.values(), ids=TAIL_CALLS.keys())
@pytest.mark.parametrize("place", TAIL_POSITIONS.values(), ids=TAIL_POSITIONS.keys())
def test_the_stack_stays_flat(place: str, call: str, shallow_stack: None) -> None:
    assert value_of(STACK.replace("PLACE", place.replace("{}", call))) == "done"


@pytest.mark.parametrize("place", ["if, then", "let", "nested loops", "guard, handler", "do"])
@pytest.mark.parametrize(
    "call", ["(call/cc (lambda (k) (g g (- n 1))))", "(call-with-values (lambda () (values g (- n 1))) g)"]
)
def test_the_stack_stays_flat_through_the_library(place: str, call: str, shallow_stack: None) -> None:
    assert value_of(STACK.replace("PLACE", TAIL_POSITIONS[place].replace("{}", call))) == "done"


@pytest.fixture
def shallow_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs run with room for some hundred frames."""
    monkeypatch.setattr("tests.support.omega.deep", on_a_shallow_stack)


def on_a_shallow_stack(function, *arguments):  # type: ignore[no-untyped-def]
    """Call a function with a recursion limit that is soon reached."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 150)
    try:
        return function(*arguments)
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize(
    "program",
    [
        "(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f N)",
        "(define (f n) (cond ((= n 0) 0) (else (let ((m (f (- n 1)))) (+ m 1))))) (f N)",
        "(define (f n k) (if (= n 0) 0 (+ 1 (k (- n 1) k)))) (f N f)",
        "(define (a n) (if (= n 0) 0 (+ 1 (b (- n 1))))) (define (b n) (if (= n 0) 0 (+ 1 (a (- n 1))))) (a N)",
        "(define (f n) (if (= n 0) '() (cons n (f (- n 1))))) (length (f N))",
        "(define (run n) (define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f n)) (run N)",
        "(define (f n) (and (> n -1) (if (= n 0) 0 (+ 1 (or #f (f (- n 1))))))) (f N)",
    ],
)
@pytest.mark.parametrize("depth", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_deep_recursion(program: str, depth: int) -> None:
    assert value_of(program.replace("N", str(depth))) == str(depth)


def test_recursion_without_an_end_is_an_error(shallow_stack: None) -> None:
    assert error_of("(define (f n) (+ 1 (f (+ n 1)))) (f 0)") == "the recursion is too deep"


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(define (g f) (apply f "ab")) (g list)                    ⇒ apply: argument 2 must be a list, but got "ab"
(define (g f) (apply f 5)) (g list)                       ⇒ apply: argument 2 must be a list, but got 5
(define (g f) (apply f 1 2 'c)) (g list)                  ⇒ apply: argument 4 must be a list, but got c
(define (g f) (apply f '(1 . 2))) (g list)                ⇒ apply: argument 2 must be a list, but got (1 . 2)
(define (g f) (apply f (make-hash-table))) (car (list (g list))) ⇒ …apply: argument 2 must be a list
(define (g f) (apply f '(1))) (g 5)                       ⇒ …not a procedure: 5
(define (g f) (f 1)) (g 5)                                ⇒ …not a procedure: 5
(define (g f) (f 1)) (g '(a b))                           ⇒ …not a procedure: (a b)
(define (g f) (f 1)) (g "text")                           ⇒ …not a procedure: "text"
(define (g f) (f)) (g #f)                                 ⇒ …not a procedure: #f
(define (g f) (f 1 2)) (define (one x) x) (g one)         ⇒ …one: wrong number of arguments
(define (g f) (f)) (define (one x) x) (g one)             ⇒ …one: wrong number of arguments
(define (g f) (f)) (define (h x) (g x)) (g h)             ⇒ …h: wrong number of arguments
(define (g f) (f)) (define (two x y . z) x) (g two)       ⇒ …two: wrong number of arguments
(define (g f) (f)) (g car)                                ⇒ …car: wrong number of arguments
(define (g f) (apply f '(1 2))) (define (one x) x) (g one) ⇒ …one: wrong number of arguments
(define (g f) (call/cc f)) (g 5)                          ⇒ call/cc: argument 1 must be a procedure, but got 5
(define (g f) (list (call/cc f))) (g 5)                   ⇒ call/cc: argument 1 must be a procedure, but got 5
(define (g f) (call/cc f)) (g (lambda () 1))              ⇒ …lambda: wrong number of arguments
(define (g f) (call/cc (lambda (k) (f k)))) (g (lambda (k) (call/cc 5))) ⇒ call/cc: argument 1 must be a procedure, but got 5
(define (g f) (call-with-values f f)) (g 5)               ⇒ call-with-values: argument 2 must be a procedure, but got 5
(define (g f) (call-with-values (lambda () (values 1 2)) f)) (define (one x) x) (g one) ⇒ …one: wrong number of arguments
(define (g f) (apply apply f '((1)))) (g 5)               ⇒ apply: argument 1 must be a procedure, but got 5
(define (g f) (apply apply f '(1))) (g list)              ⇒ apply: argument 2 must be a list, but got 1
(define (g f) (if (procedure? f) (f 1) (car f))) (g (lambda (x) (car x))) ⇒ car: argument 1 must be a pair, but got 1
"""),
)
def test_errors_of_tail_calls(program: str, message: str) -> None:
    found = error_of(program)
    if message.startswith("…"):
        assert found.startswith(message[1:])
    else:
        assert found == message


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; what a tail-calling procedure gives to Scheme and library code is always the value, never a record of a call
(define (g f x) (f x)) (+ 1 (g car '(1)))                                       ⇒ 2
(define (g f x) (f x)) (map (lambda (x) (g - x)) '(1 2))                        ⇒ (-1 -2)
(define (g f x) (f x)) (sort '(3 1 2) (lambda (a b) (g (lambda (a) (< a b)) a)))  ⇒ (1 2 3)
(define (g f x) (f x)) (let ((v (g list 1))) v)                                 ⇒ (1)
(define (g f x) (f x)) (vector-map (lambda (x) (g list x)) #(1 2))              ⇒ #((1) (2))
(define (g f x) (f x)) (fold-left (lambda (a x) (g (lambda (y) (+ a y)) x)) 0 '(1 2 3)) ⇒ 6
(define (g f x) (f x)) (call-with-values (lambda () (g values 1)) list)         ⇒ (1)
(define (g f . x) (apply f x)) (call-with-values (lambda () (g values 1 2)) list) ⇒ (1 2)
(define (g f x) (f x)) (force (delay (g list 1)))                               ⇒ (1)
(define (g f x) (f x)) (guard (e (#t (list 'caught e))) (g raise 5))            ⇒ (caught 5)
(define (g f x) (f x)) (dynamic-wind void (lambda () (g list 1)) void)          ⇒ (1)
(define (g f x) (f x)) (with-exception-handler (lambda (e) (g list e)) (lambda () (raise-continuable 5))) ⇒ (5)
(define (g f x) (f x)) (handle (g (lambda (x) (effect ask.op x)) 1) (ask.op (x k) (k (g list x)))) ⇒ (1)
(define (g f x) (f x)) (define p (make-parameter 1)) (parameterize ((p 2)) (g (lambda (x) (p)) 0)) ⇒ 2
(define (g f x) (f x)) (with-output-to-string (lambda () (g display 5)))        ⇒ "5"
(define (g f x) (f x)) (call/cc (lambda (k) (g k 5)))                           ⇒ 5
(define (g f x) (f x)) (+ 1 (call/cc (lambda (k) (g (lambda (x) (g k x)) 5))))  ⇒ 6
(define (f k) (call/cc (lambda (j) (k 1) (j 2)))) (list (call/cc (lambda (k) (f k))) (f list)) ⇒ (1 2)
(define (f n) (call/cc (lambda (k) (if (= n 0) (k 'inner) (list (f (- n 1))))))) (f 2)  ⇒ ((inner))
(define (f k) (call/cc (lambda (j) (for-each (lambda (x) (if (> x 1) (j x))) '(1 2 3)) 'none))) (list (f 1) (f 2)) ⇒ (2 2)
(define (f n) (guard (e (#t (call/cc (lambda (k) (k (list e n)))))) (call/cc (lambda (k) (raise n))))) (f 1) ⇒ (1 1)
(define (f) (call/cc (lambda (k) (dynamic-wind (lambda () (display 1)) (lambda () (k 'out)) (lambda () (display 2)))))) (list (f)) ⇒ (out)
(define (f . l) (call-with-values (lambda () (apply values l)) list)) (list (f) (f 1) (f 1 2)) ⇒ (() (1) (1 2))
(define (f g) (g car (list '(1)))) (list (f apply) (f map))                     ⇒ (1 (1))
(define (f k) (call/cc k)) (call/cc (lambda (k) (f (lambda (j) (k (eq? k j)) 1))))  ⇒ #t
(define (g f x) (f x)) (hash-table-update!/default (make-hash-table) 1 (lambda (x) (g list x)) 0) (g list 2) ⇒ (2)
(define-record-type box (make-box c) box? (c unbox)) (define (g f x) (f x)) (unbox (g make-box 1)) ⇒ 1
;; a body of guard is no tail position: its handler is there until the call is over
(define (g f) (guard (e (#t (list 'caught e))) (f))) (g (lambda () (raise 1)))  ⇒ (caught 1)
;; nor is that of parameterize
(define p (make-parameter 1)) (define (g f) (parameterize ((p 2)) (f))) (g (lambda () (p))) ⇒ 2
(define p (make-parameter 1)) (define (h f) (f)) (define (g f) (parameterize ((p 2)) (h f))) (g p) ⇒ 2
;; nor that of handle
(define (g f) (handle (f) (ask.op (k) (k 1)))) (g (lambda () (effect ask.op)))  ⇒ 1
;; a loop's variables are those of the round that makes the tail call
(define (g n) (let loop ((i 0)) (if (< i n) (loop (+ i 1)) (list i n)))) (define (h f n) (f n)) (h g 3) ⇒ (3 3)
(define (f a b) (if (= a 0) b (f (- a 1) (+ a b)))) (f 3 0)                     ⇒ 6
(define (f a b) (if (= a 0) (list a b) (f (- b 1) a))) (f 3 2)                  ⇒ (0 2)
(define (f a . r) (if (= a 0) r (apply f (- a 1) a r))) (f 3)                   ⇒ (1 2 3)
(define (f a . r) (if (= a 0) r (f (- a 1) a (length r)))) (f 3)                ⇒ (1 2)
;; a procedure that is assigned later is not known
(define (f n) (if (= n 0) 'old (f (- n 1)))) (define g f) (set! f (lambda (n) (list 'new n))) (g 3) ⇒ (new 2)
(define (f n) (if (= n 3) (set! f (lambda (n) 'new))) (if (= n 0) 'old (f (- n 1)))) (f 5) ⇒ new
"""),
)
def test_what_tail_calls_give(program: str, value: str) -> None:
    assert value_of(program) == value
