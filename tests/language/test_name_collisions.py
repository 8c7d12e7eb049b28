"""No name of a program meets a name that the compiler adds, whatever the program calls its variables."""

from __future__ import annotations

import re
import symtable
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.agreement import check_agreement
from tests.support.generate import PRELUDE, ProgramWriter
from tests.support.omega import python_of, table, value_of

# What the back end, the runtime and Python call things; a program may use each of these for a variable of its own.
GENERATED = (
    *("fn", "fn_2", "fn-tail", "fn_tail", "f-tail", "_f_tail", "walk_tail", "g_2", "x_2", "value", "value_2"),
    *("hold", "hold_2", "reply", "reply_2", "exc", "exc_2", "rest", "rest_2", "loop_2", "result", "_result", "Record"),
    *("SITE_1", "SITE_2", "TAIL", "NIL", "Pair", "Point", "Symbol", "LIST", "LIST_2", "STOP", "A", "_line_3", "body"),
    *("isinstance", "BaseException", "Exception", "float", "int", "globals", "list_", "map_", "list_tail", "is_null"),
    *("is_even", "string_append", "bounce", "entry", "named", "perform", "settle", "void_", "Site", "compiled_by"),
)


class Colliding(ProgramWriter):
    """Writes programs whose variables have the names of generated code."""

    variable_names = GENERATED
    definition_names = ("g", "walk", "make-", "list-", "is-g", "g?")


@st.composite
def colliding_programs(draw: st.DrawFn, depth: int) -> str:
    """Programs of `depth` levels about, with names that a compiler could trip over."""
    return Colliding(draw).program(depth)


# The names that a module imports, and those of its constants, sites and private functions.
_ADDED = re.compile(r"^(?:from \S+ import (?P<imports>.*)|(?P<name>[A-Z]\w*|_\w+) = |def (?P<private>_\w+)\()")


def added_names(python: str) -> set[str]:
    """The names that a module has beside those of the program."""
    imports = re.sub(r"\(\s*([^)]*?),?\s*\)", lambda found: " ".join(found[1].split()), python.split("__all__")[0])
    names: set[str] = set()
    for line in [*imports.splitlines(), *python.splitlines()]:
        found = _ADDED.match(line)
        if found and found["imports"] and "(" not in found["imports"]:
            names.update(part.split(" as ")[-1].strip() for part in found["imports"].split(","))
        elif found and not found["imports"]:
            names.add(found["name"] or found["private"])
    exported = re.search(r"^__all__ = (\[[^]]*\])", python, re.MULTILINE)
    return names - set(re.findall(r'"([^"]*)"', exported[1] if exported else ""))


def functions_of(scope: symtable.SymbolTable) -> Iterator[symtable.Function]:
    """Every function of a module."""
    for inner in scope.get_children():
        if isinstance(inner, symtable.Function):
            yield inner
        yield from functions_of(inner)


def check_names(program: str) -> None:
    """Nothing that the compiler added to the module is hidden by a variable of some function."""
    python = python_of(program)
    added = added_names(python)
    for function in functions_of(symtable.symtable(python, "module.py", "exec")):
        hidden = added & set(function.get_locals())
        assert not hidden, f"{function.get_name()} hides {hidden} in\n{python}"


CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(colliding_programs(depth=2))
def test_generated_programs(program: str) -> None:
    check_agreement(program)
    check_names(program)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
@given(colliding_programs(depth=3))
def test_many_generated_programs(program: str) -> None:
    check_agreement(program)
    check_names(program)


# Shapes in which added names stand: {a}, {b} and {c} are three different names of the program.
SHAPES = (
    "(define (g f) (define ({a} {b}) (f {b})) (list ({a} 1) {a}-there)) (define {a}-there 5) (g list)",
    "(define (g {a}) (map (lambda ({b}) ({a} {b})) '(1 2))) (g list)",
    "(define (g {a}) (map (lambda ({b}) (map (lambda ({c}) ({a} (list {b} {c}))) '(3 4))) '(1 2))) (g list)",
    "(define ({a} {b}) ({b} {b} 1)) ({a} (lambda ({c} x) (list (procedure? {c}) x)))",
    "(define ({a} . {b}) ({c} {b})) (define {c} (lambda ({a}) (list {a} (list-tail {a} 1)))) ({a} 1 2)",
    "(define (g f) (let {a} (({b} 3)) (if (= {b} 0) (f 'done) ((lambda ({c}) ({a} (- {b} {c}))) 1)))) (g list)",
    (
        "(define (g {a}) (list (effect infer.op {a}) (let (({b} (effect infer.op 'b))) (lambda () {b}))"
        ' (guard ({c} (#t (list {a} {c}))) (raise (effect infer.op {a}))))) (length (g "p"))'
    ),
    (
        "(define-record-type {a} (make {b} {c}) {a}? ({b} get-b set-b!) ({c} get-c))"
        " (define (g {b}) (set-b! {b} (list 'x (get-c {b}))) (list (get-b {b}) ({a}? {b}))) (g (make 1 2))"
    ),
    (
        "(define-syntax swap (syntax-rules () ((_ x y) (let (({a} x)) (set! x y) (set! y {a})))))"
        " (define (g {a} {b}) (swap {a} {b}) (let again ((i 0)) (if (< i 1) (again (+ i 1)) (list {a} {b})))) (g 1 2)"
    ),
    "(define {a} 1) (define (g {b} {c}) (set! {a} (list {a} {b})) (lambda ({b}) (list {a} {b} {c}))) ((g 2 3) 4)",
)


TRIPLES = [
    *(
        ("walk", "walk-tail", "fn"),
        ("fn", "fn-tail", "fn_2"),
        ("fn_tail", "fn", "fn_tail_2"),
        ("g_tail", "fn_tail", "y"),
    ),
    *(("hold", "reply", "exc"), ("value", "rest", "result"), ("exc", "hold_2", "hold"), ("loop", "loop_2", "do")),
    *(("isinstance", "Pair", "TAIL"), ("bounce", "entry", "list_"), ("SITE_1", "SITE_2", "LIST"), ("Record", "x", "X")),
    *(("list_tail", "list", "map_"), ("globals", "int", "float"), ("perform", "settle", "BaseException")),
]


@pytest.mark.parametrize("names", TRIPLES, ids=" ".join)
def test_every_shape_with_every_name(names: tuple[str, str, str]) -> None:
    a, b, c = names
    for shape in SHAPES:
        program = shape.format(a=a, b=b, c=c)
        check_agreement(program)
        check_names(program)


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define (g f) (define (walk walk-tail) (f walk-tail)) (walk 1)) (g list)                        ⇒ (1)
(define (g f) (define (walk walk-tail) (f walk-tail)) (list (walk 1) (walk 2))) (g list)        ⇒ ((1) (2))
(define (g f) (map (lambda (fn-tail) (f fn-tail)) '(1 2))) (g list)                             ⇒ ((1) (2))
(define (walk walk-tail) (walk-tail 1)) (walk list)                                             ⇒ (1)
(define (walk _walk-tail) (_walk-tail 1)) (walk list)                                           ⇒ (1)
(define (g f) (define (h . h-tail) (apply f h-tail)) (h 1 2)) (g list)                          ⇒ (1 2)
(define (g l) (list-tail l 1)) (define (h k) (define (list x) (k x)) (cons (list 1) (list-tail '(1 2) 1)))
  (list (g '(1 2)) (h (lambda (x) x)))                                                          ⇒ ((2) (1 2))
(define-syntax m (syntax-rules () ((_ f) (lambda (fn-tail) (f fn-tail))))) (define (g f) (map (m f) '(1))) (g list)
                                                                                                ⇒ ((1))
"""),
)
def test_entries_for_tail_calls(program: str, value: str) -> None:
    assert value_of(program) == value


def test_the_prelude_of_generated_programs_has_no_such_name() -> None:
    assert not [name for name in GENERATED if f"({name} " in PRELUDE]
