"""Names: how the program's become Python's, and that no name of a program meets one of the generated code."""

from __future__ import annotations

import keyword
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.control.deep import deep

from omegac.backend.names import field_names
from omegac.library import library
from omegac.names import class_name, full_name, python_name
from tests.support.omega import error_of, findings_of, python_of, table, value_of


def module_of(text: str) -> dict[str, Any]:
    """The names of the module that a program's text defines."""
    names: dict[str, Any] = {"__name__": "omega_program"}
    deep(exec, compile(python_of(text), "module.py", "exec"), names)
    return names


@pytest.mark.parametrize(
    ("omega", "python"),
    [
        ("adaptive-summarize", "adaptive_summarize"),
        ("valid?", "is_valid"),
        ("reset!", "reset"),
        ("a->b", "a_to_b"),
        ("really-done?", "is_really_done"),
        ("class", "class_"),
        ("lambda_", "lambda_"),
        ("None", "None_"),
        ("import!", "import_"),
        ("print", "print"),
        ("<=?", "hyx_XlessHthan_signXXequals_signXXquestion_markX"),
        ("x*", "hyx_xXasteriskX"),
        ("λ", "λ"),
        ("größe", "größe"),
        ("ﬁ", "fi"),
        ("a.b", "a_b"),
        ("__all__", "__all___"),
        ("_private", "_private"),
        ("|two words|", "hyx_twoXspaceXwords"),
    ],
)
def test_the_python_name_of_a_definition(omega: str, python: str) -> None:
    names = module_of(f"(define ({omega}) 42)")
    assert names["__all__"] == [python]
    assert names[python]() == 42


@pytest.mark.parametrize("name", ["valid?", "reset!", "a->b", "class", "x*", "a-b", "a.b"])
def test_the_original_spelling_stays(name: str) -> None:
    names = module_of(f"(define ({name}) 1)")
    assert names[names["__all__"][0]].__omega_name__ == name


def test_all_definitions_are_exported_in_order() -> None:
    text = """
    (define limit 5)
    (define (run-all x) x)
    (define-record-type <point> (make-point x) point? (x point-x))
    (define-values (first-one second-one) (values 1 2))
    (define-syntax twice (syntax-rules () ((_ e) (begin e e))))
    (define-syntax with-hidden (syntax-rules () ((_ name) (begin (define hidden 1) (define (name) hidden)))))
    (with-hidden visible)
    """
    names = module_of(text)
    assert names["__all__"] == [
        *("limit", "run_all", "Point", "make_point", "is_point", "point_x", "first_one", "second_one", "visible"),
    ]
    assert all(name in names for name in names["__all__"])


def test_definitions_whose_python_names_collide() -> None:
    text = "(define (foo) 1)\n(define (foo!) 2)\n(define (foo?) 3)\n(define (is-foo) 4)"
    names = module_of(text)
    assert names["foo"]() == 1
    assert names["hyx_fooXexclamation_markX"]() == 2
    assert names["is_foo"]() == 3
    assert findings_of(text) == [
        "2:10: warning: foo! and foo have the same Python name; foo! becomes hyx_fooXexclamation_markX",
        "4:10: warning: is-foo and foo? have the same Python name; is-foo becomes is_foo_2",
    ]


@pytest.mark.parametrize("name", ["value", "hold", "reply", "exc", "fn", "result", "loop", "car", "list", "x"])
def test_names_that_differ_only_in_a_mark(name: str) -> None:
    program = f"""
    (define ({name}) 1) (define ({name}!) 2) (define (is-{name}) 3) (define ({name}?) 4)
    (define (f {name} {name}! is-{name} {name}?) (vector {name} {name}! is-{name} {name}?))
    (vector ({name}) ({name}!) (is-{name}) ({name}?) (f 5 6 7 8))
    """
    assert value_of(program) == "#(1 2 3 4 #(5 6 7 8))"


# Names that the generated code uses for itself, or could.
OF_PYTHON = [
    *("isinstance", "float", "BaseException", "Exception", "type", "len", "print", "tuple", "dict", "str"),
    *("int", "object", "super", "self", "cls", "None", "True", "NotImplemented", "__builtins__", "__name__"),
    *("__file__", "__doc__", "__all__", "__result__", "__omega_source__", "__omega_lines__", "__class__", "__debug__"),
    *(name for name in keyword.kwlist if name not in ("if", "and", "or", "lambda", "raise")),
]
OF_THE_RUNTIME = [
    *("Char", "Keyword", "NIL", "Pair", "Record", "Site", "Symbol", "TAIL", "Vector", "bounce", "condition"),
    *("effect-", "entry", "guarded", "handle-", "list-from", "named", "perform", "reserve", "settle"),
    *("unbound-variable", "void", "wrong-record", "wrong_record"),
]
OF_THE_BACK_END = [
    *("exc", "fn", "hold", "reply", "result", "value", "loop", "body", "do-", "promised", "key", "_", "__"),
    *("SITE_1", "SITE", "LIST", "VECTOR", "A", "KEY", "CONSTANT", "CHAR", "x_2", "f_tail", "list_tail", "record"),
    *("line_1", "_line_1", "_result", "_f_tail", "args", "omega-runtime"),
]
EVERYTHING = """
    (define (every-kind {name} k)
      (define-record-type thing (make-thing a) thing? (a thing-a set-thing-a!))
      (define (tail-call x) (k x))
      (let* (({name} (list {name} 'a '(a b) #(1) #\\a 'key: +inf.0)) ({name} (cons {name} 2)))
        (guard (e (#t (list {name} e)))
          (let ((t (make-thing (effect infer.op "q"))))
            (set-thing-a! t (list (thing-a t) (effect infer.op "r")))
            (do ((i 0 (+ i 1))) ((= i 2)) (set! {name} (list (tail-call i) {name})))
            (raise (list (thing-a t) (car '(1)) (null? '()) (pair? 5) (force (delay 1)) (list-tail '(1 2) 1)
                         (let ((x {name})) (let ((x (list x))) (let loop ((x x)) (if (pair? x) (loop (car x)) x))))
                         (call-with-values (lambda () (values 1 2)) list) (let-values (((p . q) (values 3 4))) q)
                         (parameterize () 1) (let ((f (lambda (x . r) (list {name} x r)))) (f 1))))))))
    (define ({name} . x) (cons 'mine x))
    (handle (list (every-kind 1 (lambda (x) x)) ({name} 5) (guard (e (#t (list e ({name} 6)))) (raise 'x)))
      (infer.op (p k) (k p)))
"""


@pytest.mark.parametrize("name", [*OF_PYTHON, *OF_THE_RUNTIME, *OF_THE_BACK_END])
def test_any_name_can_be_a_variable(name: str) -> None:
    assert value_of(EVERYTHING.format(name=name)) == value_of(EVERYTHING.format(name="an-ordinary-name"))


_CALLS = {
    "car": "(car '(1 2))",
    "cdr": "(cdr '(1 2))",
    "null?": "(null? '())",
    "+": "(+ 4 3)",
    "-": "(- 4 3)",
    "=": "(= 4 4)",
    "<": "(< 3 4)",
    "not": "(not 1)",
    "cons": "(cons 1 2)",
    "modulo": "(modulo 7 4)",
    "eq?": "(eq? 'a 'b)",
    "apply": "(apply list '(1 2))",
    "append": "(append '(1) '(2))",
    "values": "(values 5)",
    "list": "(list 1 2)",
    "zero?": "(zero? 0)",
}


@pytest.mark.parametrize("name", _CALLS)
def test_a_library_procedure_can_be_redefined(name: str) -> None:
    call = _CALLS[name]
    assert value_of(f"(define ({name} . x) 'mine) {call}") == "mine"
    assert value_of(f"(define (f) {call}) (define {name} (lambda x 'mine)) (f)") == "mine"
    assert value_of(f"(let (({name} (lambda x 'mine))) {call})") == "mine"
    assert value_of(f"(define (f {name}) {call}) (f (lambda x 'mine))") == "mine"
    assert value_of(f"(define (f) (define ({name} . x) 'mine) {call}) (f)") == "mine"
    assert value_of(f"(define {name} 1) (set! {name} (lambda x 'mine)) {call}") == "mine"


def test_syntax_that_uses_library_procedures_is_not_disturbed_by_their_redefinition() -> None:
    program = """
    (define (cons . x) 'wrong) (define (append . x) 'wrong) (define (eqv? . x) 'wrong) (define (list . x) 'wrong)
    (define (vector . x) 'wrong) (define (list->vector . x) 'wrong) (define (force x) 'wrong)
    (define x 2)
    (case x ((1) 'no) ((2) `(1 ,x ,@'(3 4) #(,x))))
    """
    assert value_of(program) == "(1 2 3 4 #(2))"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define (f a-b a_b a->b a-to-b a? is-a a! a) (list a-b a_b a->b a-to-b a? is-a a! a)) (f 1 2 3 4 5 6 7 8)
                                                                                    ⇒ (1 2 3 4 5 6 7 8)
(define (f ﬁ fi) (list ﬁ fi)) (f 1 2)                                               ⇒ (1 2)
(define ﬁ 1) (define fi 2) (list ﬁ fi)                                              ⇒ (1 2)
(define a 1) (list 'ª a)                                                            ⇒ (ª 1)
(define (f) '(a ａ)) (eq? (car (f)) (cadr (f)))                                     ⇒ #f
(define 😀 1) (define (f 😀! -x x-) (list 😀! -x x-)) (list 😀 (f 1 2 3))           ⇒ (1 (1 2 3))
(define || 5) (define (f |a b|) |a b|) (list || (f 1))                              ⇒ (5 1)
(define _ 5) (define __ 6) (define ___ 7) (list _ __ ___)                           ⇒ (5 6 7)
(define foo 1) (define (f foo) (lambda () foo)) (list ((f 2)) foo)                  ⇒ (2 1)
(define foo 1) (define (f foo) (set! foo 2) foo) (list (f 0) foo)                   ⇒ (2 1)
(define foo 1) (define (f) (let ((foo 5)) (set! foo 2) foo)) (list (f) foo)         ⇒ (2 1)
(define foo 1) (define (f) (let ((g (lambda () (set! foo 7)))) (let ((foo 5)) (g) foo))) (list (f) foo)
                                                                                    ⇒ (5 7)
(define (f x) (define (g) (set! x (+ x 1)) x) (let ((x 10)) (g) (set! x (+ x 1)) (list x (g)))) (f 1)
                                                                                    ⇒ (11 3)
(define x_2 100) (define (f x) (let ((x (+ x 1))) (list x x_2))) (f 1)              ⇒ (2 100)
(define (f x) (let ((x (+ x 1))) (lambda () (let ((x_2 7)) (list x x_2))))) ((f 1)) ⇒ (2 7)
(define (f LIST) (let ((LIST (cons LIST '(1 2)))) LIST)) (f 0)                      ⇒ (0 1 2)
(define (f A) (let ((A (list A 'a))) (let ((A (list A 'a))) A))) (f 0)              ⇒ ((0 a) a)
(define (h k) (define (list x) (k x)) (cons (list 1) (list-tail '(1 2) 1))) (h (lambda (x) x))
                                                                                    ⇒ (1 2)
(define (f values) (let-values (((a . b) 5)) (list a b values))) (f 1)              ⇒ (5 () 1)
(define (f key) (case (car key) ((1) (list key 'one)) (else key))) (f '(1))         ⇒ ((1) one)
(define (f do) (let loop ((i do)) (if (> i 3) i (loop (+ i do))))) (f 2)            ⇒ 4
(define (f f) (f 1)) (f list)                                                       ⇒ (1)
(define (f g) (define (h f) (f 2)) (h g)) (f list)                                  ⇒ (2)
(let ((if list)) (if 1 2 3))                                                        ⇒ (1 2 3)
(define (quote-it quote) (quote 1)) (quote-it list)                                 ⇒ (1)
(let ((else #f)) (cond (else 1) (#t 2)))                                            ⇒ 2
(let ((=> 1)) (cond (#t => 5)))                                                     ⇒ 5
(define (f define) (define 1)) (f list)                                             ⇒ (1)
(let ((unquote list)) '(unquote 1))                                                 ⇒ ,1
"""),
)
def test_scopes(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    "fields",
    [
        ["self"],
        ["a-b", "a_b"],
        ["a", "a!"],
        ["a?", "is-a"],
        ["class", "def"],
        ["__x", "_y", "__z__"],
        ["__slots__", "__init__", "__class__", "__dict__"],
        ["record", "value"],
        ["omega-name", "omega-fields", "mro"],
        ["Record", "isinstance"],
        ["ﬁ", "fi"],
        ["tail", "cps"],
        ["_class", "-def", "__None!"],
        ["___2", "_-2", "_"],
        [],
    ],
    ids=" ".join,
)
def test_any_name_can_be_a_field(fields: list[str]) -> None:
    specs = " ".join(f"({field} get-{i} set-{i}!)" for i, field in enumerate(fields))
    values = " ".join(str(i) for i in range(len(fields)))
    gets = " ".join(f"(get-{i} t)" for i in range(len(fields)))
    sets = " ".join(f"(set-{i}! t (list (get-{i} t)))" for i in range(len(fields)))
    program = f"""
    (define-record-type thing (make-thing {" ".join(fields)}) thing? {specs})
    (define t (make-thing {values}))
    (define before (list {gets}))
    (begin {sets})
    (list before (list {gets}) (thing? t) (thing? 1))
    """
    before, after = values, " ".join(f"({i})" for i in range(len(fields)))
    assert value_of(program) == f"(({before}) ({after}) #t #f)"


RECORD_NAMES = ["none", "<true>", "False", "false!", "_-_2", "_", "|2|", "|<>|", "class", "ŉ", "ΐ", "__init__", "-"]


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_any_name_can_be_a_record_type(name: str) -> None:
    program = f"(define-record-type {name} (make x) is? (x get)) (list (get (make 5)) (is? (make 5)) (is? 5))"
    assert value_of(program) == "(5 #t #f)"
    names = module_of(program)
    assert names["__all__"][1:] == ["make", "is_is", "get"]
    assert names["make"](1).__class__ is names[names["__all__"][0]]


ODD = st.one_of(
    st.text(alphabet="_-?!<>*.012aZªŉß²\u0301", max_size=6),
    st.text(max_size=4),
    st.builds(str.__add__, st.sampled_from(["", "_", "__", "-", "_-"]), st.sampled_from(keyword.kwlist)).flatmap(
        lambda name: st.sampled_from([name, name.lower(), name + "!", name + "__"])
    ),
)


@given(ODD)
def test_every_python_name_is_one_as_python_reads_it(name: str) -> None:
    for made in (python_name(name), full_name(name), class_name(name), field_names((name,))[name]):
        assert made.isidentifier()
        assert not keyword.iskeyword(made)
        assert unicodedata.normalize("NFKC", made) == made


def test_a_record_is_no_procedure_whatever_its_fields_are_called() -> None:
    program = "(define-record-type thing (make tail) thing? (tail thing-tail)) (define (f g) (g 1)) (f (make list))"
    assert error_of(program).startswith("not a procedure")


def test_no_library_procedure_is_hidden_by_another() -> None:
    names = [name for name in library() if not name.startswith("%")]
    assert (
        value_of(f"(list {' '.join(f'(procedure? {name})' for name in names)})") == f"({' '.join('#t' for _ in names)})"
    )
