"""Large, deep and odd programs become valid Python text, which runs as the code object does."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import os
import subprocess
import sys
import warnings
from inspect import cleandoc
from typing import Any

import pytest

from tests.support.omega import NAME, output_of, python_of, runs_of, table, value_of


def nested(depth: int, before: str, inside: str, after: str = ")") -> str:
    """`inside`, wrapped `depth` times."""
    return before * depth + inside + after * depth


def repeated(count: int, item: str) -> str:
    """The item `count` times, with 0, 1, 2 … for each `{}`."""
    return " ".join(item.replace("{}", str(i)) for i in range(count))


DO_LOOPS = "".join(f"(do ((i{n} 0 (+ i{n} 1))) ((= i{n} 1)) " for n in range(30))
# Each is an expression over x, a number; the value is that for x = 499.
LARGE = {
    "case with many data": (f"(case x (({repeated(500, '{}')}) 'yes) (else 'no))", "yes"),
    "case with many clauses": (f"(case x {repeated(500, '(({}) (* 2 {}))')})", "998"),
    "case with many arrows": (f"(case x {repeated(500, '(({}) => (lambda (k) (+ k {})))')})", "998"),
    "cond": (f"(cond {repeated(500, '((= x {}) (* 2 {}))')})", "998"),
    "cond =>": (f"(cond {repeated(500, '((assv x (list (cons {} {}))) => cdr)')})", "499"),
    "cond without bodies": (f"(cond {repeated(500, '((memv x (list {})))')})", "(499)"),
    "or": (f"(or {repeated(500, '(and (= x {}) {})')})", "499"),
    "or of lists": (f"(or {repeated(500, '(memv x (list {}))')})", "(499)"),
    "and": (f"(and {repeated(500, '(>= x {})')})", "#t"),
    "and of lists": (f"(and {repeated(500, '(list x {})')})", "(499 499)"),
    "long and of lists": (f"(and {repeated(1000, '(list x {})')})", "(499 999)"),
    "long or of lists": (f"(or {repeated(1000, '(memv x (list (* 2 {})))')} 'none)", "none"),
    "many nested whens": (nested(2000, "(when (list x) ", "x"), "499"),
    "many nested unlesses": (nested(2000, "(unless (null? x) ", "x"), "499"),
    "when in a value": (f"(list {nested(2000, '(when (list x) ', 'x')} 1)", "(499 1)"),
    "nested ifs with work": (nested(1000, "(if (list x) (let ((y (list x))) (length y) ", "x", ") 0)"), "499"),
    "nested ifs": (nested(499, "(if (< x 0) 'negative ", "x"), "499"),
    "ifs nested in tests": (nested(200, "(if ", "(= x 499)", " #t #f)"), "#t"),
    "list": (f"(list-ref (list {repeated(500, '(+ x {})')}) 499)", "998"),
    "quoted list": (f"(list-ref '({repeated(500, '{}')}) x)", "499"),
    "quoted nesting": (f"(equal? '{nested(300, '(', 'a')} '{nested(300, '(', 'a')})", "#t"),
    "unquote after many items": (f"(list-ref `({repeated(500, '{}')} ,(+ x 1)) 500)", "500"),
    "many unquotes": (f"(list-ref `({repeated(500, ',(+ x {})')}) 499)", "998"),
    "unquote in nested lists": (f"(let deep ((l `{nested(100, '(', ',x')})) (if (pair? l) (deep (car l)) l))", "499"),
    "sum of many": (f"(+ {repeated(500, 'x')})", "249500"),
    "nested sums": (nested(500, "(+ 1 ", "x"), "999"),
    "nested sums on the left": (nested(500, "(+ ", "x", " 1)"), "999"),
    "nested not": (nested(300, "(not ", "x"), "#t"),
    "nested calls": (nested(300, "(same ", "x"), "499"),
    "nested library calls": (nested(300, "(abs ", "x"), "499"),
    "nested lists": (f"(length {nested(300, '(list ', 'x')})", "1"),
    "nested begins": (nested(100, "(begin (set! n (+ n 1)) ", "(+ x n))", ")")[:-1], "599"),
    "nested lets": (nested(100, "(let ((x (+ x 1))) ", "x"), "599"),
    "lets nested in values": (nested(100, "(let ((y ", "x", ")) (+ y 1))"), "599"),
    "nested let*": (f"(let* ({repeated(300, '(x (+ x 1))')}) x)", "799"),
    "nested lambdas": (nested(100, "((lambda (y) ", "x", ") x)"), "499"),
    "nested closures": (nested(100, "(", nested(100, "(lambda () ", "x")), "499"),
    "nested whens": (nested(100, "(when x ", "x"), "499"),
    "nested unlesses with more": (nested(100, "(unless (< x 0) 'more ", "x"), "499"),
    "nested guards": (nested(30, "(guard (e ((string? e) e)) ", "(raise 'inner)", ")"), None),
    "nested do loops": (f"(begin {DO_LOOPS} (set! n (+ n 1)) {')' * 30} (+ x n))", "500"),
    "nested named lets": (nested(30, "(let again ((i 0)) (if (< i 1) (again (+ i 1)) ", "x", "))"), "499"),
    "nested let-values": (nested(60, "(let-values (((x y) (values (+ x 1) 0))) ", "x"), "559"),
    "nested parameterizes": (nested(60, "(parameterize () ", "x"), "499"),
    "nested handles": (nested(30, "(handle ", "(+ x (effect ask.op 1))", " (ask.op (y k) (k (+ y 1))))"), "501"),
    "nested delays": (nested(60, "(force (delay ", "x", "))"), "499"),
    "many parameters": (f"((lambda ({repeated(300, 'p{}')}) (+ p0 p299)) {repeated(300, '(+ x {})')})", "1297"),
    "long string": (f'(string-length "{"word " * 2000}")', "10000"),
    "long symbol": (f"(string-length (symbol->string '{'s' * 2000}))", "2000"),
}
PLACES = {
    "result of a procedure": "(define (f x) {}) (f 499)",
    "operand in a procedure": "(define (f x) (car (list {}))) (f 499)",
    "result of a loop": "(define (f x) (let go ((i 0)) (if (< i 3) (go (+ i 1)) {}))) (f 499)",
    "top level": "(define x 499) {}",
}


@pytest.mark.parametrize(
    ("expression", "value"), [case for case in LARGE.values() if case[1]], ids=[k for k, v in LARGE.items() if v[1]]
)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_large_expressions(place: str, expression: str, value: str) -> None:
    assert value_of(f"(define n 0) (define (same y) y) {place.format(expression)}") == value


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_an_error_passes_many_guards(place: str) -> None:
    expression = nested(30, "(guard (e ((string? e) e)) ", "(raise 'inner)")
    assert value_of(f"(guard (e (#t (list 'outer e))) {place.format(expression)})") == "(outer inner)"


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("".join(f"(define v{i} {i})\n" for i in range(1000)) + "(+ v0 v999)", "999"),
        ("".join(f"(define (f{i}) {i})\n" for i in range(300)) + "(+ (f0) (f299))", "299"),
        ("(define n 0)" + "(set! n (+ n 1))\n" * 1000 + "n", "1000"),
        (f"(define (f) {repeated(300, '(define v{} {})')} (+ v0 v299)) (f)", "299"),
        (f"(define (f x) {repeated(500, '(set! x (+ x 1))')} x) (f 0)", "500"),
        ("(define (f) " * 30 + "42" + ") (f)" * 30, "42"),
        (f"(exact->inexact #x{'f' * 40})", "1.461501637330903e48"),
        (f"(= (quotient #x{'f' * 4000} #x{'f' * 3999}) 16)", "#t"),
        (f"(let ((n #x{'f' * 4000})) (modulo n 65536))", "65535"),
        (f"(modulo (car '(#x{'f' * 4000})) 65536)", "65535"),
        (f"(modulo (expt 7 20000) {7**5})", "0"),
    ],
    ids=lambda text: text[:40],
)
def test_large_programs(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(eq? 5 #t)                                                         ⇒ #f
(eq? "x" 'a)                                                       ⇒ #f
(eq? 5 5)                                                          ⇒ #t
(eqv? "" "")                                                       ⇒ #t
(eq? '() '())                                                      ⇒ #t
(define (f x) (if (if x 0 #f) 'a 'b)) (list (f #t) (f #f))         ⇒ (a b)
(if 0 'a 'b)                                                       ⇒ a
(if "" 'a 'b)                                                      ⇒ a
(if '() 'a 'b)                                                     ⇒ a
(and 1 2)                                                          ⇒ 2
(or 1 2)                                                           ⇒ 1
(define (f) (if (and "x" 5) 1 2)) (f)                              ⇒ 1
(define (f) 5 "unused" 'a 6) (f)                                   ⇒ 6
(guard (e (#t 'caught)) ("abc" 1))                                 ⇒ caught
(guard (e (#t 'caught)) (5))                                       ⇒ caught
(guard (e (#t 'caught)) ('(1 2) 0))                                ⇒ caught
(guard (e (#t 'caught)) (#t #f))                                   ⇒ caught
(guard (e (#t 'caught)) (1.5 2))                                   ⇒ caught
(guard (e (#t 'caught)) (#(1 2) 0))                                ⇒ caught
(guard (e (#t 'caught)) (#\a))                                     ⇒ caught
(guard (e (#t 'caught)) ('a 1))                                    ⇒ caught
(guard (e (#t 'caught)) (vector-ref 5 0))                          ⇒ caught
(guard (e (#t 'caught)) (car 5))                                   ⇒ caught
(guard (e (#t 'caught)) (+ 1 "a"))                                 ⇒ caught
(guard (e (#t 'caught)) (< 1 'a))                                  ⇒ caught
(define (f) (assert (= 1 1)) 'fine) (f)                            ⇒ fine
(string-length "\\d \\ \" ' \x0; \x1b; \x7f;")                     ⇒ 14
"""),
)
def test_no_warning_of_python(program: str, value: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value_of(program) == value


@pytest.mark.parametrize(
    "character",
    ["'", '"', "\\", "\n", "\r", "\t", "\0", "\x0c", "\x1b", "\x85", "\u2028", "\u202e", "\ufeff", "🙂", "{", "%"],
    ids=ascii,
)
@pytest.mark.parametrize(
    "form", ['(string-append "{}" "x{}y" "")', "'(|a{}|)", "'{}"], ids=["string", "symbol", "char"]
)
def test_every_character_survives(form: str, character: str) -> None:
    escaped = f"\\x{ord(character):x};"
    if form == "'{}":
        assert value_of(f"(char->integer #\\x{ord(character):x})") == str(ord(character))
    elif "|" in form:
        program = f"(string->list (symbol->string (car {form.replace('{}', escaped)})))"
        assert value_of(f"(map char->integer {program})") == f"(97 {ord(character)})"
    else:
        program = f"(string->list {form.replace('{}', escaped)})"
        assert value_of(f"(map char->integer {program})") == f"({ord(character)} 120 {ord(character)} 121)"


@pytest.mark.parametrize(
    "documentation",
    [
        r"ends with \"",
        r"\"\"\"",
        r"a \\ b",
        r"\\",
        "one\n  two\n",
        r"\x0;\x1b;",
        "Größe → 日本",
        "",
        " ",
        "'''",
        r"\\N{DASH}",
    ],
    ids=ascii,
)
def test_every_documentation_survives(documentation: str) -> None:
    names: dict[str, Any] = {}
    text = python_of(f'(define (f) "{documentation}" 1) (define text "{documentation}")')
    exec(compile(text, "module.py", "exec"), names)
    assert cleandoc(names["f"].__doc__ or "").strip() == cleandoc(names["text"]).strip()
    assert value_of(f'(define (f) "{documentation}" 1) (f)') == "1"


@pytest.mark.parametrize(
    "name",
    [
        "plain.omega",
        r"back\slash\new.omega",
        'double"quote.omega',
        '"""',
        "it's.omega",
        "two\nlines.omega",
        "ends with \\",
        "tab\t.omega",
        "carriage\rreturn.omega",
        "größe 日本.omega",
        "{braces} %s.omega",
        "# comment",
        "coding: latin-1",
        "",
        "<string>",
        "lone\udc80surrogate.omega",
    ],
    ids=ascii,
)
def test_any_source_can_have_any_name(name: str) -> None:
    direct, _ = runs_of("(define (f) (effect ask.op 1)) (handle (f) (ask.op (x k) (k (+ x 1))))", name)
    assert (direct.message, direct.value) == (None, "2")


@pytest.mark.parametrize("name", ["plain.omega", 'a"b\\c.omega', "two\nlines.omega", "größe.omega"], ids=ascii)
def test_an_error_is_placed_in_a_source_of_any_name(name: str) -> None:
    direct, module = runs_of("(define (f x)\n  (car x))\n(f 5)", name)
    assert direct.message == module.message == "car: argument 1 must be a pair, but got 5"
    assert direct.place == (2, 3)


PROGRAM = """
(define-record-type point (make-point x y) point? (x point-x set-x!) (y point-y))
(define table (make-equal-hash-table))
(define (f a b . c) (let loop ((i 0) (l '())) (if (< i a) (loop (+ i 1) (cons (lambda () (+ i b)) l)) (map (lambda (p) (p)) l))))
(define-syntax swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))
(define (g x y) (swap! x y) (handle (effect ask.op `(a ,x ,@y)) (ask.op (p k) (k p))))
(define (h x) (case x ((a b c) 'letter) ((1 2) 'number) (else (guard (e ((string? e) e)) (raise x)))))
(display (list (f 3 4) (g '(2) 1) (h 'a) (h "s") (string? 1)))
"""


def test_the_text_is_the_same_whatever_the_hash_seed() -> None:
    script = f"""
import sys
from omegac.pipeline import compile_source
from omegac.source import Source
sys.stdout.write(compile_source(Source({NAME!r}, sys.stdin.read())).text())
"""
    texts = {python_of(PROGRAM)}
    for seed in ("0", "1", "2024"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script], input=PROGRAM, env=environment, capture_output=True, text=True, check=True
        )
        texts.add(done.stdout)
    assert len(texts) == 1


def test_the_same_program_prints_the_same_again() -> None:
    program = '(define t (make-hash-table)) (for-each (lambda (k) (hash-table-set! t k k)) (list 3 1 2 "x" \'y)) (display (hash-table-keys t))'
    assert output_of(program) == output_of(program) == "(3 1 2 x y)"


@pytest.mark.slow
def test_the_compiler_takes_deep_nesting_on_every_python() -> None:
    """Recursion through C code is bounded from Python 3.12 on, whatever the recursion limit says."""
    text = f"(define (f x) {nested(5_000, '(+ 1 ', 'x')})\n(define (g x) {nested(5_000, '(+ ', 'x', ' 1)')})\n"
    assert output_of(f"{text}(display (list (f 1) (g 2)))") == "(5001 5002)"
