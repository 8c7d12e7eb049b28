"""Effect rows announce all that happens: programs run on the machine, which tells who does what while what is called.

Output and calls of models are seen where they arrive, changes of data where the data differs, and everything else where
the machine does it.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model

from omegac.analyse.effects import CAPTURE, PURE
from omegac.source import Source
from tests.support import generate_effectful, generate_reentrant
from tests.support.agreement import answer
from tests.support.corpus import CORPUS
from tests.support.machine import TooLong, prepare
from tests.support.machine.tracing import Tracer
from tests.support.omega import NAME, table

# The generator draws much, and an example is worth the time it takes.
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)
PROGRAMS = st.one_of(generate_effectful.programs(depth=2), generate_reentrant.programs(depth=2))


class Seen(io.StringIO):
    """Where programs write to; it tells when they do."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self.tell = tell

    def write(self, text: str) -> int:
        self.tell()
        return super().write(text)


def traced(text: str, *, is_blind: bool = False) -> Tracer:
    """What a run of a program did; without rows when it `is_blind`. How the program ends doesn't matter."""
    prepared = prepare(Source(NAME, text))
    tracer = Tracer(prepared.program, prepared.facts)
    if is_blind:
        for rows in (tracer.effects.procedures, tracer.effects.items):
            rows.update(dict.fromkeys(rows, PURE))  # type: ignore[arg-type]

    def answered(prompt: str) -> Reply:
        tracer.touched("infer")
        return answer(prompt)

    output = Seen(lambda: tracer.touched("io"))
    with (
        fresh_ledger(),
        scripted_model(answered),
        contextlib.redirect_stdout(output),
        contextlib.suppress(Exception, SystemExit),
    ):
        prepared.run(tracer)
    return tracer


def check(text: str) -> None:
    """No effect happens that a row does not announce. Raises TooLong."""
    tracer = traced(text)
    assert not tracer.unannounced, f"{tracer.unannounced}\n{text}"


@settings(max_examples=90, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(PROGRAMS)
def test_rows_announce_what_generated_programs_do(program: str) -> None:
    with contextlib.suppress(TooLong):
        check(program)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=CHECKS)
@given(PROGRAMS)
def test_rows_announce_what_many_programs_do(program: str) -> None:
    with contextlib.suppress(TooLong):
        check(program)


# The machine doesn't know budgets and trackers, and long recursions take it long.
CAUGHT = [name for name in CORPUS if not re.search("budget|tracker|constant space|deep recursion", name)]


@pytest.mark.parametrize("name", CAUGHT)
def test_rows_announce_what_programs_with_a_catch_do(name: str) -> None:
    check(CORPUS[name])


# What f and the last item do, one by one, in a program whose rows are exactly that.
EXACT = table(r"""
(define (f) 1)                                                         ⇒ pure
(define (f) (let ((n 0)) (set! n 1) n))                                ⇒ pure
(define (f) (map (lambda (x) (* x x)) '(1 2)))                         ⇒ pure
(define (f) (call/cc (lambda (k) (+ 1 (k 2)))))                        ⇒ pure
(define (g h) (lambda (x) (h x))) (define (f) (g display))             ⇒ pure
(define (f) (display 1))                                               ⇒ io
(define (g h) (h 1)) (define (f) (g display))                          ⇒ io
(define (g h) (lambda (x) (h x))) (define (f) ((g display) 1))         ⇒ io
(define (f) (for-each display '(1 2)))                                 ⇒ io
(define (f) ((if #t display write) 1))                                 ⇒ io
(define (ev n) (if (= n 0) (display n) (od (- n 1))))
(define (od n) (ev (- n 1))) (define (f) (ev 4))                       ⇒ io
(define n 0) (define (f) (set! n 1))                                   ⇒ state
(define v (vector 1)) (define (f) (vector-set! v 0 2))                 ⇒ state
(define t (hash-table)) (define (f) (hash-table-set! t 1 2))           ⇒ state
(define l (list 1)) (define (f) (list-set! l 0 2))                     ⇒ state
(define (counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))
(define (f) ((counter)))                                               ⇒ state
(define (f) (effect infer.op "x"))                                     ⇒ infer
(define (ask p) (effect infer.op p)) (define (f) (map ask '("a" "b")))  ⇒ infer
(define (f) (handle (effect ask) (on ask (k) (k 1))))                  ⇒ control
(define (f) (amb 1 2))                                                 ⇒ control
(define (f) (handle (effect ask) (on ask (k) (display 1) (k 1))))      ⇒ io, control
(define (f) (amb (effect infer.op "x") 2))                             ⇒ infer, control
(define n 0) (define (f) (set! n (effect infer.op "x")) (display n))   ⇒ infer, io, state
""")


@pytest.mark.parametrize(("program", "row"), EXACT)
def test_rows_are_what_happens_and_no_more(program: str, row: str) -> None:
    tracer = traced(f"{program}\n(f)")
    assert not tracer.unannounced
    f = next(row for procedure, row in tracer.effects.procedures.items() if procedure.name == "f")
    *_, last = tracer.effects.items.values()
    assert str(f) == str(last) == row
    assert tracer.happened.keys() == f.kinds - {CAPTURE}


# Each does something of a kind; with empty rows, that is found in f and in the item that calls it.
NOTICED = table(r"""
(define (f) (display 1))                                               ⇒ io
(define (f) (call-each display))
(define (call-each g) (for-each (lambda (x) (g x)) '(1)))              ⇒ io
(define (f) ((vector-ref (vector display) 0) 1))                       ⇒ io
(define (f) ((hash-table-ref/default (hash-table 1 display) 1 #f) 1))  ⇒ io
(define (f) (apply display '(1)))                                      ⇒ io
(define (f) (force (delay (display 1))))                               ⇒ io
(define (f) (sort '(2 1) (lambda (a b) (display a) #t)))               ⇒ io
(define n 0) (define (f) (set! n 1))                                   ⇒ state
(define (f) (let ((n 0)) ((lambda () (set! n 1)))))                    ⇒ state
(define p (list 1)) (define (f) (set-car! p 2))                        ⇒ state
(define-record-type b (mk x) b? (x x set-x!)) (define (f) (set-x! (mk 1) 2))  ⇒ state
(define (f) (effect infer.op "x"))                                     ⇒ infer
(define (f) (handle (+ 1 (effect ask)) (on ask (k) (k (effect infer.op "x")))))  ⇒ infer
(define (f) (guard (e (#t (effect infer.op "x"))) (raise 1)))          ⇒ infer
(define (f) (handle (effect ask) (on ask (k) (k 1))))                  ⇒ control
(define k #f) (define n 0)
(define (f) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k 1)))  ⇒ control
""")


@pytest.mark.parametrize(("program", "kind"), NOTICED)
def test_what_a_row_lacks_is_noticed(program: str, kind: str) -> None:
    found = traced(f"{program}\n(f)", is_blind=True).unannounced
    assert any(place.startswith(f"{kind} in f ") for place in found)
    assert any(place.startswith(f"{kind} in item ") for place in found)


def test_what_a_handler_does_is_no_effect_of_the_code_that_it_answers() -> None:
    tracer = traced(
        """
        (define (f) (raise-continuable 1))
        (define (g) (effect ask))
        (with-exception-handler (lambda (e) (display e)) f)
        (handle (g) (on ask (k) (display 1) (k 2)))
        """
    )
    assert tracer.happened["io"]
    assert not tracer.unannounced
    rows = {procedure.name: str(row) for procedure, row in tracer.effects.procedures.items()}
    assert (rows["f"], rows["g"]) == ("pure", "control")
