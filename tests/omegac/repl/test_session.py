"""Sessions: what later inputs see of earlier ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from omega_runtime.control.deep import deep
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.printing import write_text

from omegac.errors import OmegaSyntaxError
from omegac.modules import Modules
from omegac.repl.session import Session, expanded, forms_of, is_complete, python_of


def answers(*inputs: str, session: Session | None = None) -> list[str]:
    """The values that the inputs have, in write form; what is raised is one as well."""
    session = session or Session(Modules())
    found: list[str] = []
    for text in inputs:
        try:
            found += [deep(write_text, value) for value in session.run(session.source(text)) if value is not None]
        except OmegaSyntaxError as error:
            found.append(f"error: {error.diagnostics[0].message}")
        except OmegaError as error:
            found.append(f"error: {str(error).partition(' (<')[0]}")
    return found


@pytest.mark.parametrize(
    ("inputs", "values"),
    [
        # Definitions reach what was compiled before.
        (["(define (f x) (g x))", "(define (g x) (* 2 x))", "(f 3)"], ["6"]),
        (["(define (g) 1) (define (f) (g))", "(define (g) 2)", "(f)"], ["2"]),
        (["(define (f n) (if (= n 0) 'old (f (- n 1))))", "(define g f)", "(define (f n) 'new)", "(g 3)"], ["new"]),
        (["(define x 1)", "(define (f) x)", "(set! x 2)", "(f)"], ["2"]),
        (["(define x 1) (define x 2) x"], ["2"]),
        (["(define (square x) 'mine)", "(square 2)"], ["mine"]),
        (["(define if list)", "(if 1 2 3)"], ["(1 2 3)"]),
        # An input that fails changes nothing but what came before it.
        (["(define x 1)", "(define x (car '()))", "x"], ["error: car: argument 1 must be a pair, but got ()", "1"]),
        (["(define x 1)", "(define x (if))", "x"], ["error: malformed if: expected (if test then [otherwise])", "1"]),
        (["(define y 1) (car '()) (define y 2)", "y"], ["error: car: argument 1 must be a pair, but got ()", "1"]),
        # Macros, records, values.
        (
            [
                "(define-syntax twice (syntax-rules () ((_ x) (begin x x))))",
                "(define n 0)",
                "(twice (set! n (+ n 1))) n",
            ],
            ["2"],
        ),
        (["(define (double form) (list '* 2 form))", "(define-macro (m x) (double x))", "(m 4)"], ["8"]),
        (["(define-macro (m x) x)", "(define (m x) 'procedure)", "(m 1)"], ["procedure"]),
        (["(define-record-type point (make-point x) point? (x px))", "(px (make-point 3))"], ["3"]),
        (["(define-values (a b) (values 1 2))", "(+ a b)"], ["3"]),
        (["(define-library (l) (export v) (begin (define v 5)))", "(import (prefix (l) l:))", "l:v"], ["5"]),
        (
            [
                "(define-library (l) (export f) (begin (define (f) (h)) (define (h) 5)))",
                "(define (h) 6)",
                "(import (l))",
                "(f)",
            ],
            ["5"],
        ),
        (
            [
                "(define-library (l) (export m) (begin (define n 1) (define-syntax m (syntax-rules () ((_) n)))))",
                "(import (l))",
                "(m)",
            ],
            ["1"],
        ),
        (
            [
                "(define-library (l) (export v) (begin (define v 5)))",
                "(define-library (l) (export v) (begin (define v 6)))",
                "(import (l))",
                "v",
            ],
            ["6"],
        ),
        # eval is the session's own.
        (["(define x 4)", "(eval '(* x x))", "(eval '(define z 9))", "z"], ["16", "9"]),
        # Imports may be replaced.
        (["(import (only (srfi 1) iota))", "(iota 2)", "(define (iota n) 'mine)", "(iota 2)"], ["(0 1)", "mine"]),
        # Tail calls and deep recursion.
        (
            [
                "(define (even n) (if (= n 0) #t (odd (- n 1))))",
                "(define (odd n) (if (= n 0) #f (even (- n 1))))",
                "(even 100000)",
            ],
            ["#t"],
        ),
        (["(define (count n) (if (= n 0) 0 (+ 1 (count (- n 1)))))", "(count 50000)"], ["50000"]),
    ],
)
def test_inputs_see_each_other(inputs: list[str], values: list[str]) -> None:
    assert answers(*inputs) == values


CAPTURE = "(define k #f) (define (mark x) (call/cc (lambda (c) (set! k c) x)))"


@pytest.mark.parametrize(
    ("inputs", "values"),
    [
        ([CAPTURE, "(+ 1 (mark 1))", "(k 10)", "(k 20)"], ["2", "11", "21"]),
        (["(define (twice f) (+ (f) (f)))", CAPTURE, "(twice (lambda () (mark 1)))", "(k 5)"], ["2", "6"]),
        ([CAPTURE, "(define x (mark 1))", "x", "(k 2)", "x"], ["1", "2"]),
        ([CAPTURE, "(list (map mark '(1 2)))", "(k 7)"], ["((1 2))", "((1 7))"]),
        (["(amb 1 2 3)", "(amb)", "(amb)"], ["1", "2", "3"]),
        (["(define x (amb 1 2 3))", "(require (> x 1))", "x"], ["2"]),
        (
            ["(define n 0)", "(begin (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) n)"],
            ["error: set! of k, which this program doesn't define"],
        ),
    ],
)
def test_what_an_input_captures_can_be_entered_by_a_later_one(inputs: list[str], values: list[str]) -> None:
    assert answers(*inputs) == values


def test_procedures_stay_plain_code_though_continuations_may_be_captured_in_their_calls() -> None:
    session = Session(Modules())
    source = session.source("(define (f n) (+ 1 (g n)))")
    assert python_of(session.compiled(source, forms_of(source)[0])).splitlines()[:2] == [
        "def f(n):",
        "    return 1 + session.g(n)",
    ]
    assert answers("f", session=session) == ["error: unbound variable: f"]


def test_expansions_are_shown_by_name() -> None:
    session = Session(Modules())
    answers("(define x 1)", session=session)
    source = session.source("(unless x (car y))")
    assert expanded(session.compiled(source, forms_of(source)[0])) == "(if x #<unspecified> (car y))"


def test_a_module_that_has_changed_is_run_again_when_it_is_imported_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = Session(Modules(path=["."]))

    def write(name: str, text: str) -> None:
        Path(name).write_text(text)
        os.utime(name)

    write("first-of-all.omega", "(define one 1)")
    write("second-of-all.omega", "(import (first-of-all)) (define two (+ one one))")
    assert answers("(import (first-of-all) (second-of-all))", "(list one two)", session=session) == ["(1 2)"]
    write("first-of-all.omega", "(define one 10) (define (more) 11)")
    assert answers("(import (first-of-all) (second-of-all))", "(list one two (more))", session=session) == [
        "(10 20 11)"
    ]


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("", True),
        ("(+ 1 2)", True),
        ("(+ 1 2) x", True),
        ("(+ 1", False),
        ('(display "a', False),
        ('"a\n', False),
        ("#| a comment", False),
        ("#| a comment |#", True),
        ("'", False),
        ("'x", True),
        ("#;", False),
        ("; (", True),
        ("(+ 1 2))", True),
        ("|odd symbol", False),
        (",time (f", False),
        (",time (f 1)", True),
    ],
)
def test_when_an_input_is_complete(text: str, whether: bool) -> None:
    assert is_complete(text) is whether
