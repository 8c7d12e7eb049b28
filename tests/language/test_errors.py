"""Errors while a program runs: what they say, where they happened, and that guard sees the same."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import linecache

import pytest
from omega_runtime.diagnostics.tracebacks import activations

from tests.support.omega import Run, compiled, error_of, findings_of, places_of_error, table, value_of

WRONG = table(r"""
(abs "x")                          ⇒ abs: argument 1 must be a number, but got "x"
(max 1 'a)                         ⇒ max: argument 2 must be a number, but got a
(even? 1.5)                        ⇒ even?: argument 1 must be an integer, but got 1.5
(sqrt 'x)                          ⇒ sqrt: argument 1 must be a number, but got x
(number->string 'a)                ⇒ number->string: argument 1 must be a number, but got a
(/ 5 0)                            ⇒ /: division by zero
(/ 0)                              ⇒ /: division by zero
(modulo 5 0)                       ⇒ modulo: division by zero
(quotient 5 0)                     ⇒ quotient: division by zero
(remainder 5 0)                    ⇒ remainder: division by zero
(car '())                          ⇒ car: argument 1 must be a pair, but got ()
(car 5)                            ⇒ car: argument 1 must be a pair, but got 5
(car "ab")                         ⇒ car: argument 1 must be a pair, but got "ab"
(cdr #f)                           ⇒ cdr: argument 1 must be a pair, but got #f
(cdr (vector 1))                   ⇒ cdr: argument 1 must be a pair, but got #(1)
(cadr '(1))                        ⇒ cadr: argument 1 must be a pair that has a cadr, but got (1)
(set-car! 5 1)                     ⇒ set-car!: argument 1 must be a pair, but got 5
(set-cdr! '() 1)                   ⇒ set-cdr!: argument 1 must be a pair, but got ()
(length 5)                         ⇒ length: argument 1 must be a list, but got 5
(length '(1 . 2))                  ⇒ length: argument 1 must be a list, but got (1 . 2)
(reverse 'a)                       ⇒ reverse: argument 1 must be a list, but got a
(append '(1) 2 '(3))               ⇒ append: argument 2 must be a list, but got 2
(list-ref '(1 2) 5)                ⇒ list-ref: argument 2 must be an index below 2, but got 5
(list-tail '(1 2) 3)               ⇒ list-tail: argument 2 must be at most 2, the length of the list, but got 3
(map car 5)                        ⇒ map: argument 2 must be a list, but got 5
(map 5 '(1))                       ⇒ map: argument 1 must be a procedure, but got 5
(for-each car '(1))                ⇒ car: argument 1 must be a pair, but got 1
(apply + 1)                        ⇒ apply: argument 2 must be a list, but got 1
(assq 'a 5)                        ⇒ assq: argument 2 must be a list of pairs, but got 5
(sort '(1 a) <)                    ⇒ <: argument 1 must be a number, but got a
(vector-ref (vector 1 2) 2)        ⇒ vector-ref: argument 2 must be an index below 2, but got 2
(vector-ref (vector 1 2) -1)       ⇒ vector-ref: argument 2 must be a non-negative exact integer, but got -1
(vector-ref '(1) 0)                ⇒ vector-ref: argument 1 must be a vector, but got (1)
(vector-set! (vector 1) 1.5 0)     ⇒ vector-set!: argument 2 must be an exact integer, but got 1.5
(vector-length 'v)                 ⇒ vector-length: argument 1 must be a vector, but got v
(let ((v (vector 1 2))) (let loop ((i 0) (s 0)) (if (= i 5) s (begin (vector-set! v i (if (< s 3) s 0)) (loop (+ i 1) (+ s (vector-ref v i)))))))  ⇒ vector-set!: argument 2 must be an index below 2, but got 2
(string-length 'a)                 ⇒ string-length: argument 1 must be a string, but got a
(string-append "a" 5)              ⇒ string-append: argument 2 must be a string, but got 5
(string-ref "abc" 3)               ⇒ string-ref: argument 2 must be an index below 3, but got 3
(substring "abc" 2 1)              ⇒ substring: argument 2 must be an index from 0 to 1, but got 2
(string->symbol 5)                 ⇒ string->symbol: argument 1 must be a string, but got 5
(symbol->string "a")               ⇒ symbol->string: argument 1 must be a symbol, but got "a"
(char-upcase "a")                  ⇒ char-upcase: argument 1 must be a char, but got "a"
(hash-table-ref (make-hash-table) 'x)  ⇒ hash-table-ref: argument 2 must be a key of the table, but got x
(error "went wrong" 1 "two" 'x)    ⇒ went wrong 1 "two" x
(error 'my-proc "message" 1)       ⇒ my-proc "message" 1
(raise 'oops)                      ⇒ uncaught raise: oops
(effect ask.op 1)                  ⇒ …no handler for effect ask.op
(force (delay (vector-ref 5 0)))   ⇒ vector-ref: argument 1 must be a vector, but got 5
(apply one '(1 2))                 ⇒ …one: wrong number of arguments
(map one '(1) '(2))                ⇒ …one: wrong number of arguments
(five)                             ⇒ …not a procedure
((car '(5)) 1)                     ⇒ …not a procedure
((lambda (f) (car (f 1))) "text")  ⇒ …not a procedure
""")
PRELUDE = "(define (one x) x) (define five 5)\n"
CONTEXTS = {
    "top level": "{}",
    "operand": "(list 1 {} 2)",
    "procedure": "(define (f) {}) (f)",
    "deeper": "(define (g) (list {})) (define (f) (car (g))) (list (f))",
    "loop": "(let loop ((i 0)) (if (< i 3) (loop (+ i 1)) {}))",
    "callback": "(map (lambda (x) {}) '(1))",
    "guard of others": "(guard (e ((vector? e) 'no)) {})",
    "body of handle": "(handle {} (other.op (k) (k 1)))",
}


@pytest.mark.parametrize(("expression", "message"), WRONG)
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_what_an_uncaught_error_says(context: str, expression: str, message: str) -> None:
    found = error_of(PRELUDE + context.replace("{}", expression))
    if message.startswith("…"):
        assert found.startswith(message[1:])
    else:
        assert found == message


# Inlined arithmetic knows which procedure it is, and mostly which operand is wrong.
ARITHMETIC = table(r"""
(+ 1 "a")                          ⇒ +
(+ "a" 1)                          ⇒ +
(- 'a)                             ⇒ -
(- 1 '())                          ⇒ -
(* 'a 2)                           ⇒ *
(* 2 '())                          ⇒ *
(/ 1 "x")                          ⇒ /
(< 1 'a)                           ⇒ <
(>= (list 1) 2)                    ⇒ >=
(= 'a 1)                           ⇒ =
(= "1" "1")                        ⇒ =
""")


@pytest.mark.parametrize(("expression", "procedure"), ARITHMETIC)
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_arithmetic_on_what_is_no_number(context: str, expression: str, procedure: str) -> None:
    check_blame(PRELUDE + context.replace("{}", expression), procedure)


def check_blame(text: str, procedure: str) -> None:
    """A program's error is the procedure's, in the code object and in the text."""
    program = compiled(text)
    python = program.text()
    linecache.cache["module.py"] = (len(python), None, python.splitlines(keepends=True), "module.py")
    for code in (program.code(), compile(python, "module.py", "exec")):
        message = Run(code).message or "no error"
        assert message.startswith(f"{procedure}: ")
        assert "number" in message


@pytest.mark.parametrize(
    ("expression", "procedure"),
    table(r"""
(zero? 'a)                         ⇒ zero?
(positive? "1")                    ⇒ positive?
(1+ "a")                           ⇒ 1+
(-1+ 'a)                           ⇒ -1+
"""),
)
def test_procedures_that_become_an_operator_with_a_number_keep_their_name(expression: str, procedure: str) -> None:
    check_blame(expression, procedure)


@pytest.mark.parametrize(
    ("call", "message"),
    table(r"""
(add 1 "a")           ⇒ +: argument 2 must be a number, but got "a"
(add 'a 1)            ⇒ +: argument 1 must be a number, but got a
(add '() '())         ⇒ +: argument 1 must be a number, but got ()
(less 1 'a)           ⇒ <: argument 2 must be a number, but got a
(double (list 1))     ⇒ *: argument 2 must be a number, but got (1)
(negated "a")         ⇒ -: argument 1 must be a number, but got "a"
"""),
)
def test_arithmetic_on_variables_names_the_operand(call: str, message: str) -> None:
    procedures = (
        "(define (add x y) (+ x y)) (define (less x y) (< x y)) (define (double x) (* 2 x)) (define (negated x) (- x))"
    )
    assert error_of(f"{procedures} (list {call})") == message


@pytest.mark.parametrize(("expression", "message"), [case for case in WRONG if "raise" not in case.id])
def test_guard_sees_the_same(expression: str, message: str) -> None:
    seen = value_of(f"{PRELUDE} (guard (e ((error-object? e) (condition/report-string e))) {expression})")
    expected = message.removeprefix("…").replace('"', r"\"")
    assert seen.startswith(f'"{expected}')


@pytest.mark.parametrize(
    ("program", "place"),
    table(r"""
(car 5)                                                   ⇒ 1:1
(list 1 (car 5))                                          ⇒ 1:9
(define (f x) (+ x 1)) (f 'a)                             ⇒ 1:15
(define (f x) (* 2 (+ x 1))) (list (f 'a))                ⇒ 1:20
(let ((x 5)) (let ((y (car x))) y))                       ⇒ 1:23
(if (< 1 'a) 1 2)                                         ⇒ 1:5
(cond ((= 1 2) 1) ((car 5) 2))                            ⇒ 1:20
(let loop ((i 0)) (if (< i 3) (loop (+ i 1)) (vector-ref (vector) i)))  ⇒ 1:46
(map (lambda (x) (car x)) '(1))                           ⇒ 1:18
(guard (e ((string? e) 1)) (list (cdr 5)))                ⇒ 1:34
(define x (car 5))                                        ⇒ 1:11
(define x 1) (set! x (car 5))                             ⇒ 1:22
(error "here")                                            ⇒ 1:1
(define (f) (raise 'x)) (list (f))                        ⇒ 1:13
(display (effect ask.op 1))                               ⇒ 1:10
(list "äöü" '日本 (car 5))                                 ⇒ 1:17
(list "𝕏" (car 5))                                        ⇒ 1:11
(define-record-type p (mk x) p? (x p-x)) (list (p-x 5))   ⇒ 1:48
`(1 ,(car 5) 2)                                           ⇒ 1:6
(define (f n) (do ((i 0 (+ i 1))) ((= i n) i) (list i))) (list (f 'a))         ⇒ 1:36
(define (f n) (let loop ((i 0)) (if (>= i n) 1 (loop (+ i 1))))) (list (f "a")) ⇒ 1:37
(define (f n) (if (zero? n) 1 (f (- n 1)))) (list (f 'a)) ⇒ 1:19
(define (f v) (do ((i 0 (+ i 1))) ((= i 3) i) (vector-set! v i 1))) (list (f (vector 1))) ⇒ 1:47
(define (f n) (let ((v (vector 1))) (do ((i 0 (+ i 1))) ((= i n) i) (vector-ref v i)))) (list (f 2)) ⇒ 1:69
(define (g x) (+ x (car x))) (define (f n) (do ((i 0 (+ i 1))) ((= i n) n) (g i))) (list (f 2)) ⇒ 1:20
(define (f xs) (map (lambda (x) (car x)) xs)) (list (f '(1)))  ⇒ 1:33
(define (f xs) (map (lambda (x) x) xs)) (list (f 5))      ⇒ 1:16
(define (f xs) (length (map car xs))) (list (f '(1)))     ⇒ 1:24
(define (f xs) (fold-left + 0 xs)) (list (f '(a)))        ⇒ 1:16
(define (f xs) (for-each (lambda (x) (+ x 1)) xs) 1) (list (f '(a))) ⇒ 1:38
(define (ev n) (if (= n 0) #t (od (- n 1)))) (define (od n) (if (= n 0) (car n) (ev (- n 1)))) (list (ev 3)) ⇒ 1:73
(define-syntax m (syntax-rules () ((_ x) (car x)))) (list (m 5))  ⇒ 1:59
(define-syntax m (syntax-rules () ((_ x) (list x)))) (m (car 5))  ⇒ 1:57
"""),
)
def test_where_an_error_happened(program: str, place: str) -> None:
    line, column = map(int, place.split(":"))
    in_code, _ = places_of_error(program)
    assert in_code == (line, column)
    moved, _ = places_of_error("; a comment\n\n  " + program)
    assert moved == (line + 2, column + 2)


@pytest.mark.parametrize(
    "program",
    [
        "(define (f x)\n  (let ((y 1))\n    (car x)))\n\n(list (f 5))",
        '(define (f x)\n  (display "")\n  (+ 1\n     (* 2 x)))\n(list (f \'a))',
        "(define x 1)\n(define y\n  (vector-ref (vector) x))",
        '(define (f g)\n  (let loop ((i 0))\n    (if (< i 2)\n        (loop (+ i 1))\n        (list (g i)))))\n(f (lambda (i)\n  (error "here" i)))',
    ],
)
def test_the_text_knows_the_line_too(program: str) -> None:
    """Of a statement over several lines it may be the first or the last line."""
    in_code, _ = places_of_error(program)
    text = compiled(program).text()
    linecache.cache["module.py"] = (len(text), None, text.splitlines(True), "module.py")
    try:
        run = Run(compile(text, "module.py", "exec"))
    finally:
        del linecache.cache["module.py"]
    assert in_code is not None
    assert run.place is not None
    assert abs(run.place[0] - in_code[0]) <= 1


def test_an_error_of_a_call_with_known_arity_is_found_before_running() -> None:
    assert findings_of("(define (one x) x)\n(one 1 2)") == ["2:1: error: one takes 1 argument, but gets 2"]


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; arity is checked when the procedure is only known at run time
(define (try f . a) (guard (e (#t 'refused)) (apply f a))) (map (lambda (n) (apply try (lambda (x y) 'ok) (iota n))) '(1 2 3))  ⇒ (refused ok refused)
(define (try f . a) (guard (e (#t 'refused)) (apply f a))) (map (lambda (n) (apply try (lambda (x . y) 'ok) (iota n))) '(0 1 2 9))  ⇒ (refused ok ok ok)
(define (try f . a) (guard (e (#t 'refused)) (apply f a))) (map (lambda (n) (if (pair? (apply try cons (iota n))) 'ok 'refused)) '(1 2 3))  ⇒ (refused ok refused)
(define (try f . a) (guard (e (#t 'refused)) (apply f a) 'ok)) (list (try car) (try car '(1)) (try vector-ref #(1) 0 0))  ⇒ (refused ok refused)
;; after an error the program goes on
(define n 0) (define (f) (set! n (+ n 1)) (car n)) (guard (e (#t #f)) (f)) (guard (e (#t #f)) (f)) n  ⇒ 2
(define (safe-div a b) (guard (e (#t 'none)) (/ a b))) (list (safe-div 6 3) (safe-div 1 0))  ⇒ (2 none)
(guard (e (#t (list (error-object? e) (error-object-irritants e)))) (car 5))  ⇒ (#t ())
(guard (e ((file-error? e) 'file) (else 'other)) (effect file.read.op "no such file"))  ⇒ file
"""),
)
def test_caught_errors(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(define (two-args first-arg b) b) (list (apply two-args '(1)))       ⇒ two-args: wrong number of arguments (missing 1 required argument: 'b')
(define (reset! my-arg) 1) (list (apply reset! '()))                  ⇒ reset!: wrong number of arguments (missing 1 required argument: 'my-arg')
(define (f g) (list (g 1 2 3))) (define (ok? x) x) (f ok?)            ⇒ ok?: wrong number of arguments (takes 1 argument but 3 were given)
(list (apply (lambda (x) (display "") x) '(1 2)))                     ⇒ lambda: wrong number of arguments (takes 1 argument but 2 were given)
(define (f) (define (in-it x) (display "") x) (list (apply in-it '()))) (f)  ⇒ in-it: wrong number of arguments (missing 1 required argument: 'x')
(define (f k) (k 1)) (define (looks? x y) (f x)) (f looks?)           ⇒ looks?: wrong number of arguments (missing 1 required argument: 'y')
(define-record-type thing (make-thing a) thing? (a thing-a)) (list (apply make-thing '()))  ⇒ make-thing: wrong number of arguments (missing 1 required argument: 'a')
(list (apply null? '()))                                              ⇒ null?: wrong number of arguments (missing 1 required argument: 'value')
"""),
)
def test_a_wrong_number_of_arguments_names_the_omega_procedure(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize(
    ("program", "place"),
    table(r"""
(define (f k) (display "")\n  (k 5))\n(list (f 5))                                        ⇒ 2:3
(define (f k) (if (null? k)\n  (k 3)\n  (k 5)))\n(list (f 5))                              ⇒ 3:3
(define (f k n) (if (= n 0)\n  (k 1 2)\n  (k 1)))\n(list (f car 0))                        ⇒ 2:3
(define (f k n)\n  (if (= n 0)\n  (k)\n  (g k n)))\n(define (g k n) (f k (- n 1)))\n(list (f 5 3))  ⇒ 3:3
(define (f k) (lambda (x) (display "")\n  (k x)))\n(list ((f 5) 6))                        ⇒ 2:3
(define (f k x) (apply\n k x))\n(list (f 5 '(1)))                                          ⇒ 1:17
(define (f k x) (if x\n (k x)\n (k 'y)))\n(list (f 5 'y))                                 ⇒ 1:1
(define (f k x)\n  (k x))\n(list (f car 5))                                                  ⇒ 2:3
(define (f k x)\n  (apply k x))\n(list (f vector-ref '(#(1) 2)))                              ⇒ 2:3
(define (f k x)\n  (apply k x))\n(list (f (lambda (a b) a) '(1)))                             ⇒ 2:3
(define (f k)\n  (call/cc k))\n(list (f 5))                                                   ⇒ 2:3
(define (f k)\n  (call/cc k))\n(list (f (lambda (a b) a)))                                    ⇒ 2:3
(define (f k)\n  (call/cc k))\n(list (f car))                                                 ⇒ 2:3
(define (f k)\n  (call-with-values (lambda () (values 1 2)) k))\n(list (f (lambda (a) a)))    ⇒ 2:3
(define (f k)\n  (call-with-values k list))\n(list (f car))                                   ⇒ 2:3
(define (f k)\n  (call/cc (lambda (j)\n    (apply k (list j j)))))\n(list (f vector-ref))      ⇒ 3:5
(define (f k)\n  (call/cc (lambda (i)\n    (call/cc (lambda (j) (display "")\n      (k j))))))\n(list (f car))  ⇒ 4:7
(define (f k)\n  (g k))\n(define (g k)\n  (k 5))\n(list (f car))                              ⇒ 4:3
(define (f k)\n  (apply g k))\n(define (g k) (display "")\n  (k 5))\n(list (f (list car)))      ⇒ 4:3
(define (f k x)\n  (car (list (apply k x))))\n(list (f vector-ref '(1)))                      ⇒ 2:14
"""),
)
def test_a_tail_call_that_fails_is_where_it_stands(program: str, place: str) -> None:
    """At the call when only that one can be meant, otherwise at the head of its procedure."""
    in_code, in_text = places_of_error(program.replace("\\n", "\n"))
    assert in_code == tuple(map(int, place.split(":")))
    assert in_text is not None
    assert in_text[0] == in_code[0]


def test_a_procedure_that_was_left_by_tail_calls_is_told_by_the_last_of_them() -> None:
    program = """(define (first k) (second k))
(define (second k) (display "") (k 1))
(define (third x) (+ 1 (car x)))
(list (first third))"""
    error = Run(compiled(program).code()).error
    assert error is not None
    calls = [(call.name, call.line, call.column) for call in activations(error, "test.omega")]
    assert calls == [("the top level", 4, 7), ("second", 2, 33), ("third", 3, 24)]
