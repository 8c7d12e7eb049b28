"""What the compiler has to say about a program: messages, places, carets, help; all of it in one go."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from omegac.errors import OmegaSyntaxError
from omegac.expand.special import SPECIAL_FORMS
from omegac.lacking import PROCEDURES, SYNTAX, lack_of
from omegac.library import library
from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.omega import NAME, findings_of, rendered, table


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
;; unbound variables are errors, each name once
(display lenght)                            ⇒ 2:10: error: unbound variable: lenght
(foo 1)
(foo 2)                                     ⇒ 1:2: error: unbound variable: foo
(define (f x) y) (f 1)                      ⇒ 1:15: error: unbound variable: y
(let ((x 1)) x) x                           ⇒ 1:17: error: unbound variable: x
(let ((x x)) x)                             ⇒ 1:10: error: unbound variable: x
(define (f) (define local 1) local) local   ⇒ 1:37: error: unbound variable: local
(guard (e (#t e)) 1) e                      ⇒ 1:22: error: unbound variable: e
Car                                         ⇒ 1:1: error: unbound variable: Car
%receive                                    ⇒ 1:1: error: unbound variable: %receive
;; duplicate definitions
(define x 1)
(define x 2)                                ⇒ 3:9: error: duplicate definition of x
(define (f) 1)
  (define (f y) 2)                          ⇒ 2:12: error: duplicate definition of f
(define x 1) (define-record-type x (mk) x?) ⇒ 1:34: error: duplicate definition of x
(define (f)
  (define a 1)
  (define a 2)
  a)                                        ⇒ 3:11: error: duplicate definition of a
;; arity of known procedures
(car)                                       ⇒ 2:1: error: car takes 1 argument, but gets 0
(cons 1)                                    ⇒ 1:1: error: cons takes 2 arguments, but gets 1
(list (cons 1 2 3))                         ⇒ 1:7: error: cons takes 2 arguments, but gets 3
(vector-ref #(1))                           ⇒ 1:1: error: vector-ref takes 2 arguments, but gets 1
(-)                                         ⇒ 1:1: error: - takes at least 1 argument, but gets 0
(define (f x y) x) (f 1)                    ⇒ 1:20: error: f takes 2 arguments, but gets 1
(define (f x . y) x) (f)                    ⇒ 1:22: error: f takes at least 1 argument, but gets 0
(define (f) (g 1)) (define (g) 1)           ⇒ 1:13: error: g takes 0 arguments, but gets 1
(define f (lambda (x) x)) (f)               ⇒ 1:27: error: f takes 1 argument, but gets 0
(let ((f (lambda (x) x))) (f 1 2))          ⇒ 1:27: error: f takes 1 argument, but gets 2
(let loop ((i 0)) (loop))                   ⇒ 1:19: error: loop takes 1 argument, but gets 0
((lambda (x) x) 1 2)                        ⇒ 1:1: error: this procedure takes 1 argument, but gets 2
(define (f x) (if (= x 0) 1 (f)))           ⇒ 1:29: error: f takes 1 argument, but gets 0
;; other forms
(foo . bar)                                 ⇒ 2:1: error: a dotted list is no expression
()                                          ⇒ 1:1: error: () is no expression
(list ())                                   ⇒ 1:7: error: () is no expression
if                                          ⇒ 1:1: error: if is syntax, not a value
(display else)                              ⇒ 1:10: error: unbound variable: else
(let ((x 1)
      (y))
  x)                                        ⇒ 2:7: error: malformed let: expected (let ((name value) …) body …) or (let name ((name value) …) body …)
(define "äöü" (if))                         ⇒ 1:9: error: the name of a definition must be a symbol
(list "äöü" '日本 (if))                      ⇒ 1:17: error: malformed if: expected (if test then [otherwise])
	(if)                                        ⇒ 1:1: error: malformed if: expected (if test then [otherwise])
"""),
)
def test_findings(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]


@pytest.mark.parametrize(
    "program",
    [
        "(define (f . x) x) (f) (f 1) (f 1 2)",
        "(define (f x) x) (set! f (lambda () 1)) (f)",
        "(define (f x) x) (let ((f (lambda () 1))) (f))",
        "(define (car) 1) (car)",
        "(define (f car) (car))",
        "(define (f g) (g 1)) (f (lambda () 1))",
        "(+) (*) (list) (append) (string-append) (vector)",
        "(define (f) (g)) (define (g) 1)",
        "(define-values (a b) (values 1 2)) (list a b)",
        "(define λx 1) λx",
        "(define-syntax m (syntax-rules () ((_ x) (let ((t x)) t)))) (m 1)",
        "(guard (e ((string? e) => (lambda (x) x)) (else 1)) 1)",
        "'(if . (x))",
        "",
        "; only a comment",
    ],
)
def test_nothing_to_say(program: str) -> None:
    assert findings_of(program) == []


def test_all_errors_of_a_file_are_reported_in_order() -> None:
    program = """
    (define (f x) (if))
    (define (g x) (let ((x)) x))
    (car 1 2)
    (dispaly 1)
    (define (f) 2)
    (list (cons 1))
    """
    found = findings_of(program)
    assert [finding.split(":")[0] for finding in found] == sorted(finding.split(":")[0] for finding in found)
    assert [finding.split(": ")[2].split()[0] for finding in found] == [
        "malformed",
        "malformed",
        "car",
        "unbound",
        "duplicate",
        "cons",
    ]


def test_errors_of_reading_and_of_expanding_come_together() -> None:
    found = findings_of('(if)\n(display #z)\n(car "a\\qb")\n(let x)')
    assert [finding.split(":")[0] for finding in found] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (
            "(define x 1)\n(display (lenght '(1 2)))",
            (
                "{}:2:11: error: unbound variable: lenght\n"
                "  2 | (display (lenght '(1 2)))\n"
                "    |           ^^^^^^\n"
                "  help: did you mean length?"
            ),
        ),
        (
            "(define (area w h)\n  (* w h))\n(area 1)",
            (
                "{}:3:1: error: area takes 2 arguments, but gets 1\n"
                "  3 | (area 1)\n"
                "    | ^^^^^^^^\n"
                "  help: area is defined on line 1 as (area w h)"
            ),
        ),
        (
            "(define x 1)\n(define x 2)",
            (
                "{}:2:9: error: duplicate definition of x\n"
                "  2 | (define x 2)\n"
                "    |         ^\n"
                "  help: it is defined on line 1 already; use set! to change it"
            ),
        ),
        (
            "(define (f)\n  (if\n    ))",
            "{}:2:3: error: malformed if: expected (if test then [otherwise])\n  2 |   (if\n    |   ^^^",
        ),
        (
            '(list "日本" (if))',
            (
                "{}:1:12: error: malformed if: expected (if test then [otherwise])\n"
                '  1 | (list "日本" (if))\n'
                "    |              ^^^^"
            ),
        ),
        (
            "(list 1\n  (2 . 3))",
            "{}:2:3: error: a dotted list is no expression\n  2 |   (2 . 3))\n    |   ^^^^^^^\n  help: quote it with '",
        ),
        (
            "(if #t (define x 1))",
            (
                "{}:1:8: error: define stands where an expression is needed\n"
                "  1 | (if #t (define x 1))\n"
                "    |        ^^^^^^^^^^^^\n"
                "  help: put definitions at the top level or at the start of a body"
            ),
        ),
    ],
)
def test_how_a_finding_looks(program: str, text: str) -> None:
    assert [line.rstrip() for line in rendered(program).splitlines()] == text.format(NAME).splitlines()


@pytest.mark.parametrize(
    ("unknown", "known"),
    [
        ("lenght", "length"),
        ("dispaly", "display"),
        ("string-lenght", "string-length"),
        ("vector-reff", "vector-ref"),
        ("my-procedrue", "my-procedure"),
        ("hash-table-get", "hash-table/get"),
        ("call-with-budget", "with-budget"),
    ],
)
def test_unbound_names_get_a_suggestion(unknown: str, known: str) -> None:
    assert f"did you mean {known}?" in rendered(f"(define (my-procedure) 1) ({unknown} 1)")


@pytest.mark.parametrize(
    ("program", "place", "known"),
    [
        ("(define f (lamda () 1))", "1:12", "lambda"),
        ("(lamda (x . y) (+ x y))", "1:2", "lambda"),
        ("(defin (f x . y) x)\n(f 1)", "1:2", "define"),
        ("(define (g) (f 1))\n(deffine f car)\n(g)", "2:2", "define"),
        ("(cnd ((= 1 2) 3) (else 4))", "1:2", "cond"),
        ("(let-value (((a b) (values 1 2))) a)", "1:2", "let-values"),
        ("(whne #t (x 1))", "1:2", "when"),
        ("(sett! x 1)", "1:2", "set!"),
    ],
)
def test_misspelt_syntax_is_one_finding_that_suggests_the_special_form(program: str, place: str, known: str) -> None:
    name = program.split("\n")[int(place[0]) - 1][int(place[2:]) - 1 :].split()[0]
    assert findings_of(program) == [f"{place}: error: unbound variable: {name}"]
    assert f"did you mean {known}?" in rendered(program)


@pytest.mark.parametrize(
    ("program", "known"),
    [
        ("(define (whens x) x) (whenss 1)", "whens"),
        ("(define (f lambdas) (lambdass 1))", "lambdas"),
        ("(appendd '(1))", "append"),
    ],
)
def test_a_closer_name_is_suggested_before_a_special_form(program: str, known: str) -> None:
    assert f"did you mean {known}?" in rendered(program)


def test_names_like_nothing_get_no_suggestion() -> None:
    assert "help" not in rendered("(xyzzy-plugh 1)")


def test_the_exception_is_a_syntax_error_with_the_place_of_the_first_error() -> None:
    with pytest.raises(OmegaSyntaxError) as caught:
        compile_source(Source(NAME, "(foo)\n  (if)\n(let)"))
    error = caught.value
    assert isinstance(error, SyntaxError)
    assert (error.filename, error.lineno, error.offset, error.end_offset) == (NAME, 1, 2, 5)
    assert (error.text or "").strip() == "(foo)"
    assert [d.span.line for d in error.diagnostics] == [1, 2, 3]


@pytest.mark.parametrize(
    ("program", "known"),
    [
        ("(define (f document) docment)", "document"),
        ("(define (f) (let ((total 1)) (lambda () totl)))", "total"),
        ("(define (f) (define (helper x) x) (helpr 1))", "helper"),
        ("(guard (problem (#t (display prblem))) 1)", "problem"),
        ("(let loop ((index 0)) (if (< indx 3) (loop 1)))", "index"),
    ],
)
def test_local_names_are_suggested_where_they_are_visible(program: str, known: str) -> None:
    assert f"did you mean {known}?" in rendered(program)


@pytest.mark.parametrize("program", ["(let ((xyzzy xyzz)) xyzzy)", "(define (f xyzzy) 1) (display xyzz)"])
def test_names_that_are_not_visible_are_not_suggested(program: str) -> None:
    assert "did you mean" not in rendered(program)


@pytest.mark.parametrize("name", sorted(SYNTAX | PROCEDURES))
def test_names_that_other_schemes_have(name: str) -> None:
    """The list stays true: what the language gets is taken off."""
    assert name not in library()
    assert name not in SPECIAL_FORMS
    assert findings_of(f"(display 1)\n({name} x y)")[0] == f"2:2: error: {lack_of(name)[0]}"
    assert findings_of(f"(define ({name} x) x) ({name} 1)") == []


@pytest.mark.parametrize(
    "program",
    [
        "(import (scheme base) (scheme write))\n(foo 1)",
        '(include "other.omega")\n(foo 1)',
        "(define-structure point x y)\n(make-point 1 2)",
        "(define f (named-lambda (f x) (list y w)))",
        "(define (f x)) (f 1) (g 2)",
        "(define-record-type p (mk a b) p? (a)) (mk 1)",
    ],
)
def test_nothing_that_only_follows_from_a_definition_that_was_not_understood(program: str) -> None:
    assert len(findings_of(program)) == 1


# What isn't a thunk for certain; {} is with-budget's second operand.
NO_THUNKS = [
    '(effect infer.op "q")',
    '(string-append "a" (effect infer.op "q"))',
    '(f (effect infer.op "q"))',
    '(let ((x (effect infer.op "q"))) x)',
    '(begin (display (effect infer.op "q")) 5)',
    '(if (f 1) (effect infer.op "q") f)',
    '((lambda (x) (effect infer.op x)) "q")',
    "(ask 1)",
    "(ask-again 3)",
    '"text"',
    "5",
    "'(lambda () 1)",
    "(string-length (f 1))",
    "(display (f 1))",
    "(if (f 1) 1 2)",
    '(cond ((f 1) \'a) (else "b"))',
    "(guard (e (#t 1)) (ask 1))",
    "limit",
    '(effect file.read.op "x")',
    '(handle (effect infer.op "q") (on my.op (k) (k 1)))',
    '(handle (begin (effect infer.op "q") f) (on infer.op (p k) (k (effect infer.op p))))',
    '(handle (begin (effect my.op) f) (on my.op (k) (k (effect infer.op "q"))))',
    '(map (lambda (x) (effect infer.op x)) (list "a"))',
    "(map ask (list 1))",
    "(list (f 1) (f 2))",
    "(append (f 1) (map ask (f 1)))",
    "(append-map f (f 1))",
    "(filter-map f (f 1))",
    "(reverse (f 1))",
    "(sort (f 1) <)",
    "(iota (f 1))",
    "(list-copy (f 1))",
    "(string-split (f 1) #\\,)",
    "(concatenate (f 1))",
    "(format #f (f 1))",
    "(cons* 1 2 (f 1))",
    "(adaptive-summarize (f 1) 100)",
    "(single-pass (f 1) 'm)",
    "(multi-pass-refinement (f 1) 'm 2)",
    "(generate-with-quality-target (f 1) 'high 100)",
    "(run-allocated 100 (f 1) f)",
    "(spending)",
    "(ask-all (f 1))",
    "(assoc (f 1) (f 2))",
    '(call/cc (lambda (k) (k (effect infer.op "q"))))',
    '(with-task "t" (lambda () (ask-all (effect infer.op "q"))))',
]
# What may be one.
MAYBE_THUNKS = [
    "(lambda () (ask 1))",
    "(f 1)",
    "(maker 1)",
    "maker",
    "f",
    "(car (list f))",
    "(if (f 1) f 5)",
    "(let ((x 1)) (lambda () (ask x)))",
    "(effect my.op)",
    '(handle (begin (effect infer.op "q") f) (on infer.op (p k) (k p)))',
    '(handle (begin (handle (effect infer.op "q") (on my.op (k) (k 1))) f) (on infer.op (p k) (k p)))',
    "(handle f (on infer.op (p k) (k (effect infer.op p))))",
    "(hash-table-ref (hash-table) 1)",
    "(make-parameter 1)",
    "(fold f f (list 1))",
    "(list-tail (f 1) 1)",
    "(compose-of f)",
    "(even-maker 3)",
]
SETTING = """
(define limit 100)
(define (ask x) (effect infer.op x))
(define (ask-again n) (if (= n 0) (ask n) (ask-again (- n 1))))
(define (ask-all xs) (if (null? xs) (error "nothing") (append (map ask xs) (f xs))))
(define (maker x) (lambda () (ask x)))
(define (even-maker n) (if (= n 0) (maker n) (odd-maker (- n 1))))
(define (odd-maker n) (if (= n 0) "odd" (even-maker (- n 1))))
(define (compose-of g) (lambda () (g (effect infer.op "q"))))
(define f (car (list list)))
(define (run g) (g))
"""


@pytest.mark.parametrize("operand", NO_THUNKS)
@pytest.mark.parametrize("head", ['with-budget "$0.50"', "with-tracking run"])
def test_an_expression_in_place_of_a_thunk(operand: str, head: str) -> None:
    found = rendered(f"{SETTING}({head} {operand})")
    name, first = head.split()
    assert f"error: {name} takes a procedure of no arguments" in found
    assert f"help: write ({name} {first.replace('run', '…')} (lambda () …))" in found


@pytest.mark.parametrize(
    ("head", "shown", "extent"),
    [
        ('with-task "t"', 'with-task "t"', "the task"),
        ("with-task '(a 100)", "with-task …", "the task"),
        ("execute", "execute", "the task"),
        ("monitor-budget-usage", "monitor-budget-usage", "the monitoring"),
    ],
)
def test_each_procedure_that_takes_a_thunk(head: str, shown: str, extent: str) -> None:
    found = rendered(f'({head} (effect infer.op "q"))')
    assert f"takes a procedure of no arguments; this is evaluated before {extent} begins" in found
    assert f"help: write ({shown} (lambda () …))" in found


@pytest.mark.parametrize("operand", MAYBE_THUNKS)
def test_what_may_be_a_thunk_is_none_of_the_compilers_business(operand: str) -> None:
    assert findings_of(f"{SETTING}(with-budget 100 {operand})") == []


def test_a_with_budget_of_the_program_takes_what_it_likes() -> None:
    assert findings_of("(define (with-budget a b) b) (with-budget 1 2)") == []


def test_a_body_in_place_of_a_thunk() -> None:
    found = rendered("(with-budget 100 (display 1) (display 2))")
    assert "with-budget takes 2 arguments, but gets 3" in found
    assert "help: write (with-budget 100 (lambda () …))" in found
    assert found.count("error") == 1
