"""eval, environments and evaluators: what evaluated code sees, keeps, and may do."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from pathlib import Path

import pytest
from omega_runtime.models.reply import Reply
from omega_runtime.testing import checkpoint, fresh_ledger, scripted_model

from tests.support.command import omegac
from tests.support.omega import Run, compiled, error_of, places_of_error, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(eval '(+ 1 2 3))                                                   ⇒ 6
(eval (list '* 6 7))                                                ⇒ 42
(map eval '(1 "s" (list 'a #\b) (let ((x 2)) (* x x))))             ⇒ (1 "s" (a #\b) 4)
((eval '(lambda (x) (* x x))) 7)                                    ⇒ 49
(eval '(* 7 3) (environment '(scheme base)))                        ⇒ 21
(eval '(sqrt 16) (environment '(scheme base) '(only (scheme inexact) sqrt)))
                                                                    ⇒ 4
(eval '(+ 1 2) (interaction-environment))                           ⇒ 3
;; the environment sees what the program defines, as it is now
(define x 5) (define (f n) (* n x)) (eval '(f (+ x 1)))             ⇒ 30
(define x 5) (set! x 6) (list (eval 'x) (eval '(begin (set! x 7) x)) x)
                                                                    ⇒ (6 7 7)
(define-record-type point (make-point x) point? (x point-x)) (eval '(point-x (make-point 3)))
                                                                    ⇒ 3
(define (f x) (eval '(+ 1 1))) (f 0)                                ⇒ 2
;; what is evaluated may define, for later
(eval '(define y 1)) (eval '(define (g) (* 10 y))) (eval '(set! y 2)) (eval '(g))
                                                                    ⇒ 20
(eval '(define (even n) (or (= n 0) (odd (- n 1))))) (eval '(define (odd n) (and (> n 0) (even (- n 1))))) (eval '(even 10))
                                                                    ⇒ #t
(eval '(begin (define a 1) (define b 2) (list a b)))                ⇒ (1 2)
(eval '(define-syntax swap! (syntax-rules () ((_ a b) (let ((t a)) (set! a b) (set! b t)))))) (eval '(begin (define t 1) (define u 2))) (eval '(swap! t u)) (eval '(list t u))
                                                                    ⇒ (2 1)
(eval '(define-macro (twice e) `(list ,e ,e))) (eval '(twice 1))    ⇒ (1 1)
(eval '(define-record-type p (make-p a) p? (a p-a))) (eval '(p-a (make-p 1)))
                                                                    ⇒ 1
(define x 1) (eval '(define x 2)) (list x (eval 'x))                ⇒ (1 2)
(eval '(define car cdr)) (list (eval '(car '(1 2))) (car '(1 2)))   ⇒ ((2) 1)
(let ((name (gensym))) (eval `(let ((,name 1)) (+ ,name 1))))       ⇒ 2
;; evaluators
(eval-in (make-evaluator) '(+ 1 2))                                 ⇒ 3
(define dsl (make-evaluator :extend (list (cons 'square (lambda (x) (* x x)))))) (eval-in dsl '(+ (square 3) 1))
                                                                    ⇒ 10
(define one (make-evaluator)) (eval-in one '(define x 1)) (define two (extend-evaluator one (list (cons 'y 2)))) (eval-in two '(define z 3)) (list (eval-in two '(list x y z)) (guard (e (#t 'unseen)) (eval-in one 'z)))
                                                                    ⇒ ((1 2 3) unseen)
(define one (make-evaluator)) (eval-in one '(define x 1)) (define two (extend-evaluator one '())) (eval-in two '(set! x 5)) (eval-in one 'x)
                                                                    ⇒ 5
(make-evaluator)                                                    ⇒ #<environment>
;; control goes through
(guard (e ((symbol? e) e)) (eval '(raise 'boom)))                   ⇒ boom
(call/cc (lambda (k) (eval-in (make-evaluator :extend (list (cons 'k k))) '(begin (k 'out) 'not))))
                                                                    ⇒ out
(handle (eval '(+ 1 (effect ask 2))) (on ask (n k) (k (* 10 n))))   ⇒ 21
(eval '(let ((k #f) (n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k #f)) n))
                                                                    ⇒ 3
(eval '(let loop ((i 0)) (if (< i 100000) (loop (+ i 1)) i)))       ⇒ 100000
"""),
)
def test_what_programs_give(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(eval '(nope 1))                                 ⇒ unbound variable: nope
(eval '(if))                                     ⇒ eval: malformed if: expected (if test then [otherwise])
(eval '(car 5))                                  ⇒ car: argument 1 must be a pair, but got 5
(eval '(car))                                    ⇒ eval: car takes 1 argument, but gets 0
(eval (list car 5))                              ⇒ eval: the data has #<procedure car>, which can't stand in a program
(eval '(begin (define x 1) (if)))
(eval 'x)                                        ⇒ eval: malformed if: expected (if test then [otherwise])
(guard (e (#t #f)) (eval '(begin (define x 1) (if))))
(eval 'x)                                        ⇒ unbound variable: x
(define-macro (m) 1)
(eval '(m))                                      ⇒ eval: m is a macro of the program, which only its own text can use; define it in the code that is evaluated, too
(eval 'later)
(define later 1)                                 ⇒ later is used before it is defined
(eval 1 2)                                       ⇒ eval: argument 2 must be an environment, but got 2
(eval-in 1 2)                                    ⇒ eval-in: argument 1 must be an environment, but got 1
(make-evaluator '())                             ⇒ make-evaluator: argument 1 must be the keyword :extend, but got ()
(extend-evaluator (make-evaluator) '(1))         ⇒ extend-evaluator: argument 2 must be a list of pairs of name and value, but got (1)
(environment '(no such))                         ⇒ environment: (no such) can't be imported here
;; the same permissions as for the program
(eval '(effect shell.op "date"))                 ⇒ shell.op is off; allow it with --allow shell or configure(allow={"shell"})
(eval '(__class__))                              ⇒ unbound variable: __class__
(eval '(__reduce_ex__ 2))                        ⇒ unbound variable: __reduce_ex__
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


def test_a_variable_that_the_program_never_changes_stays_as_it_is() -> None:
    run = Run(compiled("(define x 1)\n(eval '(set! x 2))").code())
    assert run.message is not None
    assert run.message.startswith("eval: set! of x, which the program never changes")


def test_errors_stand_where_the_program_evaluates() -> None:
    assert places_of_error("(define (f)\n  (+ 1 (eval '(car 5))))\n(f)") == ((2, 8), (2, 3))


def test_model_calls_are_booked_where_the_program_evaluates() -> None:
    code = compiled('(define (ask q)\n  (string-append (eval `(effect infer.op ,q)) "!"))\n(ask "hi")').code()
    with fresh_ledger(), scripted_model(lambda _: Reply("Hello", 8, 2)), checkpoint() as calls:
        assert Run(code).value == '"Hello!"'
    assert calls.sites == {"test.omega:2:18": 1}


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("(begin (import (python os)) (os.getcwd))", "importing os from Python is off"),
        ('(.upper "x")', "using Python objects is off"),
        ('(effect file.write.op "x" "y")', "file.write.op is off"),
        ('(effect file.read.op "/etc/passwd")', "neither below the current folder nor an argument"),
    ],
)
def test_evaluated_code_needs_the_permissions_of_the_program(tmp_path: Path, form: str, message: str) -> None:
    (tmp_path / "p.omega").write_text(f"(eval '{form})")
    done = omegac("run", "p.omega", cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_budget_holds_for_evaluated_code(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(eval \'(effect infer.op "a question that is too long"))')
    done = omegac("run", "p.omega", "--model", "offline", "--budget", "3", cwd=tmp_path)
    assert done.returncode == 3
    assert "p.omega:1:1" in done.stderr


def test_a_compiled_module_says_that_it_needs_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(define x 20)\n(define (f) (eval '(+ x 1)))")
    assert omegac("compile", "p.omega", cwd=tmp_path).returncode == 0
    assert "from omegac.evaluate import eval_\n" in (tmp_path / "p.py").read_text()
