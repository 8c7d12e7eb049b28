"""What is read as a transcript, and which answers hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.repl.transcripts import Example, examples_of, is_answer, is_text


@pytest.mark.parametrize(
    ("block", "examples"),
    [
        ("Ω> (+ 1 2)\n=> 3", [Example(2, "(+ 1 2)", "3", "")]),
        ("Ω> (+ 1\n     2)\n=> 3", [Example(2, "(+ 1\n     2)", "3", "")]),
        ("Ω> (f)\n\n=> ((a)\n    (b))", [Example(2, "(f)", "((a)\n    (b))", "")]),
        ("Ω> (display 1)\n1\n=> 2", [Example(2, "(display 1)", "2", "1")]),
        ("Ω> (display 1)\n1", [Example(2, "(display 1)", None, "1")]),
        ("Ω> (f)\n;; an error, perhaps", [Example(2, "(f)")]),
        ("Ω> (f)\nΩ> (g)\n=> 2", [Example(2, "(f)"), Example(3, "(g)", "2", "")]),
        ("Ω> (f)\n=> error: no", [Example(2, "(f)", "error: no", "")]),
        ("(define x 1)\n(* x 2)\n=> 2", [Example(2, "(define x 1)\n(* x 2)", "2")]),
        (
            "(define (f)\n  1)\n\nΩ> (f)\n=> 1",
            [Example(2, "(define (f)\n  1)\n", None, None, False), Example(5, "(f)", "1", "")],
        ),
        ("(define x 1)", [Example(2, "(define x 1)", None, None, False)]),
        ("(import (a))\n(define x 1)", [Example(2, "(import (a))\n(define x 1)", None, None, False)]),
        ("(display 1)", []),
        ("(define x 1)\n(display x)", []),
        ("Ω> (f) ; doctest: skip\n=> 1\n\nΩ> 2", [Example(5, "2")]),
        ("", []),
    ],
)
def test_blocks_of_markdown(block: str, examples: list[Example]) -> None:
    assert examples_of(Path("a.md"), f"```lisp\n{block}\n```\n") == examples


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("```lisp\nΩ> 1\n```", [2]),
        ("```scheme title=x\nΩ> 1\n```", [2]),
        ("~~~~ omega\nΩ> 1\n~~~~", [2]),
        ("- item\n\n  ```lisp\n  Ω> 1\n  ```", [4]),
        ("```lisp\nΩ> 1\n```\n\n```lisp\nΩ> 2\n```", [2, 6]),
        ("````lisp\nΩ> 1\n```\n````", [2]),
        ("```\nΩ> 1\n```", []),
        ("```python\nΩ> 1\n```", []),
        ("    Ω> 1", []),
        ("<!-- doctest: skip -->\n\n```lisp\nΩ> 1\n```", []),
        ("```lisp\nΩ> 1", []),
    ],
)
def test_which_blocks_count(text: str, lines: list[int]) -> None:
    assert [each.line for each in examples_of(Path("a.md"), text)] == lines


def test_comments_of_omega_files() -> None:
    text = ";; Twice as much.\n;; Ω> (twice 2)\n;; => 4\n(define (twice x) (* 2 x)) ; Ω> not here\n; no transcript\n"
    assert [(each.line, each.text, each.answer) for each in examples_of(Path("a.omega"), text)] == [
        (2, "(twice 2)", "4")
    ]


@pytest.mark.parametrize(
    ("expected", "given", "holds"),
    [
        ("3", "3", True),
        ("3", "4", False),
        ("(a\n   b)  ; why", "(a b)", True),
        ('"a  b"', '"a b"', False),
        ("...", "(a b)", True),
        ("(a ...)", "(a b c)", True),
        ("(a ... c)", "(a b c d)", False),
        ("(... (b ...) ...)", "(a (x) (b c) d)", True),
        ("(a ...)", "(a)", True),
        ("(a ...)", "(b a)", False),
        ('"Dear ..."', '"Dear Ada"', True),
        ('"Dear ..."', '"Hi Ada"', False),
        ("0.33", "0.3333333333333333", True),
        ("0.34", "0.3333333333333333", False),
        ("33333.3", "33333.33333333333", True),
        ("2.0", "2", True),
        ("2", "2.4", False),
        ("1.5e3", "1512.0", True),
        ("(x 0.1)", "(x 0.1000000001)", True),
        ("1.0", "one", False),
        ("", "1", False),
    ],
)
def test_which_answers_hold(expected: str, given: str, holds: bool) -> None:
    assert is_answer(expected, given) is holds


@pytest.mark.parametrize(
    ("expected", "given", "holds"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a  \nb", True),
        ("a", "b", False),
        ("took ... seconds", "took 12 seconds", True),
        ("", "", True),
        ("", "something", False),
    ],
)
def test_which_texts_hold(expected: str, given: str, holds: bool) -> None:
    assert is_text(expected, given) is holds
