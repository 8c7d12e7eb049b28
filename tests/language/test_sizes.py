"""Large programs compile in linear time, and none takes the compiler's time or memory for ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from omega_runtime.control.deep import deep

from omegac.errors import OmegaSyntaxError
from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.omega import findings_of, value_of


def nested(before: str, count: int, inside: str, after: str = ")") -> str:
    return before * count + inside + after * count


def each(count: int, item: str) -> str:
    return " ".join(item.replace("{}", str(i)) for i in range(count))


MACRO = "(define-syntax m (syntax-rules () ((_ x ...) (list (+ x 1) ...))))"
GROWING: dict[str, Callable[[int], str]] = {
    "nested let": lambda n: f"(define (f x) {nested('(let ((x (+ x 1))) ', n, 'x')})",
    "nested let of lists": lambda n: f"(define (f x) {nested('(let ((x (list x))) (length x) ', n, 'x')})",
    "let*": lambda n: f"(define (f x) (let* ({each(n, '(x (+ x {}))')}) x))",
    "cond": lambda n: f"(define (f x) (cond {each(n, '((= x {}) (list {}))')} (else 0)))",
    "case": lambda n: f"(define (f x) (case x {each(n, '(({}) (list {}))')} (else 0)))",
    "case with many data": lambda n: f"(define (f x) (case x (({each(n, '{}')}) 1) (else 0)))",
    "and": lambda n: f"(define (f x) (and {each(n, '(list x {})')}))",
    "or": lambda n: f"(define (f x) (or {each(n, '(memv x (list {}))')}))",
    "nested when": lambda n: f"(define (f x) {nested('(when (list x) ', n, 'x')})",
    "macro with a long output": lambda n: f"{MACRO} (define (f) (m {each(n, '{}')}))",
    "macro that takes its operands one by one": lambda n: (
        "(define-syntax m (syntax-rules () ((_) #f) ((_ a b ...) (let ((x a)) (if x x (m b ...))))))"
        f"(define (f x) (m {each(n, '(memv x (list {}))')}))"
    ),
    "curried procedures": lambda n: f"(define f {nested('(lambda (x) (list x) ', n // 10, 'x')})",
    "definitions": lambda n: each(n, "(define (f{} x) (+ x {}))"),
    "inner definitions": lambda n: f"(define (f x) {each(n, '(define (g{}) (list x))')} 1)",
    "nested inner definitions": lambda n: f"(define (f x) {nested('(define (f x) ', n, 'x', ') (f x)')})",
    "inner values that call inner procedures": lambda n: (
        f"(define (f x) {each(n, '(define (g{}) 1)')} (define (all) (list {each(n, '(g{})')}))"
        f"{each(n, '(define v{} (all))')} (f v0))"
    ),
    "nested do": lambda n: (
        f"(define (f x) {each(n // 2, '(do ((i{} 0 (+ i{} 1))) ((= i{} 2))')} (display x) {')' * (n // 2)})"
    ),
    "nested named let": lambda n: (
        f"(define (f x) {nested('(let l ((i 0)) (if (< i 2) (begin (list i) ', n // 2, 'x', ' (l (+ i 1)))))')})"
    ),
    "named let in tail position": lambda n: (
        f"(define (f x) {each(n // 2, '(let l ((i 0)) (if (< i 2) (l (+ i 1))')} x {'))' * (n // 2)})"
    ),
    "curried procedures of all parameters": lambda n: (
        f"(define f {each(n // 2, '(lambda (x{})')} (list {each(n // 2, 'x{}')}) {')' * (n // 2)})"
    ),
    "procedures made by a macro": lambda n: (
        "(define-syntax m (syntax-rules () ((_ e) (let ((t 1)) (lambda (x) (+ t e))))))"
        f"(define f {nested('(m ', n // 4, '1')})"
    ),
    "guards": lambda n: f"(define (f x) {each(n, '(guard (e (#f 1)) (display {}))')})",
    "nested guards": lambda n: f"(define (f x) {nested('(guard (e (#f 1)) ', n, 'x')})",
    "nested for-each": lambda n: f"(define (f x) {nested('(for-each (lambda (y) ', n, '(display y)', ') x)')})",
    "cycles with many ways around": lambda n: (
        f"(define (f n) (if (even? n) (a0 (- n 1)) (b0 (- n 1)))) (define (a{n} n) (f n)) (define (b{n} n) (f n))"
        + "".join(
            f"(define ({name}{i} n) (if (even? n) (a{i + 1} (- n 1)) (b{i + 1} (- n 1))))"
            for i in range(n)
            for name in "ab"
        )
    ),
    "fields": lambda n: f"(define-record-type point (make {each(n, 'f{}')}) point? {each(n, '(f{} get{} set{}!)')})",
    "tests for empty lists": lambda n: f"(define (f x y) {each(n, '(if (null? x) {}')} y {')' * n})",
    "statements": lambda n: f"(define (f x) {each(n, '(display {})')})",
    "unclosed definitions": lambda n: "(define (f x)\n" * n,
}


def calls_made(program: str) -> int:
    """How many Python functions compiling a program calls: its time, as a number that doesn't vary."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    def work() -> None:
        sys.setprofile(note)
        try:
            compile_source(Source("test.omega", program)).text()
        except OmegaSyntaxError:
            pass
        finally:
            sys.setprofile(None)

    deep(work)
    return count


@pytest.mark.parametrize("program", GROWING.values(), ids=GROWING)
def test_compile_time_is_linear(program: Callable[[int], str]) -> None:
    calls_made(program(20))  # what is loaded and cached at first use
    small, large = calls_made(program(100)), calls_made(program(200))
    assert large < 2.2 * small


@pytest.mark.parametrize("form", ["(for-each (lambda (x) ", "(fold-left (lambda (r x) ", "(map (lambda (x) "])
def test_loops_are_nested_deeper_than_python_nests_them(form: str) -> None:
    inside = nested(
        form, 25, "(effect infer.op (list x)) (set! count (+ count 1)) count", ") 0 l)" if "fold" in form else ") l)"
    )
    assert value_of(f"(define count 0) (define (f l) {inside}) (f '(1)) count") == "1"


def test_guards_in_handlers_that_start_a_loop_over_are_refused_where_python_takes_no_more() -> None:
    def program(count: int) -> str:
        guards = nested("(guard (e ((eqv? i 5) i) (else ", count, "(loop (+ i 1))", ")) (car i))")
        return f"(define (f) (let loop ((i 0)) {guards})) (f)"

    assert value_of(program(9)) == "5"
    (finding,) = findings_of(program(10))
    assert finding.endswith("error: this is nested too deep: in more than 20 loops and guards")


def test_curried_procedures() -> None:
    program = f"(define f {nested('(lambda (x) ', 200, '(+ x 1)')}) {nested('(', 200, 'f', ' 7)')}"
    assert value_of(program) == "8"


# Programs in which about so many procedures are inside each other.
NESTED: dict[str, Callable[[int], str]] = {
    "curried procedures": lambda n: f"(define f {nested('(lambda (x) ', n, 'x')})",
    "curried procedures of all parameters": lambda n: (
        f"(define f {each(n, '(lambda (x{} y{} z{})')} (list {each(n, 'x{} y{} z{}')}) {')' * n})"
    ),
    "procedures made by a macro": lambda n: (
        f"(define-syntax m (syntax-rules () ((_ e) (lambda (x) (list x e))))) (define f {nested('(m ', n, '1')})"
    ),
    "guards": lambda n: f"(define (f x) {nested('(guard (e (#f 1)) ', 5 * n, 'x')})",
}

ENDLESS = {
    "doubling calls": (
        each(30, "(define-syntax m{} (syntax-rules () ((_ x) (list (next{} x) (next{} x)))))")
        .replace("next29", "list")
        .replace("next", "m+")
        + "(m0 1)"
    ),
    "doubling operands": "(define-syntax m (syntax-rules () ((_ x ...) (m x ... x ...)))) (m 1 2)",
    "many times the operands": (
        f"(define-syntax m (syntax-rules () ((_ x ...) (m {'x ... ' * 500})))) (m {each(500, '{}')})"
    ),
    "growing deeper": "(define-syntax m (syntax-rules () ((_ x) (+ 1 (m x))))) (m 1)",
    "going round": "(define-syntax m (syntax-rules () ((_ x) (m x)))) (m 1)",
    "growing operand": "(define-syntax m (syntax-rules () ((_ x) (m (x x))))) (m 1)",
    "definitions for ever": "(define-syntax m (syntax-rules () ((_ x) (begin (define y x) (m x))))) (m 1)",
    "growing operand, expanded": "(define-syntax m (syntax-rules () ((_ x) (let ((t x)) (m (+ t x)))))) (m 1)",
    "doubling operand, expanded": "(define-syntax m (syntax-rules () ((_ x) (let ((t x)) (m (+ x x)))))) (m 1)",
    "doubling operand, quoted": "(define-syntax m (syntax-rules () ((_ x) (let ((t 'x)) (m (x x)))))) (m 1)",
    "doubling vector": "(define-syntax m (syntax-rules () ((_ x) (let ((t #(x x))) (m #(x x)))))) (m 1)",
    "doubling operand, in a quasiquote": "(define-syntax m (syntax-rules () ((_ x) (let ((t `x)) (m (x x)))))) (m 1)",
    "doubling operand that fits no rule": (
        "(define-syntax n (syntax-rules () ((_ 1) 1)))"
        "(define-syntax m (syntax-rules () ((_ x) (begin (n x) (m (x x)))))) (m 2)"
    ),
    "going round by way of a rest": (
        "(define-syntax m (syntax-rules () ((_ . r) r))) (define-syntax n (syntax-rules () ((_ x) (m n x)))) (n 1)"
    ),
    "procedures in procedures": "(define-syntax m (syntax-rules () ((_ x) (lambda (t) (m t))))) (m 1)",
    "loops in loops": "(define-syntax m (syntax-rules () ((_ x) (let loop ((i 0)) (m x) (loop 1))))) (m 1)",
    "loops in loops that end": (
        "(define-syntax m (syntax-rules () ((_ x) (let loop ((i 0)) (if (< i 1) (begin (m x) (loop (+ i 1))) x)))))"
        "(m 1)"
    ),
    "do in do": "(define-syntax m (syntax-rules () ((_) (do ((i 0 (+ i 1))) ((= i 1) 1) (m))))) (m)",
    "handlers in handlers": "(define-syntax m (syntax-rules () ((_ x) (guard (e (#t (m e))) (m x))))) (m 1)",
    "macros in macros": (
        "(define-syntax m (syntax-rules () ((_) (let-syntax ((n (syntax-rules () ((_) (list (list 1) (m)))))) (n)))))"
        "(m)"
    ),
    "unclosed definitions": "(define (f x)\n  (display x)\n" * 10_000,
    "quotes": "'" * 300_000 + "x",
    "parentheses": "(" * 300_000,
    "vectors": "#(" * 300_000,
    "comments": "#;" * 300_000 + "x",
    "quasiquotes": "`(" * 100_000,
    "closing parentheses": ")" * 200_000,
    "unbound names": each(20_000, "name{}"),
    "a fraction": "1" * 300_000 + "/3",
}
for i in range(29):
    ENDLESS["doubling calls"] = ENDLESS["doubling calls"].replace(f"m+{i} x", f"m{i + 1} x")

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from omegac.errors import OmegaSyntaxError
from omegac.pipeline import compile_source
from omegac.source import Source
try:
    compile_source(Source("test.omega", sys.stdin.read())).code()
    print("compiled")
except OmegaSyntaxError as error:
    print(error.diagnostics[0].render(error.source)[:500])
try:
    # Elsewhere the figure of the process that began this one counts, too.
    kilobytes = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
except OSError:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("kilobytes", kilobytes)
"""


def compile_within_limits(program: str) -> str:
    """What comes of a program within two minutes and half a gigabyte."""
    done = subprocess.run([sys.executable, "-c", LIMITED], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout.split()[-1]) < 500_000
    return done.stdout


@pytest.mark.parametrize("program", NESTED.values(), ids=NESTED)
def test_procedures_in_procedures(program: Callable[[int], str]) -> None:
    assert compile_within_limits(program(490)).startswith("compiled")
    assert "this is nested too deep: in more than 500 procedures" in compile_within_limits(program(510))


WORDS = ("for ever", "too deep", "more than", "fits", "never closed", "unbalanced", "unbound", "too long")
LONG = ("doubling operands", "many times the operands", "growing deeper", "growing operand", "definitions for ever")


@pytest.mark.parametrize(
    "program",
    [pytest.param(text, id=name, marks=[pytest.mark.slow] * (name in LONG)) for name, text in ENDLESS.items()],
)
def test_what_never_ends_is_an_error_within_bounds(program: str) -> None:
    found = compile_within_limits(program)
    assert found.startswith("test.omega:1:")
    assert any(word in found for word in WORDS)
