"""What the formatter makes of a text."""

from __future__ import annotations

import re

import pytest

import omegac.expand  # noqa: F401 - registers the forms
from omegac.errors import OmegaSyntaxError
from omegac.expand.special import SPECIAL_FORMS
from omegac.formatting import formatted, indentation
from omegac.formatting.shapes import BODIES, PREFIXES, body_of
from omegac.source import Source
from tests.support import ROOT


def laid_out(text: str) -> str:
    return formatted(Source("a.omega", text))


ON_ONE_LINE = [
    ("", ""),
    ("\n \n", ""),
    ("x", "x\n"),
    ("( a  b\tc )", "(a b c)\n"),
    ("(a(b)c)", "(a (b) c)\n"),
    ('(a"b""c")', '(a "b" "c")\n'),
    ("( a  .  b )", "(a . b)\n"),
    ("' a", "'a\n"),
    ("`( a , b ,@ c )", "`(a ,b ,@c)\n"),
    ("(quasiquote (, @x))", "(quasiquote (, @x))\n"),
    ("#( 1 2 )", "#(1 2)\n"),
    ("#u8( 1 2 )", "#u8(1 2)\n"),
    ("'#0= (a . #0#)", "'#0=(a . #0#)\n"),
    ("(a #; (b  c) d)", "(a #;(b c) d)\n"),
    ("( #| x  y |# a)", "(#| x  y |# a)\n"),
    ("'#|x|#a", "' #|x|# a\n"),
    (r"(#\  #\( #\) #\; #\" #\a)", '(#\\  #\\( #\\) #\\; #\\" #\\a)\n'),
    ("(|a  b| |a|: c|d|)", "(|a  b| |a|: c|d|)\n"),
    ('"a  \n  b  "', '"a  \n  b  "\n'),
    ("#!/usr/bin/env  omegac\n\n1", "#!/usr/bin/env  omegac\n\n1\n"),
    ("#!fold-case  A", "#!fold-case A\n"),
    ("(a\u00a0b   c)", "(a\u00a0b c)\n"),
]

CALLS = [
    ("(f a\nb)", "(f a\n   b)\n"),
    ("(f\na\nb)", "(f\n  a\n  b)\n"),
    ("(f a b\nc\n)", "(f a b\n   c)\n"),
    ("((f a)\nb)", "((f a)\n b)\n"),
    ("(\nf a)", "(f a)\n"),
    ("(f 'a\n'(b\nc))", "(f 'a\n   '(b\n     c))\n"),
    ("'(f a\nb)", "'(f a\n  b)\n"),
    ("#(f a\nb)", "#(f a\n  b)\n"),
    ("(1 2\n3)", "(1 2\n 3)\n"),
    ('("a" b\nc)', '("a" b\n c)\n'),
    ('(f "x\ny" a\nb)', '(f "x\ny" a\n   b)\n'),
    ('(f (g "x\ny" (h a\nb)))', '(f (g "x\ny" (h a\n      b)))\n'),
    ("(f #;a b\nc)", "(f #;a b\n       c)\n"),
    ("(if a\nb\nc)", "(if a\n    b\n    c)\n"),
    ("'\n(a)", "'(a)\n"),
]

FORMS = [
    ("(define x\n5)", "(define x\n  5)\n"),
    ("(define (f x)\n'doc\nx)", "(define (f x)\n  'doc\n  x)\n"),
    ("(define (f x\ny)\nx)", "(define (f x\n           y)\n  x)\n"),
    ("(lambda (x\ny)\nx)", "(lambda (x\n         y)\n  x)\n"),
    ("(lambda\n(x)\nx)", "(lambda\n    (x)\n  x)\n"),
    ("(let ((a 1)\n(b 2))\na)", "(let ((a 1)\n      (b 2))\n  a)\n"),
    ("(let ((a\n1))\na)", "(let ((a\n        1))\n  a)\n"),
    ("(let loop ((a 1)\n(b 2))\na)", "(let loop ((a 1)\n           (b 2))\n  a)\n"),
    ("(let loop\n((a 1))\na)", "(let loop\n    ((a 1))\n  a)\n"),
    ("(do ((i 0 (+ i 1)))\n((= i 3))\n(f))", "(do ((i 0 (+ i 1)))\n    ((= i 3))\n  (f))\n"),
    ("(receive (a)\n(f)\na)", "(receive (a)\n    (f)\n  a)\n"),
    ("(begin\na\nb)", "(begin\n  a\n  b)\n"),
    ("(begin a\nb)", "(begin a\n       b)\n"),
    ("(set! x\n5)", "(set! x\n  5)\n"),
    ("(cond (a\nb)\n(else\nc))", "(cond (a\n       b)\n      (else\n       c))\n"),
    ("(cond\n((f a)\nb)\n(else c\nd))", "(cond\n  ((f a)\n   b)\n  (else c\n        d))\n"),
    ("(case x\n((1\n2) 'a\n'b))", "(case x\n  ((1\n    2) 'a\n   'b))\n"),
    ("(match x\n(y when (f y)\ny))", "(match x\n  (y when (f y)\n   y))\n"),
    ("(match x\n(_ (f)\n(g)))", "(match x\n  (_ (f)\n     (g)))\n"),
    (
        "(guard (e ((f e)\n1)\n(else\n2))\n(g))",
        "(guard (e ((f e)\n           1)\n          (else\n           2))\n  (g))\n",
    ),
    (
        "(handle (f)\n(on ask (q k)\n(k 1))\n(return (v)\nv)\n(finally\n(g)))",
        "(handle (f)\n  (on ask (q k)\n    (k 1))\n  (return (v)\n    v)\n  (finally\n    (g)))\n",
    ),
    ("(restart-case (f)\n(use (x)\nx))", "(restart-case (f)\n  (use (x)\n    x))\n"),
    ("(effect infer.op a\nmax-tokens: 5)", "(effect infer.op a\n  max-tokens: 5)\n"),
    ('(with-budget "$1"\n(lambda ()\n5))', '(with-budget "$1"\n  (lambda ()\n    5))\n'),
    ("(call-with-port p\n(lambda (p)\n5))", "(call-with-port p\n  (lambda (p)\n    5))\n"),
    ("(define-record-type p\n(p a)\np?\n(a a))", "(define-record-type p\n  (p a)\n  p?\n  (a a))\n"),
    (
        "(define-syntax for (syntax-rules () ((_ x l body ...) 5)))\n(for x l\nx)",
        "(define-syntax for (syntax-rules () ((_ x l body ...) 5)))\n(for x l\n  x)\n",
    ),
    ("(define-macro (when2 test . body) 5)\n(when2 a\nb)", "(define-macro (when2 test . body) 5)\n(when2 a\n  b)\n"),
    ("(define-syntax a (syntax-rules () ((_ x y) 5)))\n(a b\nc)", None),
]

LINES = [
    ("a\n\n\n\n\nb", "a\n\n\nb\n"),
    ("a\nb\n\n\n", "a\nb\n"),
    ("(f\n\n\n\na\n\n)", "(f\n\n  a)\n"),
    ("(f a)  (g)", "(f a) (g)\n"),
    ("a\r\n(f b\r\nc)", "a\r\n(f b\r\n   c)\r\n"),
    ("a \t\n\x0cb", "a\nb\n"),
]

COMMENTS = [
    ("a ;b  ", "a  ;b\n"),
    ("   ; a\n  ;; b\nc", "; a\n;; b\nc\n"),
    ("(f a ; b\n)", "(f a  ; b\n   )\n"),
    ("(f ; a\nb)", "(f  ; a\n  b)\n"),
    ("(; a\nf b)", "(  ; a\n f b)\n"),
    ("(f\n; a\nb)", "(f\n  ; a\n  b)\n"),
    ("' ; a\nb", "'  ; a\nb\n"),
    ("'\n; a\nb", "'\n; a\nb\n"),
    ("(let ((a 1) ; x\n(bb 22)) ; y\na)", "(let ((a 1)  ; x\n      (bb 22))  ; y\n  a)\n"),
    ("(a)   ; x\n(bcd) ; y", "(a)    ; x\n(bcd)  ; y\n"),
    ("(a)   ; x\n      ; y\n(bcd) ; z", "(a)    ; x\n       ; y\n(bcd)  ; z\n"),
    ("(a)   ; x\n\n      ; y", "(a)  ; x\n\n; y\n"),
    ("a\n#| x\n   y |#\nb", "a\n#| x\n   y |#\nb\n"),
    ("(a #| #| x |# y |#b)", "(a #| #| x |# y |# b)\n"),
    ("; fmt: off\n( a  b )\n\n\n\nc \n; fmt: on\n( d )", "; fmt: off\n( a  b )\n\n\n\nc \n; fmt: on\n(d)\n"),
    ("( a )\n; fmt: off - a table\n( b )\n\n", "(a)\n; fmt: off - a table\n( b )\n"),
    ("(f\n; fmt: off\n a  b)", "(f\n  ; fmt: off\n  a b)\n"),
    ("( a ) ; fmt: off\n( b )", "(a)  ; fmt: off\n(b)\n"),
]


@pytest.mark.parametrize(("text", "expected"), [*ON_ONE_LINE, *CALLS, *FORMS, *LINES, *COMMENTS])
def test_layout(text: str, expected: str | None) -> None:
    if expected is None:
        expected = text.replace("\nc", "\n   c") + "\n"
    assert laid_out(text) == expected
    assert laid_out(expected) == expected


@pytest.mark.parametrize("text", ["(a", "a)", '"a', "#|a", "'", "[a]", "#foo", "(a . )", "|a"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(OmegaSyntaxError):
        laid_out(text)


@pytest.mark.parametrize(
    ("before", "column"),
    [
        ("", 0),
        ("(+ 1 2)", 0),
        ("(define (f x)", 2),
        ("(define (f x)\n   (g", 5),
        ("(let ((x 1)", 6),
        ("(let ((x 1))", 2),
        ("(let loop", 4),
        ("(list 1 2", 6),
        ("(list   1 2", 8),
        ("  (list 1 2", 8),
        ("(list", 2),
        ("(list\n  1", 2),
        ("(list\n     (f", 7),
        ("(if (f a\n       b)", 4),
        ("((lambda (x) x)", 1),
        ("(cond (a", 7),
        ("(f a) ; (b", 0),
        ("(f a ; (b", 3),
        ("'(", 2),
        ("'(a b", 2),
        ("'", 0),
        ("(f 'a", 3),
        ("(f '", 3),
        ('"text', None),
        ('(f "a" "te\\"', None),
        ('(f "a"', 3),
        ("(f |a b", None),
        ("#| a #| b |#", None),
        ("#| a #| b |# |#", 0),
        ("))(f a", 5),
    ],
)
def test_where_the_next_line_begins(before: str, column: int | None) -> None:
    assert indentation(before) == column


def test_the_forms_with_a_body_are_those_of_the_language() -> None:
    with_body = {
        name: form.shape.partition(" or ")[0].split(" body …")[0]
        for name, form in SPECIAL_FORMS.items()
        if form.shape.partition(" or ")[0].endswith(" body …)")
    }
    assert {name for name in with_body if body_of(name, BODIES) is None} == set()
    assert [name for name in BODIES if name not in SPECIAL_FORMS and name != "syntax-rules"] == []
    assert {name: BODIES[name] for name in with_body if not name.startswith(PREFIXES)} == {
        name: _parts(shape) for name, shape in with_body.items() if not name.startswith(PREFIXES)
    }


def _parts(shape: str) -> int:
    """How many operands are in the beginning of a shape."""
    depth = parts = 0
    for at, character in enumerate(shape):
        depth += {"(": 1, ")": -1}.get(character, 0)
        parts += character == " " and depth == 1 and shape[at + 1] != "…"
    return parts


FILES = [*ROOT.glob("examples/*.omega"), *ROOT.glob("benchmarks/**/*.omega"), *ROOT.glob("omegac/**/*.omega")]


def test_there_are_files() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_projects_own_files_are_laid_out(path: object) -> None:
    text = ROOT.joinpath(str(path)).read_text()
    assert formatted(Source(str(path), text)) == text


def test_the_examples_of_the_page_are_laid_out() -> None:
    found = re.findall(r"```lisp\n(.*?)```", (ROOT / "docs" / "EDITORS.md").read_text(), re.DOTALL)
    assert len(found) == 2
    assert [laid_out(text) for text in found] == found
