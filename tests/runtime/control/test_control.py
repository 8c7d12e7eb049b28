"""Tail calls, deep recursion, escapes, and errors of inlined code."""

from __future__ import annotations

import contextvars
import os
import signal
import sys
import threading
from typing import Any

import pytest
from omega_runtime.control.deep import deep
from omega_runtime.control.tail import TAIL, bounce, entry
from omega_runtime.diagnostics.blame import translated
from omega_runtime.lib.continuations import call_with_current_continuation as call_cc
from omega_runtime.places.frames import omega_place
from omega_runtime.values.errors import OmegaError

from omegac.pipeline import compile_source
from omegac.source import Source


def load(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "test"}
    exec(compile_source(Source("t.omega", text)).code(), names)
    return names


@pytest.mark.parametrize("result", [1, "x", (), (1, 2), [TAIL], None])
def test_bouncing_gives_results_back_as_they_are(result: Any) -> None:
    assert bounce(result) == result


@pytest.mark.parametrize("count", range(9))
def test_bouncing_passes_any_number_of_arguments(count: int) -> None:
    assert bounce((TAIL, lambda *arguments: arguments, *range(count))) == tuple(range(count))


def test_bouncing_enters_the_tail_entry() -> None:
    def count_tail(n: int) -> Any:
        return (TAIL, count, n - 1) if n else "done"

    @entry(count_tail)
    def count(n: int) -> Any:
        raise AssertionError("the tail entry is there")

    assert bounce((TAIL, count, 50_000)) == "done"


def test_deep_calls_leave_the_limit_as_it_was() -> None:
    before = sys.getrecursionlimit()

    def depth(n: int) -> int:
        return 0 if n == 0 else 1 + depth(n - 1)

    assert deep(depth, 100_000) == 100_000
    assert sys.getrecursionlimit() == before


def test_deep_calls_run_in_a_copy_of_the_context_and_raise_here() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(5)

    def fail() -> None:
        assert variable.get() == 5
        variable.set(6)
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        deep(fail)
    assert variable.get() == 5


def test_a_deep_call_inside_of_another_stays_on_its_thread() -> None:
    thread, inner = deep(lambda: (threading.current_thread(), deep(threading.current_thread)))
    assert inner is thread
    assert thread is not threading.current_thread()


def test_deep_calls_end_on_ctrl_c() -> None:
    def spin() -> None:
        while True:
            pass

    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        deep(spin)
    timer.join()


def test_endless_recursion_is_an_error_and_no_crash() -> None:
    names = load("(define (f n) (+ 1 (apply f (list n))))")
    with pytest.raises(RecursionError) as caught:
        deep(names["f"], 0)
    assert str(translated(caught.value)).startswith("the recursion is too deep")


def test_continuations_escape() -> None:
    assert call_cc(lambda k: 1 + k(5)) == 5
    assert call_cc(lambda k: 7) == 7
    assert call_cc(lambda outer: call_cc(lambda inner: outer(1)) + 10) == 1
    assert call_cc(lambda k: k(1, 2)) == (1, 2)


def test_continuations_do_not_reenter() -> None:
    k = call_cc(lambda k: k)
    with pytest.raises(OmegaError, match="can only escape"):
        k(1)


BLAMED = [
    ("(define (f x y) (+ x y))", (1, None), "+: argument 2 must be a number, but got #<unspecified>"),
    ("(define (f x y) (- x y))", ("a", 1), '-: argument 1 must be a number, but got "a"'),
    ("(define (f x y) (* x y))", (None, None), "*: argument 1 must be a number"),
    ("(define (f x y) (< x y))", (1, ()), "<: argument 2 must be a number, but got ()"),
    ("(define (f x y) (= x y))", ("a", 1), '=: an argument must be a number, but got "a"'),
    ("(define (f x y) (modulo x y))", (1, 0), "modulo: division by zero"),
    ("(define (f x y) (- y))", (1, "b"), '-: argument 1 must be a number, but got "b"'),
    ("(define (f x y) (if (null? x) y (car x)))", (5, 0), "car: argument 1 must be a pair, but got 5"),
    ("(define (f x y) (x y))", (5, 0), "not a procedure: 5"),
    ("(define (f x y) (+ 1 (x y)))", ("s", 0), "not a procedure: a value of the type string"),
    (
        "(define (f x y) (map (lambda (a b) a) x))",
        ([1], 0),
        "lambda: wrong number of arguments (missing 1 required argument: 'b')",
    ),
    ("(define (g a) a) (define (f x y) (x y y))", None, "g: wrong number of arguments"),
    ("(define (f x y) (letrec ((a (lambda () b)) (b (a))) b))", (1, 2), "b is used before it is defined"),
]


@pytest.mark.parametrize(("text", "arguments", "message"), BLAMED)
def test_errors_of_inlined_code_name_the_primitive_and_the_place(
    text: str, arguments: tuple[Any, ...] | None, message: str
) -> None:
    names = load(text)
    with pytest.raises((TypeError, AttributeError, ZeroDivisionError, NameError, OmegaError)) as caught:
        names["f"](*(arguments or (names["g"], 1)))
    told = translated(caught.value)
    assert isinstance(told, OmegaError)
    assert told.message.startswith(message)
    place = omega_place(told.__traceback__)
    assert place is not None
    assert place[:2] == ("t.omega", 1)


@pytest.mark.parametrize("error", [TypeError("of Python code"), KeyError("k"), OmegaError("ours")])
def test_other_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        raise error
    assert translated(caught.value) is error
