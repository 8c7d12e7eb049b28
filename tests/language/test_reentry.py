"""Continuations that are entered again: generators, backtracking, coroutines, prompts, resumptions that are kept.

Each program runs in all ways that programs can be run, so that direct code and code in steps agree.
"""

# ruff: noqa: E501 - a case stands on one line

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import pytest
from omega_runtime.calls.handlers import Abort
from omega_runtime.values.symbols import Symbol

from tests.support.omega import compiled, error_of, output_of, places_of_error, python_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; escaping and coming back
(call/cc (lambda (k) (+ 1 (k 42))))                                       ⇒ 42
(+ 1 (call/cc (lambda (k) 1)))                                            ⇒ 2
(define r '()) (define k #f)
(set! r (cons (call/cc (lambda (c) (set! k c) 0)) r))
(if (< (length r) 3) (k (length r))) r                                    ⇒ (2 1 0)
(define k #f) (define n 0)
(define (f) (let ((x (call/cc (lambda (c) (set! k c) 1)))) (set! n (+ n 1)) (* x 10)))
(define v (f))
(if (< n 3) (k (+ n 1))) (list v n)                                       ⇒ (30 3)
;; a continuation keeps the values of variables as they were, but not those that are assigned
(define k #f) (define (f a) (let* ((b (call/cc (lambda (c) (set! k c) 1))) (c (+ a b))) c))
(define seen '()) (define x (f 10)) (set! seen (cons x seen))
(if (< (length seen) 3) (k (* 5 (length seen)))) seen                     ⇒ (20 15 11)
(define k #f) (define count 0)
(define (f) (let ((n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) n))
(define x (f)) (set! count (+ count 1)) (if (< count 4) (k #f)) x         ⇒ 4
;; operands are evaluated from left to right, each once for each time it is come by
(define k #f) (define log '()) (define (note x) (set! log (cons x log)) x)
(define n 0)
(define l (list (note 1) (call/cc (lambda (c) (set! k c) 2)) (note 3)))
(set! n (+ n 1)) (if (= n 1) (k 20)) (list l (reverse log))               ⇒ ((1 20 3) (1 3 3))
;; generators
(define (make-generator walk)
  (define return #f)
  (define (yield x) (call/cc (lambda (rest) (set! resume (lambda () (rest #f))) (return x))))
  (define resume (lambda () (walk yield) (return 'done)))
  (lambda () (call/cc (lambda (k) (set! return k) (resume)))))
(define next (make-generator (lambda (yield) (for-each yield '(1 2 3)))))
(list (next) (next) (next) (next))                                        ⇒ (1 2 3 done)
(define (tree-walk tree yield)
  (cond ((null? tree) #f) ((pair? tree) (tree-walk (car tree) yield) (tree-walk (cdr tree) yield)) (else (yield tree))))
(define (same-fringe? a b)
  (define (generator tree)
    (define return #f)
    (define resume (lambda () (tree-walk tree (lambda (x) (call/cc (lambda (k) (set! resume (lambda () (k #f))) (return x))))) (return '*)))
    (lambda () (call/cc (lambda (r) (set! return r) (resume)))))
  (define ga (generator a)) (define gb (generator b))
  (let loop () (let ((x (ga)) (y (gb))) (cond ((not (eqv? x y)) #f) ((eq? x '*) #t) (else (loop))))))
(list (same-fringe? '(1 (2 3)) '((1 2) 3)) (same-fringe? '(1 2 3) '(1 3 2)))  ⇒ (#t #f)
;; map with a continuation that is entered again gives new lists, and leaves the old ones alone
(define k #f) (define n 0)
(define results '())
(define l (map (lambda (x) (call/cc (lambda (c) (if (= x 2) (set! k c)) x))) '(1 2 3)))
(set! results (cons l results)) (set! n (+ n 1))
(if (< n 3) (k (* n 10))) results                                         ⇒ ((1 20 3) (1 10 3) (1 2 3))
;; coroutines
(define queue '()) (define (enqueue! t) (set! queue (append queue (list t))))
(define (dequeue!) (let ((t (car queue))) (set! queue (cdr queue)) t))
(define out '()) (define done #f)
(define (yield) (call/cc (lambda (k) (enqueue! (lambda () (k #f))) ((dequeue!)))))
(define (worker name n) (lambda () (let loop ((i 0)) (if (< i n) (begin (set! out (cons (list name i) out)) (yield) (loop (+ i 1))))) (if (null? queue) (done #f) ((dequeue!)))))
(enqueue! (worker 'a 2)) (enqueue! (worker 'b 3))
(call/cc (lambda (k) (set! done k) ((dequeue!))))
(reverse out)                                                             ⇒ ((a 0) (b 0) (a 1) (b 1) (b 2))
;; continuations are values: in lists, tables, passed on; the same one for tail calls
(define ks '()) (define n 0)
(define x (call/cc (lambda (k) (set! ks (cons k ks)) 0)))
(set! n (+ n 1)) (if (< n 4) ((car ks) n)) (list x (length ks))           ⇒ (3 1)
(call/cc (lambda (k) (call/cc (lambda (j) (eq? k j)))))                   ⇒ #t
(call/cc (lambda (k) (list (call/cc (lambda (j) (eq? k j))))))            ⇒ (#f)
(call/cc procedure?)                                                      ⇒ #t
(apply call/cc (list (lambda (k) (k 5))))                                 ⇒ 5
(map call/cc (list (lambda (k) (k 1)) (lambda (k) 2)))                    ⇒ (1 2)
;; several values
(call-with-values (lambda () (call/cc (lambda (k) (k 1 2 3)))) list)      ⇒ (1 2 3)
(define k #f) (define n 0)
(define l (call-with-values (lambda () (call/cc (lambda (c) (set! k c) (values 1 2)))) list))
(set! n (+ n 1)) (if (= n 1) (k 3 4 5)) l                                 ⇒ (3 4 5)
(receive (a . b) (call/cc (lambda (k) (map (lambda (x) (if (= x 2) (k x 8 9) x)) '(1 2)))) (list a b))  ⇒ (2 (8 9))
;; within conditionals, loops, definitions, assignments
(define k #f) (define n 0)
(define x (if (call/cc (lambda (c) (set! k c) #t)) 'yes 'no))
(set! n (+ n 1)) (if (= n 1) (k #f)) x                                    ⇒ no
(define k #f) (define n 0) (define x 1)
(set! x (+ x (call/cc (lambda (c) (set! k c) 10))))
(set! n (+ n 1)) (if (= n 1) (k 100)) x                                   ⇒ 101
(define (f) (define a (amb 1 2 3)) (define (g) (* a 2)) (require (> (g) 3)) (list a (g))) (f)  ⇒ (2 4)
(let loop ((i 0) (found '())) (if (< i 3) (loop (+ i 1) (cons (call/cc (lambda (k) (k i))) found)) found))  ⇒ (2 1 0)
(do ((i 0 (+ i 1)) (s 0 (+ s (call/cc (lambda (k) (map k (list i))))))) ((= i 4) s))  ⇒ 6
(case (call/cc (lambda (k) (list (k 2)))) ((1) 'one) ((2) 'two))          ⇒ two
(let-values (((a b) (call/cc (lambda (k) (list (k 1 2)))))) (+ a b))      ⇒ 3
;; operands that combine values are evaluated before the steps of later ones
(define x 1) (define k #f)
(list (+ (call/cc (lambda (c) (set! k c) 1)) x) (begin (set! x 5) (call/cc (lambda (c) (set! k c) 7))))  ⇒ (2 7)
;; a clause that doesn't resume ends its handle, also from inside of a plain call, and nothing is done twice
(define kept #f) (define n 0)
(define r (handle (sort '(3 1 2) (lambda (a b) (effect stop))) (stop (k) (set! kept k) 'stopped)))
(set! n (+ n 1)) (list r n)                                               ⇒ (stopped 1)
(define c #f) (call/cc (lambda (k) (set! c k)))
(handle (force (delay (effect stop 5))) (stop (x k) (list x)))            ⇒ (5)
(define c #f) (call/cc (lambda (k) (set! c k)))
(handle (sort '(3 1 2) (lambda (a b) (effect ask) (< a b))) (ask (k) (k 1)))  ⇒ (1 2 3)
(define c #f) (call/cc (lambda (k) (set! c k)))
(guard (e (#t (list 'caught e))) (handle (force (delay (effect ask 5))) (ask (x k) (raise x))))  ⇒ (caught 5)
(define c #f) (call/cc (lambda (k) (set! c k)))
(handle (with-budget 100 (lambda () (sort '(3 1 2) (lambda (a b) (effect ask) (< a b))))) (ask (k) 'no))  ⇒ no
(define kept #f)
(handle (list (handle (sort '(2 1) (lambda (a b) (effect out 1))) (inner (k) (list (k 1))))) (out (x k) (set! kept k) (list 'out x)))  ⇒ (out 1)
(define c #f) (call/cc (lambda (k) (set! c k)))
(handle (handle (sort '(2 1) (lambda (a b) (effect out 1) #t)) (inner (k) (list (k 1))) (return (v) (list 'in v))) (out (x k) (k x)) (return (v) (list 'ret v)))  ⇒ (ret (in (1 2)))
(define kept #f) (handle (effect search.op "q" n: 2) (infer.op (p k) (set! kept k) "mine"))  ⇒ "mine"
(define c #f) (call/cc (lambda (k) (set! c k)))
(handle (parallel-map (lambda (x) (effect infer.op "abc" max-tokens: 20) (effect ask x)) '(1 2 3 4)) (ask (x k) (if (= x 3) 'stop (k (* x 10)))))  ⇒ stop
;; the value is that of the last item, whatever else is captured, and a definition has none
(define (g f) (f 1)) (define (h x) (amb x 2)) (define (i) (g h)) 5        ⇒ 5
(amb 1 2) (define (f) 1)                                                  ⇒ #<unspecified>
"""),
)
def test_continuations(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "output"),
    table(r"""
;; the befores and afters of dynamic-wind, in order, on each way out and in
(dynamic-wind (lambda () (display "[")) (lambda () (display "x")) (lambda () (display "]")))   ⇒ [x]
(call/cc (lambda (k) (dynamic-wind (lambda () (display "[")) (lambda () (k 1)) (lambda () (display "]")))))  ⇒ []
(let ((path '()) (c #f))
  (let ((add (lambda (s) (set! path (cons s path)))))
    (dynamic-wind (lambda () (add 'connect))
      (lambda () (add (call/cc (lambda (c0) (set! c c0) 'talk1))))
      (lambda () (add 'disconnect)))
    (if (< (length path) 4) (c 'talk2) (display (reverse path)))))  ⇒ (connect talk1 disconnect connect talk2 disconnect)
(define k #f) (define n 0)
(dynamic-wind (lambda () (display "a")) (lambda () (dynamic-wind (lambda () (display "b")) (lambda () (call/cc (lambda (c) (set! k c))) (display "!")) (lambda () (display "c")))) (lambda () (display "d")))
(set! n (+ n 1)) (if (< n 3) (k #f))  ⇒ ab!cdab!cdab!cd
(define k #f) (define n 0)
(define (in name thunk) (dynamic-wind (lambda () (display name) (display "+")) thunk (lambda () (display name) (display "-"))))
(in 'a (lambda () (in 'b (lambda () (call/cc (lambda (c) (set! k c)))))))
(set! n (+ n 1)) (if (= n 1) (in 'c (lambda () (in 'd (lambda () (k #f))))))  ⇒ a+b+b-a-c+d+d-c-a+b+b-a-
(amb-collect (dynamic-wind (lambda () (display "<")) (lambda () (amb 1 2)) (lambda () (display ">"))))  ⇒ <><>
(list (+ (amb 1 2) (begin (display "a") 1)) (amb (begin (display "b") 1)))  ⇒ ab
(define k #f) (define n 0)
(parameterize () (define p (make-parameter 1)) (parameterize ((p 2)) (call/cc (lambda (c) (set! k c))) (display (p))) (display (p)) (set! n (+ n 1)) (if (< n 3) (k #f)))  ⇒ 212121
;; a handler's own error is for the handlers outside
(define (f) (amb 1 2)) (define x (f))
(guard (e (#t (display "guard"))) (with-exception-handler (lambda (e) (display "handler ") (vector-ref (vector 1) x)) (lambda () (raise 'oops))))  ⇒ handler guard
;; an effect in a plain call leaves what is around that call on its way
(define kept #f)
(display (handle (dynamic-wind (lambda () (display "<")) (lambda () (sort '(3 1 2) (lambda (a b) (dynamic-wind (lambda () (display "[")) (lambda () (effect stop)) (lambda () (display "]")))))) (lambda () (display ">"))) (stop (k) (set! kept k) 'stopped)))  ⇒ <[]>stopped
;; watchers of a budget are there again when control comes back into it
(define k #f) (define n 0)
(define r (with-budget 100 (lambda () (on-threshold (lambda (spent name) (display spent)) '(0.01 0.05)) (call/cc (lambda (c) (set! k c))) (effect infer.op "abc" max-tokens: 20) (display "|"))))
(set! n (+ n 1)) (if (< n 4) (k n))  ⇒ 0.01||0.05||
;; errors go past the afters, in order
(guard (e (#t (display "caught"))) (dynamic-wind (lambda () (display "in ")) (lambda () (raise (amb 1 2))) (lambda () (display "out "))))  ⇒ in out caught
(guard (e (#t (display e))) (dynamic-wind (lambda () #f) (lambda () (require (amb #t))  (raise 'first)) (lambda () (raise 'second))))  ⇒ second
"""),
)
def test_dynamic_extents(program: str, output: str) -> None:
    assert output_of(program) == output


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(amb 1 2 3)                                                               ⇒ 1
(let ((x (amb 1 2 3))) (require (> x 1)) x)                               ⇒ 2
(let* ((x (amb 1 2 3)) (y (amb 'a 'b))) (require (and (= x 3) (eq? y 'b))) (list x y))  ⇒ (3 b)
(amb-collect (amb 1 2 3))                                                 ⇒ (1 2 3)
(amb-collect (amb))                                                       ⇒ ()
(amb-collect (let ((x (amb 1 2)) (y (amb 3 4))) (list x y)))              ⇒ ((1 3) (1 4) (2 3) (2 4))
(amb-collect (amb (amb 1 2) 3 (amb) (amb 4)))                             ⇒ (1 2 3 4)
(amb-collect-n 2 (amb 1 2 3))                                             ⇒ (1 2)
(amb-collect-n 0 (amb 1 2 3))                                             ⇒ ()
(amb-collect-n 9 (amb 1 2 3))                                             ⇒ (1 2 3)
(define (an-integer-from n) (amb n (an-integer-from (+ n 1)))) (amb-collect-n 4 (an-integer-from 5))  ⇒ (5 6 7 8)
;; collections inside of collections, and choices that outlive them
(amb-collect (let ((x (amb 1 2))) (list x (amb-collect (* x (amb 10 20))))))  ⇒ ((1 (10 20)) (2 (20 40)))
(let* ((x (amb 1 2)) (l (amb-collect (* x (amb 10 20))))) (require (= x 2)) l)  ⇒ (20 40)
(define x (amb 1 2 3)) (define l (amb-collect-n 1 (amb 5 6))) (require (> x 2)) (list x l)  ⇒ (3 (5))
;; what is changed stays changed
(define tried '()) (let ((x (amb 1 2 3))) (set! tried (cons x tried)) (require (= x 3)) tried)  ⇒ (3 2 1)
;; through procedures of the library and of the program
(amb-collect (map (lambda (x) (amb x (- x))) '(1 2)))                     ⇒ ((1 2) (1 -2) (-1 2) (-1 -2))
(amb-collect (let ((s 0)) (for-each (lambda (x) (set! s (+ s x))) (list (amb 1 2) 10)) s))  ⇒ (11 23)
(amb-collect (vector-map (lambda (x) (amb x 0)) #(1 2)))                  ⇒ (#(1 2) #(1 0) #(0 2) #(0 0))
(amb-collect (fold (lambda (a x) (amb a (+ a x))) 0 '(1 2)))              ⇒ (0 2 1 3)
(amb-collect (member 2 '(1 2 3) (lambda (x y) (amb (= x y) #f))))         ⇒ ((2 3) #f #f (2 3) #f #f)
(amb-collect (assoc 2 '((1 . a) (2 . b)) (lambda (x y) (amb (= x y) #f))))  ⇒ ((2 . b) #f (2 . b) #f)
(amb-collect (receive (a b) (span (lambda (x) (amb #t #f)) '(1 2)) (append b a)))  ⇒ ((1 2) (2 1) (1 2))
(amb-collect (receive (a b) (break (lambda (x) (amb #t #f)) '(1)) (list a b)))  ⇒ ((() (1)) ((1) ()))
(amb-collect (find-tail (lambda (x) (amb #t #f)) '(1 2)))                 ⇒ ((1 2) (2) #f)
(amb-collect (drop-while (lambda (x) (amb #t #f)) '(1)))                  ⇒ (() (1))
(amb-collect (pair-fold (lambda (p n) (amb n (+ n (length p)))) 0 '(1 2)))  ⇒ (0 1 2 3)
(amb-collect (let ((s 0)) (pair-for-each (lambda (p) (set! s (amb 1 2))) '(1)) s))  ⇒ (1 2)
(amb-collect (string-map (lambda (c) (amb c #\x)) "ab"))                  ⇒ ("ab" "ax" "xb" "xx")
(amb-collect (let ((s '())) (string-for-each (lambda (c) (set! s (amb c #f))) "a") s))  ⇒ (#\a #f)
(amb-collect (string-any (lambda (c) (amb c #f)) "ab"))                   ⇒ (#\a #\b #f)
(amb-collect (string-every (lambda (c) (amb c #f)) "ab"))                 ⇒ (#\b #f #f)
(amb-collect (string-fold (lambda (c n) (amb n (+ n 1))) 0 "ab"))         ⇒ (0 1 1 2)
(amb-collect (string-fold-right (lambda (c l) (amb l (cons c l))) '() "ab"))  ⇒ (() (#\a) (#\b) (#\a #\b))
(amb-collect (let ((s 0)) (vector-for-each (lambda (x) (set! s (amb x 0))) #(1)) s))  ⇒ (1 0)
(amb-collect (vector-fold (lambda (n x) (amb n (+ n x))) 0 #(1 2)))       ⇒ (0 2 1 3)
(amb-collect (vector-fold-right (lambda (n x) (amb n (- x n))) 0 #(1 2)))  ⇒ (0 1 2 -1)
(amb-collect (vector-count (lambda (x) (amb #t #f)) #(1 2)))              ⇒ (2 1 1 0)
(amb-collect (vector-index (lambda (x) (amb #t #f)) #(1 2)))              ⇒ (0 1 #f)
(amb-collect (vector-any (lambda (x) (amb x #f)) #(1 2)))                 ⇒ (1 2 #f)
(amb-collect (vector-every (lambda (x) (amb x #f)) #(1 2)))               ⇒ (2 #f #f)
(amb-collect (hash-table-ref (hash-table) 'a (lambda () (amb 1 2))))      ⇒ (1 2)
(amb-collect (hash-table-ref (hash-table 'a 1) 'a #f (lambda (x) (amb x 2))))  ⇒ (1 2)
(amb-collect (let ((s 0)) (hash-table-walk (hash-table 'a 1) (lambda (k v) (set! s (amb k v)))) s))  ⇒ (a 1)
(amb-collect (let ((s 0)) (hash-table-walk (lambda (k v) (set! s (amb k v))) (hash-table 'a 1)) s))  ⇒ (a 1)
(amb-collect (hash-table-fold (hash-table 'a 1) (lambda (k v n) (amb n (+ n v))) 0))  ⇒ (0 1)
(amb-collect (hash-table-fold (lambda (k v n) (amb n (+ n v))) 0 (hash-table 'a 1)))  ⇒ (0 1)
(amb-collect (hash-table-find (lambda (k v) (amb k #f)) (hash-table 'a 1)))  ⇒ (a #f)
(amb-collect (hash-table-map->list (lambda (k v) (amb k v)) (hash-table 'a 1)))  ⇒ ((a) (1))
(amb-collect (let ((t (hash-table))) (hash-table-update!/default t 'a (lambda (x) (amb x 1)) 0) (hash-table->alist t)))  ⇒ (((a . 0)) ((a . 1)))
(amb-collect (call-with-input-string "1" (lambda (p) (amb (read p) 2))))  ⇒ (1 2)
(amb-collect (apply + (map (lambda (f) (f)) (list (lambda () (amb 1 2)) (lambda () 10)))))  ⇒ (11 12)
(define (my-map f l) (if (null? l) '() (cons (f (car l)) (my-map f (cdr l)))))
(amb-collect (my-map (lambda (x) (amb x (* 10 x))) '(1 2)))               ⇒ ((1 2) (1 20) (10 2) (10 20))
(define (compose2 f g) (lambda (x) (f (g x))))
(amb-collect ((compose2 (lambda (x) (amb x 'f)) (lambda (x) (amb x 'g))) 1))  ⇒ (1 f g f)
(define-record-type node (make-node f) node? (f node-f)) (amb-collect ((node-f (make-node (lambda (x) (amb x 2)))) 1))  ⇒ (1 2)
(define (ok? l) (or (null? l) (and (> (car l) 0) (ok? (cdr l))))) (let ((l (list (amb -1 1) (amb -2 2)))) (require (ok? l)) l)  ⇒ (1 2)
(define (multiple-dwelling)
  (let ((baker (amb 1 2 3 4 5)) (cooper (amb 1 2 3 4 5)) (fletcher (amb 1 2 3 4 5)) (miller (amb 1 2 3 4 5)) (smith (amb 1 2 3 4 5)))
    (require (= 5 (length (delete-duplicates (list baker cooper fletcher miller smith)))))
    (require (not (= baker 5))) (require (not (= cooper 1))) (require (not (= fletcher 5))) (require (not (= fletcher 1)))
    (require (> miller cooper)) (require (not (= (abs (- smith fletcher)) 1))) (require (not (= (abs (- fletcher cooper)) 1)))
    (list baker cooper fletcher miller smith)))
(multiple-dwelling)                                                       ⇒ (3 2 4 5 1)
;; the monad
(amb-collect (bind (mplus 1 2) (lambda (x) (mplus x (* 10 x)))))          ⇒ (1 10 2 20)
(amb-collect (mplus (mzero) 1))                                           ⇒ ()
(amb-collect (mplus (lambda () (mzero)) (lambda () 1)))                   ⇒ (1)
(amb-collect (bind (lambda () (amb 1 2)) list))                           ⇒ ((1) (2))
;; as effects, which a program may handle itself
(amb-collect (effect amb.choose (list (lambda () 1) (lambda () 2))))      ⇒ (1 2)
(amb-collect (begin (amb 1 2) (effect amb.fail)))                         ⇒ ()
(handle (list (amb 1 2) (amb 3 4)) (amb.choose (thunks k) (append (k ((car thunks))) (k ((cadr thunks))))))  ⇒ (1 3 1 4 2 3 2 4)
;; with errors, which are none of its business
(amb-collect (guard (e (#t (list 'error e))) (raise (amb 1 2))))          ⇒ ((error 1) (error 2))
(amb-collect (guard (e ((eq? e 1) 'one)) (guard (e ((eq? e 2) 'two)) (raise (amb 1 2)))))  ⇒ (one two)
(amb-collect (call/cc (lambda (k) (k (amb 1 2)))))                        ⇒ (1 2)
(amb-collect (with-exception-handler (lambda (e) (* 100 e)) (lambda () (+ 1 (raise-continuable (amb 1 2))))))  ⇒ (101 201)
(amb-collect (handle (+ 1 (effect ask)) (on ask (k) (k (amb 1 2)))))      ⇒ (2 3)
(amb-collect (with-exception-handler (lambda (e) (amb e (- e))) (lambda () (+ 1 (raise-continuable 5)))))  ⇒ (6 -4)
"""),
)
def test_backtracking(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(amb)                                                                     ⇒ amb: no choice is left that could be made otherwise
(let ((x (amb 1 2))) (require (> x 5)) x)                                 ⇒ amb: no choice is left that could be made otherwise
(mzero)                                                                   ⇒ amb: no choice is left that could be made otherwise
(require #f)                                                              ⇒ amb: no choice is left that could be made otherwise
(amb-collect-n 'x (amb 1))                                                ⇒ amb-collect-n: argument 1 must be an exact integer >= 0, but got x
(effect amb.choose 5)                                                     ⇒ amb.choose: argument 1 must be a list, but got 5
(effect amb.choose '(5))                                                  ⇒ amb.choose: argument 1 must be a procedure, but got 5
;; back into a call that Python made, or a procedure of the library that has no entry
(handle (sort '(3 1 2) (lambda (a b) (effect ask) (< a b))) (ask (k) (list (k 1))))  ⇒ this continuation was captured in a call that has returned to Python, or to a procedure that is not compiled to be entered again; it cannot be entered any more
(handle (guard (e (#t 'inside)) (force (delay (effect ask 1 2)))) (ask (x k) (list (k x))))  ⇒ handle: wrong number of arguments: the clause for ask doesn't take 2 operands and the resumption
(handle (guard (e (#t 'inside)) (effect ask 1 2)) (ask (x k) (list (k x))))  ⇒ handle: wrong number of arguments: the clause for ask doesn't take 2 operands and the resumption
(handle (effect search.op "q" n: 2) (infer.op (p k) (list (k "1"))))      ⇒ this continuation was captured in a call that has returned to Python, or to a procedure that is not compiled to be entered again; it cannot be entered any more
(define l (sort (list 2 1) (lambda (a b) (amb #t #f)))) (require #f)      ⇒ a choice was made in a call that has returned to Python, or to a procedure that is not compiled to be entered again; nothing can go back to it
(define k #f) (define n 0) (sort (list 2 1) (lambda (a b) (call/cc (lambda (c) (set! k c))) (< a b))) (set! n (+ n 1)) (if (= n 1) (k #f))  ⇒ this continuation was captured in a call that has returned to Python, or to a procedure that is not compiled to be entered again; it cannot be entered any more
"""),
)
def test_what_cannot_go_on(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; prompts
(call-with-prompt 'p (lambda () 5) list)                                  ⇒ 5
(call-with-prompt 'p (lambda () (+ 1 (abort-to-prompt 'p 5))) (lambda (k v) v))  ⇒ 5
(call-with-prompt 'p (lambda () (+ 1 (abort-to-prompt 'p 5))) (lambda (k v) (k v)))  ⇒ 6
(call-with-prompt 'p (lambda () (+ 1 (abort-to-prompt 'p 5))) (lambda (k v) (list (k 1) (k 2))))  ⇒ (2 3)
(call-with-prompt 'p (lambda () (* (abort-to-prompt 'p 1) (abort-to-prompt 'p 2))) (lambda (k v) (k (+ v 2))))  ⇒ 12
(call-with-prompt 'a (lambda () (call-with-prompt 'b (lambda () (+ 1 (abort-to-prompt 'a 1))) list)) (lambda (k v) (k 10)))  ⇒ 11
(call-with-prompt 'p (lambda () (abort-to-prompt 'p 1 2 3)) (lambda (k . vs) vs))  ⇒ (1 2 3)
(define k2 #f) (list (call-with-prompt 'p (lambda () (* 2 (abort-to-prompt 'p 1))) (lambda (k v) (set! k2 k) v)) (k2 21) (k2 5))  ⇒ (1 42 10)
;; resumptions that are kept, called twice, or called elsewhere than at the end
(handle (+ 1 (effect ask.op)) (ask.op (k) (+ 100 (k 5))))                 ⇒ 106
(handle (+ 1 (effect ask.op)) (ask.op (k) (list (k 5) (k 6))))            ⇒ (6 7)
(handle (+ 1 (effect ask.op)) (ask.op (k) k 'never))                      ⇒ never
((handle (+ 1 (effect ask.op)) (ask.op (k) (lambda (x) (k x)))) 41)       ⇒ 42
(define (choose l) (effect choose.op l))
(handle (let* ((a (choose '(1 2))) (b (choose '(3 4)))) (list (* a b))) (choose.op (l k) (append-map k l)))  ⇒ (3 4 6 8)
(define (choose l) (effect choose.op l)) (handle (let* ((a (choose '(1 2))) (b (choose '(3 4)))) (* a b)) (choose.op (l k) (append-map k l)) (return (v) (list v)))  ⇒ (3 4 6 8)
;; state by handlers
(define (counter body) ((handle (body) (get.op (k) (lambda (s) ((k s) s))) (put.op (v k) (lambda (s) ((k #t) v))) (return (v) (lambda (s) (list v s)))) 0))
(counter (lambda () (effect put.op (+ 1 (effect get.op))) (effect put.op (* 10 (+ 1 (effect get.op)))) 'done))  ⇒ (done 20)
;; exceptions, and handlers inside of handlers
(handle (handle (+ (effect a.op) (effect b.op)) (a.op (k) (+ 1 (k 10)))) (b.op (k) (* 2 (k 100))))  ⇒ 222
(handle (handle (effect a.op) (a.op (k) (effect b.op))) (b.op (k) (list (k 1) (k 2))))  ⇒ (1 2)
(handle (handle (+ 1 (effect a.op)) (a.op (k) (+ 10 (k (effect b.op))))) (b.op (k) (list (k 100) (k 200))))  ⇒ (111 211)
;; return and finally
(handle 5 (ask.op (k) (k 1)) (return (v) (* v 2)))                        ⇒ 10
(handle (+ 1 (effect ask.op)) (ask.op (k) (k 1)) (return (v) (* v 10)))   ⇒ 20
(handle (+ 1 (effect ask.op)) (ask.op (k) 'left) (return (v) (* v 10)))   ⇒ left
(define log '()) (list (handle (effect ask.op) (ask.op (k) (k 1)) (finally (set! log (cons 'end log)))) log)  ⇒ (1 (end))
(define log '()) (guard (e (#t (list e log))) (handle (raise 'oops) (ask.op (k) (k 1)) (finally (set! log (cons 'end log)))))  ⇒ (oops (end))
(define log '()) (define v (handle (+ 1 (effect ask.op)) (ask.op (k) (list (k 1) (k 2))) (finally (set! log (cons 'end log))))) (list v log)  ⇒ ((2 3) (end))
(handle 1 (return (v) (+ v 1)))                                           ⇒ 2
(define (f g) (g)) (f (lambda () (handle 1 (return (v) (set! v (+ v 1)) v))))  ⇒ 2
(define n 0) (define (f g) (g)) (f (lambda () (handle 1 (finally (set! n 1) (set! n (+ n 1)))))) n  ⇒ 2
;; a handler of a model's operation answers without any call
(handle (string-append (effect infer.op "a") "!") (infer.op (p k) (list (k "1") (k "2"))))  ⇒ ("1!" "2!")
"""),
)
def test_delimited_continuations(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "output"),
    table(r"""
(handle (dynamic-wind (lambda () (display "[")) (lambda () (effect ask.op)) (lambda () (display "]"))) (ask.op (k) (display "(") (k 1) (k 2) (display ")")))  ⇒ []([][])
(call-with-prompt 'p (lambda () (dynamic-wind (lambda () (display "[")) (lambda () (abort-to-prompt 'p 1)) (lambda () (display "]")))) (lambda (k v) (display "-") (k 1)))  ⇒ []-[]
(handle (begin (effect log.op "a") (effect log.op "b") (display "end")) (log.op (m k) (k #f) (display m)))  ⇒ endba
"""),
)
def test_extents_of_delimited_continuations(program: str, output: str) -> None:
    assert output_of(program) == output


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(abort-to-prompt 'p 1)                                                    ⇒ abort-to-prompt: no prompt around has the tag p
(call-with-prompt 'q (lambda () (abort-to-prompt 'p 1)) list)             ⇒ abort-to-prompt: no prompt around has the tag p
(call-with-prompt 'p 5 list)                                              ⇒ call-with-prompt: argument 2 must be a procedure, but got 5
(effect ask.op)                                                           ⇒ no handler for effect ask.op; handle it with (handle … (on …))
(handle (effect ask.op 1 2) (ask.op (a k) (list k)))                      ⇒ handle: wrong number of arguments: the clause for ask.op doesn't take 2 operands and the resumption
"""),
)
def test_errors_of_delimited_continuations(program: str, message: str) -> None:
    assert error_of(program) == message


def test_a_deep_recursion_that_captures_needs_no_stack() -> None:
    program = """
    (define (count n) (if (= n 0) (amb 0) (+ 1 (count (- n 1)))))
    (count 100000)
    """
    assert value_of(program) == "100000"


def test_a_long_loop_that_captures_takes_constant_space() -> None:
    program = """
    (define (loop n) (if (= n 0) 'done (begin (call/cc (lambda (k) (set! kept k))) (loop (- n 1)))))
    (define kept #f)
    (loop 100000)
    """
    assert value_of(program) == "done"


def test_direct_code_is_the_same_whether_or_not_anything_captures() -> None:
    plain = """
(define (square x) (* x x))
(define (total items) (let loop ((items items) (sum 0)) (if (null? items) sum (loop (cdr items) (+ sum (car items))))))
(define (squares items) (map square items))
(define (twice f x) (f (f x)))
(define (first-negative items) (call/cc (lambda (k) (for-each (lambda (x) (if (< x 0) (k x))) items) #f)))
"""
    capturing = plain + "(define (choice) (amb 1 2))\n(display (twice (lambda (x) (+ x (choice))) 1))\n"
    functions = functions_of(python_of(plain))
    assert functions.items() <= functions_of(python_of(capturing)).items()
    assert set(functions) == {"square", "total", "squares", "_twice_tail", "twice", "first_negative"}


def functions_of(module: str) -> dict[str, str]:
    """The text of each top-level function of a module by its name."""
    found: dict[str, str] = {}
    for part in module.split("\n\n\n"):
        line = next((line for line in part.splitlines() if line.startswith("def ")), None)
        if line:
            found[line.split("(")[0].removeprefix("def ")] = part.strip()
    return found


@pytest.mark.parametrize(
    ("program", "place"),
    [
        ("(define (f x)\n  (list (amb x)\n        (require #f)))\n(f 1)", (3, 9)),
        ("(define (f x)\n  (let ((y (amb x)))\n    (effect ask.op y)))\n(f 1)", (3, 5)),
        ("(define (g h)\n  (+ (amb 1)\n     (h 5 6)))\n(g (lambda (x) x))", (3, 6)),
        ("(define (g h)\n  (+ (amb 1)\n     (h 5)))\n(g 'x)", (3, 6)),
        ("(define (g x)\n  (vector-ref (vector (amb 1))\n     5))\n(g 'x)", (2, 3)),
    ],
)
def test_an_error_is_where_its_step_stands(program: str, place: tuple[int, int]) -> None:
    direct, module = places_of_error(program)
    assert direct == module == place


def test_an_effect_whose_handle_has_ended_starts_nothing_over() -> None:
    program = """
        (define log '())
        (define (run start later)
          (let ((r (handle (start (lambda (x) (effect ask x))) (ask (x k) (list x k)))))
            (set! log (cons 'after log))
            (later r)))"""
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled(program).code(), names)
    with pytest.raises(Abort, match="has ended"):
        names["run"](lambda f: (copy_context(), f), lambda r: r[0].run(r[1], 1))
    assert list(names["log"]) == [Symbol("after")]
