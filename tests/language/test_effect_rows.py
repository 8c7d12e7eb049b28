"""Effect rows: what calling each procedure of a program may do. A row may say too much, never too little."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import pytest

from omegac.pipeline import dump
from omegac.source import Source
from tests.support.omega import NAME, table


def rows_of(text: str) -> dict[str, str]:
    """The row of each procedure by its name, as `--dump analyse` shows it."""
    lines = dump(Source(NAME, text), "analyse").splitlines()
    return {name: row for _, name, row in (line.replace(" ", ": ", 1).split(": ", 2) for line in lines)}


@pytest.mark.parametrize(
    ("program", "row"),
    table(r"""
(define (f x) x)                                                 ⇒ pure
(define (f x) (+ x 1))                                           ⇒ pure
(define (f x) (let loop ((i 0)) (if (< i x) (loop (+ i 1)) i)))  ⇒ pure
(define (f x) (let ((y x)) (set! y 1) y))                        ⇒ pure
(define (f x) (if (= x 0) 1 (* x (f (- x 1)))))                  ⇒ pure
(define (f x) (map car x))                                       ⇒ pure
(define (f x) (lambda () (effect infer.op x)))                   ⇒ pure
(define (f x) (delay (effect infer.op x)))                       ⇒ pure
(define (f x) (cons-stream 1 (effect infer.op x)))               ⇒ pure
(define (f x) (restart-case (car x) (use (y) y)))                ⇒ pure
;; infer
(define (f x) (effect infer.op x))                               ⇒ infer
(define (f x) (if x 1 (list (effect infer.op x))))               ⇒ infer
(define (f x) (effect embed.op x))                               ⇒ infer
(define (f x) (embed x))                                         ⇒ infer
(define (f x) (deferred (effect infer.op x)))                    ⇒ infer
(define (f x) ((lambda () (effect infer.op x))))                 ⇒ infer
(define (f x) (map (lambda (y) (effect infer.op y)) x))          ⇒ infer
(define (f x) (g x)) (define (g x) (effect infer.op x))          ⇒ infer
(define (g x) (effect infer.op x)) (define (f x) (map g x))      ⇒ infer
(define (f x) (if x (g x) 1)) (define (g x) (if x (f x) (effect infer.op x)))  ⇒ infer
(define (f x) (define (h) (effect infer.op x)) (h))              ⇒ infer
(define (f x) (let ((h (lambda () (effect infer.op x)))) (h)))   ⇒ infer
(define (f x) (let loop ((i 0)) (if (< i 3) (begin (effect infer.op x) (loop (+ i 1))))))  ⇒ infer
(define (f x) (guard (e (#t 1)) (effect infer.op x)))            ⇒ infer
(define (f x) (guard (e (#t (effect infer.op x))) (car x)))      ⇒ infer
(define (g h) (h 1)) (define (f) (g (lambda (x) (effect infer.op x))))  ⇒ infer
(define (g h) (h 1)) (define (f) (g (lambda (x) x)))             ⇒ pure
(define (g h) (h 1)) (define (f) (g car))                        ⇒ pure
(define (g h x) (map h x)) (define (f x) (g (lambda (y) (effect infer.op y)) x))  ⇒ infer
;; io
(define (f x) (display x))                                       ⇒ io
(define (f x) (effect file.read.op x))                           ⇒ io
(define (f x) (effect shell.op x))                               ⇒ io
(define (f x) (for-each display x))                              ⇒ io
;; state
(define n 0) (define (f) (set! n 1))                             ⇒ state
(define (f x) (set-car! x 1))                                    ⇒ state
(define (f x) (vector-set! x 0 1))                               ⇒ state
(define (f x) (hash-table-set! x 0 1))                           ⇒ state
(define-record-type p (mk x) p? (x get set-x!)) (define (f r) (set-x! r 1))  ⇒ state
(define (make) (let ((n 0)) (lambda () (set! n 1) n))) (define (f) ((make)))  ⇒ state
;; control
(define (f x) (effect ask.op x))                                 ⇒ control
(define (f x) (effect ask.op x) (effect infer.op x))             ⇒ infer, control
;; all of it
(define (f x) (display (effect infer.op x)) (set-car! x 1) (effect ask.op x))  ⇒ infer, io, state, control
;; parameters that are called
(define (f g) (g 1))                                             ⇒ calls g
(define (f g h) (g (h 1)))                                       ⇒ calls g, calls h
(define (f g x) (map g x))                                       ⇒ calls g
(define (f g) (display (g 1)))                                   ⇒ io, calls g
(define (h g) (g 1)) (define (f g) (h g))                        ⇒ calls g
;; through procedures that are given and made, and continuations
(define (f) (call/cc (lambda (k) (k 1))))                                                      ⇒ pure
(define (f) (call/cc (lambda (k) (for-each k '(1 2)) 3)))                                      ⇒ control
(define (f) (call/cc (lambda (k) (for-each (lambda (x) (k x)) '(1 2)) 3)))                     ⇒ pure
(define (f) (call/cc (lambda (k) (lambda () (k 1)))))                                          ⇒ control
(define (f g) (call/cc g))                                                                     ⇒ control, calls g
(define (f) (amb 1 2))                                                                         ⇒ control
(define (f) (amb-collect (amb 1 2)))                                                           ⇒ control
(define (f) (amb 1 (display 2)))                                                               ⇒ io, control
(define (f g) (amb 1 (g 2)))                                                                   ⇒ control, calls g
(define (f) (mplus (lambda () (display 1))))                                                   ⇒ io, control
(define (f g h) (lambda (x) (g (h x)))) (define (k) ((f display car) '(1)))                    ⇒ pure
(define (g h) (lambda (x) (h x))) (define (f) ((g display) 1))                                 ⇒ io
(define (f b) ((if b car display) 1))                                                          ⇒ io
(define (f b) (let ((g (if b car display))) (g 1)))                                            ⇒ io
(define (g h) (h 1)) (define (f) (g (lambda (x) (effect infer.op "p"))))                       ⇒ infer
(define (twice g) (lambda (x) (g (g x)))) (define (f) ((twice (twice display)) 1))             ⇒ io
(define (ev n) (if (= n 0) #t (od (- n 1)))) (define (od n) (display n) (ev n)) (define (f) (ev 3)) ⇒ io
(define (f gs) (map (lambda (g) (g)) gs))                                                      ⇒ infer, io, state, control
;; what is not known may do everything
(define (f x) ((car x)))                                         ⇒ infer, io, state, control
(define (f g) (set! g car) (g 1))                                ⇒ infer, io, state, control
(define g car) (set! g cdr) (define (f x) (g x))                 ⇒ infer, io, state, control
(define (f x) (apply (car x) '()))                               ⇒ infer, io, state, control
(define (f x) ((car x) x))                                       ⇒ infer, io, state, control
(define (f . gs) (map (car gs) '(1)))                            ⇒ infer, io, state, control
"""),
)
def test_the_row_of_f(program: str, row: str) -> None:
    assert rows_of(program)["f"] == row


# Each does what the word before it says when (f) is called; its row must have that word.
AT_LEAST = table(r"""
(define (f) (handle (effect ask.op) (ask.op (k) (k (effect infer.op "x")))))                   ⇒ infer
(define (f) (handle (effect infer.op "x") (ask.op (k) (k 1))))                                 ⇒ infer
(define (f) (parameterize () (effect infer.op "x")))                                           ⇒ infer
(define (f) (force (delay (effect infer.op "x"))))                                             ⇒ infer
(define p (delay (effect infer.op "x"))) (define (f) (force p))                                ⇒ infer
(define (f) (with-budget 100 (lambda () (effect infer.op "x"))))                               ⇒ infer
(define (f) (dynamic-wind (lambda () (effect infer.op "x")) void void))                        ⇒ infer
(define (f) (dynamic-wind void void (lambda () (effect infer.op "x"))))                        ⇒ infer
(define (f) (call/cc (lambda (k) (effect infer.op "x"))))                                      ⇒ infer
(define (f) (call-with-values (lambda () (values 1)) (lambda (x) (effect infer.op "x"))))      ⇒ infer
(define (f) (apply (lambda (x) (effect infer.op x)) '("x")))                                   ⇒ infer
(define (f) (sort '("b" "a") (lambda (a b) (effect infer.op a) #t)))                           ⇒ infer
(define (f) (with-exception-handler (lambda (e) (effect infer.op "x")) (lambda () (raise-continuable 1))))  ⇒ infer
(define (f) (hash-table-update! (make-hash-table) 1 (lambda (x) x) (lambda () (effect infer.op "x"))))  ⇒ infer
(define (f) (vector-map (lambda (x) (effect infer.op "x")) #(1)))                              ⇒ infer
(define (f) (fold-left (lambda (a x) (effect infer.op "x")) 0 '(1)))                           ⇒ infer
(define (f) (with-output-to-string (lambda () (effect infer.op "x"))))                         ⇒ infer
(define (g) (lambda () (effect infer.op "x"))) (define (f) ((g)))                              ⇒ infer
(define (g) (lambda () (effect infer.op "x"))) (define (f) (let ((h (g))) (h)))                ⇒ infer
(define (f) (let ((h (car (list (lambda () (effect infer.op "x")))))) (h)))                    ⇒ infer
(define (f) (let ((h (if #t (lambda () (effect infer.op "x")) car))) (h)))                     ⇒ infer
(define (f) (define h #f) (set! h (lambda () (effect infer.op "x"))) (h))                      ⇒ infer
(define (h x) (effect infer.op x)) (define g h) (define (f) (g "x"))                           ⇒ infer
(define (h x) (effect infer.op x)) (define (f) (let ((g h)) (g "x")))                          ⇒ infer
(define (h x) (effect infer.op x)) (define (f) (let* ((g h) (i g)) (map i '("x"))))            ⇒ infer
(define-record-type box (mk v) box? (v unbox)) (define (f) ((unbox (mk (lambda () (effect infer.op "x"))))))  ⇒ infer
(define p (make-parameter (lambda () (effect infer.op "x")))) (define (f) ((p)))               ⇒ infer
(define p (make-parameter 1 (lambda (x) (effect infer.op "x")))) (define (f) (parameterize ((p 2)) 1))  ⇒ infer
(define (each g l) (if (pair? l) (begin (g (car l)) (each g (cdr l))))) (define (f) (each (lambda (x) (effect infer.op x)) '("x")))  ⇒ infer
(define (twice g) (lambda (x) (g (g x)))) (define (f) ((twice (lambda (x) (effect infer.op x))) "x"))  ⇒ infer
(define (g h) (let ((i h)) (i "x"))) (define (f) (g (lambda (x) (effect infer.op x))))         ⇒ infer
(define (g . hs) (apply (car hs) '("x"))) (define (f) (g (lambda (x) (effect infer.op x))))    ⇒ infer
(define (g h) (set! h (lambda (x) (effect infer.op x))) (h "x")) (define (f) (g car))          ⇒ infer
(define (g h) ((lambda (i) (i "x")) h)) (define (f) (g (lambda (x) (effect infer.op x))))      ⇒ infer
(define (g h) (define (i) (h "x")) (i)) (define (f) (g (lambda (x) (effect infer.op x))))      ⇒ infer
(define (g h) (lambda () (h "x"))) (define (f) ((g (lambda (x) (effect infer.op x)))))         ⇒ infer
(define (f) (receive (a b) (values (lambda () (effect infer.op "x")) 1) (a)))                  ⇒ infer
(define-values (g h) (values (lambda () (effect infer.op "x")) 1)) (define (f) (g))            ⇒ infer
(define (f) (let loop ((g car) (i 0)) (if (= i 1) (g "x") (loop (lambda (x) (effect infer.op x)) (+ i 1)))))  ⇒ infer
(define (f) (do ((g car (lambda (x) (effect infer.op x))) (i 0 (+ i 1))) ((= i 1) (g "x"))))   ⇒ infer
(define (f) (or (assq 'a '()) (effect infer.op "x")))                                          ⇒ infer
(define (f) (cond ((list 1) => (lambda (l) (effect infer.op l)))))                             ⇒ infer
(define (f) (case 1 ((1) => (lambda (l) (effect infer.op "x")))))                              ⇒ infer
(define (f) `(a ,(effect infer.op "x")))                                                       ⇒ infer
(define (f) (effect ask.op (effect infer.op "x")))                                             ⇒ infer
(define (f) (effect infer.op "y" system: (effect infer.op "x")))                               ⇒ infer
(define-syntax m (syntax-rules () ((_ x) (effect infer.op x)))) (define (f) (m "x"))           ⇒ infer
(define (f) (define x 1) (define (g) (set! x (+ x 1)) x) (g))                                  ⇒ state
(define (f l) (sort! l <))                                                                     ⇒ state
(define (f) (random 10))                                                                       ⇒ state
(define (f) (current-time))                                                                    ⇒ io
(define (f) (read-line))                                                                       ⇒ io
(define (f) (write 1))                                                                         ⇒ io
(define (f) (handle (effect ask.op) (tell.op (k) (k 1))))                                      ⇒ control
(define (f) (stream-map (lambda (x) (effect infer.op "x")) (stream 1)))                        ⇒ infer
(define (f) (stream-filter (lambda (x) (effect infer.op "x")) (stream 1)))                     ⇒ infer
(define (g s) (stream-cdr s)) (define (f) (g (cons-stream 1 (effect infer.op "x"))))           ⇒ infer
(define (f) (handler-bind ((symbol? (lambda (c) (effect infer.op "x")))) (signal 'x)))         ⇒ infer
(define (f) (handler-bind (((lambda (c) (effect infer.op "x")) void)) (signal 'x)))            ⇒ infer
(define (f) (handler-bind ((symbol? void)) (effect infer.op "x")))                             ⇒ infer
(define (f) (restart-bind ((go (lambda () (effect infer.op "x")))) (invoke-restart 'go)))      ⇒ infer
(define (f) (restart-case (invoke-restart 'go) (go () (effect infer.op "x"))))                 ⇒ infer
(define (f) (restart-case (effect infer.op "x")))                                              ⇒ infer
(define (f) (amb (effect infer.op "x") 2))                                                     ⇒ infer
(define (f) (amb-collect (amb 1 (amb 2 (effect infer.op "x")))))                               ⇒ infer
(define (h x) (effect infer.op x)) (define (f) (let ((g h)) (amb (g "x") 2)))  ⇒ infer
(define (f) (effect amb.choose (map (lambda (p) (lambda () (effect infer.op p))) '("x"))))     ⇒ infer
(define (f) (mplus (lambda () (effect infer.op "x")) 2))                                       ⇒ infer
(define (f) (apply mplus (list (lambda () (effect infer.op "x")))))                            ⇒ infer
""")


@pytest.mark.parametrize(("program", "kind"), AT_LEAST)
def test_a_row_is_never_too_small(program: str, kind: str) -> None:
    assert kind in rows_of(program)["f"].split(", ")
